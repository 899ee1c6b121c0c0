#pragma once

#include <string>
#include <vector>

#include <upsun/error.hpp>

namespace upsun {

/// The API's verdict on an integration as it is stored: whether its settings work, as far as the
/// API can tell.
struct validation {
  bool valid = false;  ///< The API found nothing wrong.
  std::vector<field_error>
      problems{};  ///< What is wrong, by member; text from outside, never trusted, bounded in
                   ///< length and number. Empty when valid.
  std::string
      message{};  ///< What the API says of the whole; text from outside as well. Empty when valid.
  friend bool operator==(const validation&, const validation&) = default;
};

}  // namespace upsun
