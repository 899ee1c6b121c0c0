#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "run_record.hpp"

namespace upsun::load {

/// A statement about a run, such as "p99>50ms".
struct condition {
  enum class metric : std::uint8_t { quantile, max, mean, errors, rate };
  enum class comparison : std::uint8_t { less, at_most, more, at_least };

  std::string text;  ///< As given.
  metric what = metric::quantile;
  double part = 0;  ///< Of `quantile`, from 0 to 1.
  comparison how = comparison::less;
  double bound = 0;  ///< In microseconds, in percent for `errors`, in calls a second for `rate`.
};

/// \param text a metric (p and a percentage, max, mean, errors, rate), one of < <= > >=, and a
/// number with a unit: us, ms or s for latency, % for errors, /s or nothing for the rate
/// \throws std::invalid_argument that says what is wrong
[[nodiscard]] condition parse_condition(std::string_view text);

/// What the condition is about, in the unit of its bound. Empty: a latency, and no call succeeded.
[[nodiscard]] std::optional<double> value_of(const condition& which, const run_record& run);
/// Whether it holds; empty: that cannot be said.
[[nodiscard]] std::optional<bool> holds(const condition& which, const run_record& run);
/// The value with its metric and unit, such as "p99 is 61.2 ms".
[[nodiscard]] std::string value_text(const condition& which, const run_record& run);

/// What became of a threshold: a condition that must not hold.
struct threshold_result {
  std::string text;   ///< The condition as given.
  std::string run;    ///< The run's name; empty for the only one.
  std::string value;  ///< As `value_text`.
  bool failed = false;

  /// Such as "failed: p99>50ms (p99 is 61.2 ms)".
  [[nodiscard]] std::string line() const;
};
/// A threshold on latency fails where no call succeeded.
[[nodiscard]] threshold_result judge(const condition& threshold, const run_record& run,
                                     std::string name);

}  // namespace upsun::load
