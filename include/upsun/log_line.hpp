#pragma once

#include <optional>
#include <string>

#include <upsun/model/timestamp.hpp>

namespace upsun {

/// One item of an activity's log.
struct log_line {
  /// Its position, for `log_options::start_after`. Empty: the API sent none.
  std::string id{};
  /// When it was written. Absent: the API sent no time that can be read.
  std::optional<upsun::timestamp> timestamp{};
  /// What was written, line ends included: several lines, or a part of one.
  std::string message{};
  friend bool operator==(const log_line&, const log_line&) = default;
};

}  // namespace upsun
