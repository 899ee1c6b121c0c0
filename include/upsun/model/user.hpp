#pragma once

#include <optional>
#include <string>

#include <upsun/model/described.hpp>

namespace upsun {

/// The user whom the credentials belong to. Members have the API's names; all but `id` may be
/// missing.
struct user {
  std::string id{};
  std::optional<bool> deactivated{};
  std::optional<std::string> namespace_{};  // NOLINT(readability-identifier-naming): a keyword
  std::optional<std::string> username{};
  std::optional<std::string> email{};
  std::optional<bool> email_verified{};
  std::optional<std::string> first_name{};
  std::optional<std::string> last_name{};
  std::optional<std::string> picture{};
  std::optional<std::string> company{};
  std::optional<std::string> website{};
  std::optional<std::string> country{};
  std::optional<timestamp> created_at{};
  std::optional<timestamp> updated_at{};
  std::optional<timestamp> consented_at{};
  std::optional<std::string> consent_method{};
};
BOOST_DESCRIBE_STRUCT(user, (),
                      (id, deactivated, namespace_, username, email, email_verified, first_name,
                       last_name, picture, company, website, country, created_at, updated_at,
                       consented_at, consent_method))

}  // namespace upsun
