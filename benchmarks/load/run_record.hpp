#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "histogram.hpp"
#include "settings.hpp"
#include "usage.hpp"

namespace upsun::load {

/// An interval of the measured time.
struct time_slice {
  seconds end{0};  ///< Since the measured time began.
  seconds length{0};
  std::uint64_t fetched = 0;
  std::uint64_t failed = 0;
  std::chrono::nanoseconds p99{0};

  [[nodiscard]] double rate() const {
    return length.count() > 0 ? static_cast<double>(fetched) / length.count() : 0;
  }
};

/// What one run measured, warm-up excluded.
struct run_record {
  run_settings settings;
  seconds measured{0};
  std::uint64_t fetched = 0;  ///< Within the measured time.
  latency_counts
      latencies;  ///< Of the calls that were due in the measured time and succeeded, then or later.
  std::map<std::string, std::uint64_t>
      errors;  ///< By text; those after the measured time included.
  std::uint64_t unfinished =
      0;      ///< Calls that were due and had not ended when the run stopped waiting for them.
  usage cpu;  ///< Of the threads that run clients, within the measured time.
  std::optional<std::uint64_t> allocations;  ///< The same.
  std::optional<double> bytes_per_call;      ///< Heap of one call that waits for a connection; none
                                             ///< where most do not wait.
  std::uint64_t dials = 0;
  std::uint64_t dial_failures = 0;
  std::uint64_t reuses = 0;
  std::vector<time_slice> timeline;
  bool interrupted = false;

  [[nodiscard]] std::uint64_t failed() const;
  [[nodiscard]] double rate() const {
    return measured.count() > 0 ? static_cast<double>(fetched) / measured.count() : 0;
  }
  /// A total over the measured time, per fetch; zero when there was none.
  [[nodiscard]] double per_fetch(double total) const {
    return fetched > 0 ? total / static_cast<double>(fetched) : 0;
  }
  [[nodiscard]] seconds cpu_time() const { return cpu.user + cpu.system; }
};

}  // namespace upsun::load
