#pragma once

#include <string>
#include <tuple>
#include <type_traits>

#include <upsun/model/activity.hpp>
#include <upsun/model/integration.hpp>

namespace upsun::codec {

/// Optional members that the API always sends, perhaps as null: what their C++ type does not say.
inline constexpr std::tuple always_sent_members(&integration::created_at, &integration::updated_at,
                                                &github_settings::base_url,
                                                &gitlab_settings::token_expires_at,
                                                &email_settings::from_address,
                                                &webhook_settings::shared_key);

template <class A, class B>
constexpr bool same_member(A a, B b) {
  if constexpr (std::is_same_v<A, B>) {
    return a == b;
  } else {
    return false;
  }
}

/// Whether encoding writes null where this optional member is empty.
template <class Pointer>
constexpr bool is_always_sent(Pointer member) {
  return std::apply([member](auto... sent) { return (same_member(member, sent) || ...); },
                    always_sent_members);
}

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

/// Whether decoding demands this member. Of the common ones it demands only those that are not
/// optional: servers leave the others out.
template <class Owner, class T>
constexpr bool is_required(T Owner::*member) {
  if (same_member(member, &activity::environments)) return false;  // empty says the same
  return !is_optional<T> || (is_always_sent(member) && !std::is_same_v<Owner, integration>);
}

}  // namespace upsun::codec
