#pragma once

#include <cstdint>

#include "settings.hpp"

namespace upsun::load {

/// The resources that threads have used so far.
struct usage {
  seconds user{0};
  seconds system{0};
  std::uint64_t voluntary_switches = 0;    ///< A thread waited.
  std::uint64_t involuntary_switches = 0;  ///< A thread was made to wait.

  friend usage operator-(const usage& later, const usage& earlier);
};

/// Of all threads of this process but the calling one, those that have ended included.
[[nodiscard]] usage usage_of_other_threads();

}  // namespace upsun::load
