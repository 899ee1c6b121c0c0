#pragma once

#include <CLI/CLI.hpp>

#include <cmath>
#include <string>

namespace upsun {

/// Refuses NaN, which every check of a range lets through.
inline CLI::Validator real_number() {
  return CLI::Validator(
      [](std::string& text) {
        double value = 0;
        const bool nan = CLI::detail::lexical_cast(text, value) && std::isnan(value);
        return nan ? text + " is not a number" : std::string();
      },
      "");
}

}  // namespace upsun
