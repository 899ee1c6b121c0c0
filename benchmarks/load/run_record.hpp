#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "call_phase.hpp"
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
  /// Of the calls that were due in the measured time and succeeded here; none: no call did.
  std::optional<std::chrono::nanoseconds> p50{};
  std::optional<std::chrono::nanoseconds> p99{};
  seconds cpu{0};                             ///< As `run_record::cpu`.
  std::optional<latency_counts> latencies{};  ///< With `run_settings::slice_latencies`, until
                                              ///< they are packed.
  std::string packed{};                       ///< See `pack`.

  [[nodiscard]] double rate() const {
    return length.count() > 0 ? static_cast<double>(fetched) / length.count() : 0;
  }
};

/// A part of what a run measured: one operation, or one stage.
struct part_record {
  std::string name{};
  seconds length{0};
  std::uint64_t fetched = 0;
  std::uint64_t failed = 0;
  latency_counts latencies{};

  [[nodiscard]] double rate() const {
    return length.count() > 0 ? static_cast<double>(fetched) / length.count() : 0;
  }
};

/// What one run measured, warm-up excluded.
struct run_record {
  run_settings settings;
  seconds started{0};  ///< When the measured time began, since the epoch.
  seconds measured{0};
  std::uint64_t fetched = 0;  ///< Within the measured time.
  latency_counts
      latencies;  ///< Of the calls that were due in the measured time and succeeded, then or later.
  std::array<latency_counts, 2> halves;  ///< The same, by the half of the measured time in which
                                         ///< the calls were due.
  std::array<latency_counts, phase_count> phases;  ///< Of the calls that succeeded within the
                                                   ///< measured time; of dials, if there was none
                                                   ///< then, those before.
  std::uint64_t blocked = 0;  ///< Open loop: calls that were due when all slots were taken.
  std::vector<part_record> operations;          ///< Of a mix.
  std::vector<part_record> stages;              ///< Of calls that ended in it.
  std::map<std::string, std::uint64_t> errors;  ///< By text, of the calls that were due in the
                                                ///< measured time and failed, then or later.
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
  bool interrupted = false;  ///< In the measured time, or while it waited for calls to end.

  [[nodiscard]] std::uint64_t failed() const;
  [[nodiscard]] double rate() const {
    return measured.count() > 0 ? static_cast<double>(fetched) / measured.count() : 0;
  }
  /// A total over the measured time, per fetch; zero when there was none.
  [[nodiscard]] double per_fetch(double total) const {
    return fetched > 0 ? total / static_cast<double>(fetched) : 0;
  }
  [[nodiscard]] const latency_counts& phase(call_phase which) const {
    return phases[static_cast<std::size_t>(which)];
  }
  /// The part of the calls that failed or did not end.
  [[nodiscard]] double error_rate() const;
  [[nodiscard]] seconds cpu_time() const { return cpu.user + cpu.system; }
};

}  // namespace upsun::load
