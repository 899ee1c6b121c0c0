#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "lane.hpp"
#include "run_record.hpp"

namespace upsun::load {

/// All counters at one time.
struct snapshot {
  time_point at{};
  part_record all;                      ///< Without a name.
  std::vector<part_record> operations;  ///< Those of the mix.
  std::array<latency_counts, phase_count> phases;
  std::uint64_t blocked = 0;
  std::uint64_t allocations = 0;
  usage cpu;
  client_statistics clients;  ///< Only dials, dial failures and reuses.
};

/// What is counted while a run lasts.
struct counted {
  const operation_mix& mix;
  error_log errors{};
  std::deque<thread_counts> threads{};
  std::vector<std::unique_ptr<lane>> lanes{};
};

/// The counters without latencies, which take time to read: what is read together belongs together.
[[nodiscard]] snapshot take_counters(const counted& from);
/// Adds the latencies of now.
void add_latencies(snapshot& to, const counted& from);
void add_phases(snapshot& to, const counted& from);

[[nodiscard]] part_record between(const part_record& from, const part_record& to);
/// \param first where the measured time begins
[[nodiscard]] time_slice slice_between(const snapshot& first, const snapshot& from,
                                       const snapshot& to, bool with_latencies);
/// Fills in what was counted in the measured time. \param last with latencies and phases
void fill_in(run_record& record, const snapshot& first, const snapshot& last);

}  // namespace upsun::load
