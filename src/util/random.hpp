#pragma once

#include <openssl/rand.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <optional>
#include <random>

#include "util/process_mark.hpp"

namespace upsun::util {

/// Random bits for names and for what decides by chance: trace ids, jitter and spread, never
/// secrets. Thread safety: each thread has a generator of its own. A forked child seeds it anew,
/// since it would draw the same as its parent and its siblings.
inline std::uint64_t random_bits() {
  thread_local std::mt19937_64 dice;
  thread_local std::optional<process_mark> seeded;
  if (!seeded || !seeded->made_here()) {
    // Not by std::random_device, which may need a descriptor when there is none left.
    std::array<unsigned char, 32> seeds{};
    if (RAND_bytes(seeds.data(), static_cast<int>(seeds.size())) != 1) {
      const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
      std::memcpy(seeds.data(), &now, sizeof now);
    }
    std::seed_seq sequence(seeds.begin(), seeds.end());
    dice.seed(sequence);
    seeded.emplace();
  }
  return dice();
}

/// A number from [0, 1).
inline double roll() { return static_cast<double>(random_bits() >> 11U) * 0x1p-53; }

}  // namespace upsun::util
