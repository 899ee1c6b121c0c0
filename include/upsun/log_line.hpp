#pragma once

#include <optional>
#include <string>

#include <upsun/model/timestamp.hpp>

namespace upsun {

/// One entry of an activity's log.
struct log_line {
  std::string
      id{};  ///< Where it stands, for `log_options::start_after`; empty when the API sent none.
  std::optional<upsun::timestamp>
      timestamp{};  ///< When it was written; absent when the API sent no time that can be read.
  std::string message{};  ///< What was written, with its line ends: it may hold several lines, or a
                          ///< part of one.
  friend bool operator==(const log_line&, const log_line&) = default;
};

}  // namespace upsun
