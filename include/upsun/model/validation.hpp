#pragma once

#include <string>
#include <vector>

#include <upsun/error.hpp>

namespace upsun {

/// The API's verdict on whether a stored integration works.
struct validation {
  /// Whether the API found nothing wrong.
  bool valid = false;
  /// What is wrong, by member. Empty when it is valid. Text from outside, not trusted; bounded as
  /// in `server_message`.
  std::vector<field_error> problems{};
  /// What is wrong with the whole. Empty when it is valid. Text from outside, not trusted.
  std::string message{};
  friend bool operator==(const validation&, const validation&) = default;
};

}  // namespace upsun
