#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <upsun/error.hpp>
#include <upsun/model/activity.hpp>
#include <upsun/model/integration.hpp>

namespace upsun {

/// What the API answers when it has accepted a change. The change is made, whatever the answer
/// looks like: what of it cannot be read stands in `unread` and never makes a failure of the call.
struct accepted_change {
  std::string status{};   ///< The API's word, such as "created"; empty when it sent none.
  std::int64_t code = 0;  ///< The API's own code, or else the HTTP status.
  std::optional<integration>
      entity{};  ///< The integration as it now is, its id included, when the API embedded it. Where
                 ///< it breaks the API's contract, its settings are `unknown_settings`, whatever
                 ///< `decode_policy` says.
  std::vector<activity> activities{};  ///< What the change set off.
  std::vector<error>
      unread{};  ///< Parts that could not be read, each with its place (`error::decode()`).
};

}  // namespace upsun
