#pragma once

#include <upsun/retry_options.hpp>

#include <algorithm>
#include <chrono>
#include <optional>

#include "retry/verdict.hpp"

namespace upsun::retry {

/// How much later than the backoff a `Retry-After` may put the next attempt: a server cannot park a
/// call for longer.
inline constexpr std::chrono::seconds longest_retry_after(5);

/// A `Retry-After` within what durations can be counted with: 0 to 24 h.
[[nodiscard]] constexpr std::chrono::nanoseconds bounded(
    std::chrono::seconds retry_after) noexcept {
  return std::clamp(retry_after, std::chrono::seconds(0),
                    std::chrono::seconds(std::chrono::hours(24)));
}

/// The delay before retry number `retry`, counted from 0: `dice * min(base * 2^retry, max_delay)`
/// ("full jitter"), or `retry_after` clamped to it and to it plus `longest_retry_after`. `dice` is
/// from [0, 1).
[[nodiscard]] std::chrono::nanoseconds backoff(
    const retry_options& options, verdict why, unsigned retry, double dice,
    std::optional<std::chrono::seconds> retry_after) noexcept;

}  // namespace upsun::retry
