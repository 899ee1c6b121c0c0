#pragma once

#include <string>
#include <utility>

#include <upsun/error.hpp>

namespace upsun::model {

/// An error with a phase and a cause, and nothing else known so far.
[[nodiscard]] inline error make_error(errc code, phase where, std::string cause) {
  error_details details;
  details.phase = where;
  details.cause = std::move(cause);
  return {code, std::move(details)};
}

/// An argument or option was refused before anything was sent. \param cause names it and says what
/// it must be.
[[nodiscard]] inline error refused_argument(std::string cause) {
  return make_error(errc::invalid_argument, phase::admission, std::move(cause));
}

}  // namespace upsun::model
