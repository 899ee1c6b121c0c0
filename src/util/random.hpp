#pragma once

#include <random>

namespace upsun::util {

/// A number from [0, 1), for what decides by chance: jitter and spread, never secrets. Thread
/// safety: each thread has a generator of its own.
inline double roll() {
  thread_local std::minstd_rand dice{std::random_device{}()};
  return std::uniform_real_distribution<>(0.0, 1.0)(dice);
}

}  // namespace upsun::util
