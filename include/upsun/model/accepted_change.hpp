#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <upsun/error.hpp>
#include <upsun/model/activity.hpp>
#include <upsun/model/integration.hpp>

namespace upsun {

/// The API's response to a change that it has accepted. The change is made, whatever the response
/// looks like: a part of it that cannot be read is listed in `unread`, and never makes the call
/// fail.
struct accepted_change {
  /// The API's `status`, such as "created". Empty: it sent none.
  std::string status{};
  /// The API's `code`, or the HTTP status when it sent none.
  std::int64_t code = 0;
  /// The integration as it is after the change, with its id. Empty: the API did not embed it. One
  /// that differs from what this version expects has `unknown_settings`, whatever `decode_policy`
  /// says.
  std::optional<integration> entity{};
  /// The activities that the change set off.
  std::vector<activity> activities{};
  /// The parts that could not be read; `error::decode()` says where each is.
  std::vector<error> unread{};
};

}  // namespace upsun
