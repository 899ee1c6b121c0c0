#pragma once

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include <upsun/model/access_grant.hpp>
#include <upsun/model/activity.hpp>
#include <upsun/model/environment.hpp>
#include <upsun/model/integration.hpp>
#include <upsun/model/integration_input.hpp>
#include <upsun/model/organization.hpp>
#include <upsun/model/project.hpp>
#include <upsun/model/project_capabilities.hpp>
#include <upsun/model/user.hpp>

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

template <class T>
inline constexpr bool is_collection = false;
template <class T>
inline constexpr bool is_collection<std::vector<T>> = true;
template <class T>
inline constexpr bool is_collection<std::map<std::string, T>> = true;

/// The types whose lists and maps may be missing or null, which means empty.
using tolerates_missing_collections =
    boost::mp11::mp_list<activity, organization, organization_project, access_grant, http_access,
                         deployment_state, image_types, integrations_capability>;

template <class Owner, class T>
inline constexpr bool may_be_missing =
    is_collection<T>&& boost::mp11::mp_contains<tolerates_missing_collections, Owner>::value;

/// Whether decoding demands this member.
template <class Owner, class T>
constexpr bool is_required(T Owner::*) {
  return !is_optional<T> && !may_be_missing<Owner, T>;
}

template <class Pointer>
inline constexpr bool points_to_raw = false;
template <class Owner>
inline constexpr bool points_to_raw<raw_json Owner::*> = true;

/// Whether a described member is kept as JSON text.
template <class Described>
using is_raw_member =
    std::bool_constant<points_to_raw<std::remove_cv_t<decltype(Described::pointer)>>>;

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
