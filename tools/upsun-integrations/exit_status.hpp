#pragma once

#include <stdexcept>

#include <upsun/error.hpp>

namespace upsun::tool {

/// The exit status, for scripts. Values are stable.
enum class exit_status {
  fine = 0,
  failed = 1,         ///< Any other failure.
  usage = 2,          ///< The command line cannot be used; nothing was sent.
  not_found = 3,      ///< No such project, integration or activity.
  not_permitted = 4,  ///< No token, one that was refused, or one that may not do this.
  invalid = 5,        ///< A member has a value that is refused.
  timeout = 6,
  unreachable = 7,  ///< The server could not be reached or verified: name, connection, TLS.
  activity_failed = 8,
  /// All was walked over, but for parts that are forbidden, gone or suspended.
  incomplete = 9,
  interrupted = 130,
};

/// The exit status of a program that failed with this error.
[[nodiscard]] exit_status exit_status_of(const error& failure);

/// A command line that cannot be used; the text says why.
class usage_error : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

}  // namespace upsun::tool
