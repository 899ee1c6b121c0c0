#pragma once

#include <stdexcept>

#include <upsun/error.hpp>

namespace upsun::tool {

/// What the program ends with, for scripts. Values are stable.
enum class exit_status {
  fine = 0,
  failed = 1,         ///< Anything that has no number of its own.
  usage = 2,          ///< The command line cannot be used; nothing was sent.
  not_found = 3,      ///< No such project, integration or activity.
  not_permitted = 4,  ///< No token, one that was refused, or one that may not do this.
  invalid = 5,        ///< A member has a value that is refused.
  timeout = 6,
  unreachable = 7,  ///< The server could not be reached or proved wrong: name, connection, TLS.
  activity_failed = 8,
  interrupted = 130,
};

/// What a program ends with that failed by this error.
[[nodiscard]] exit_status exit_status_of(const error& failure);

/// Something the user has to say otherwise; the text says what.
class usage_error : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

}  // namespace upsun::tool
