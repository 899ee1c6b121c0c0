#pragma once

#include <cstdint>
#include <optional>
#include <tuple>
#include <type_traits>

#include <upsun/model/activity.hpp>
#include <upsun/model/integration.hpp>
#include <upsun/model/integration_input.hpp>

// What the API's contract says of members beyond their C++ type.

namespace upsun::codec {

template <class A, class B>
constexpr bool same_member(A a, B b) {
  if constexpr (std::is_same_v<A, B>) {
    return a == b;
  } else {
    return false;
  }
}

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

/// Optional members that the API sends as null when they are empty.
inline constexpr std::tuple always_sent_members(&integration::created_at, &integration::updated_at,
                                                &github_settings::base_url,
                                                &gitlab_settings::token_expires_at,
                                                &email_settings::from_address,
                                                &webhook_settings::shared_key);

/// Whether encoding writes null where this optional member is empty.
template <class Pointer>
constexpr bool is_always_sent(Pointer member) {
  return std::apply([member](auto... sent) { return (same_member(member, sent) || ...); },
                    always_sent_members);
}

/// Whether decoding demands this member.
template <class Owner, class T>
constexpr bool is_required(T Owner::*member) {
  return !is_optional<T> && !same_member(member, &activity::environments);  // missing means empty
}

/// The values that a request may give an integer member.
struct integer_range {
  std::int64_t least;
  std::int64_t most;
};

/// Those that the official command line checks.
template <class Pointer>
constexpr std::optional<integer_range> range_of(Pointer member) {
  if (same_member(member, &syslog_fields::port)) return integer_range{0, 65535};
  if (same_member(member, &syslog_fields::facility)) return integer_range{0, 23};
  return std::nullopt;
}

}  // namespace upsun::codec
