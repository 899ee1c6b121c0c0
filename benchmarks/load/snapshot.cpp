#include "snapshot.hpp"

#include <utility>

namespace upsun::load {
namespace {

/// Does something for each operation of the mix, with its record.
template <class Action>
void for_each_operation(snapshot& in, const operation_mix& mix, Action action) {
  std::size_t next = 0;
  for (std::size_t i = 0; i < operation_count; ++i) {
    if (mix.weights[i] == 0) continue;
    if (next == in.operations.size()) in.operations.emplace_back().name = operation_names[i];
    action(i, in.operations[next++]);
  }
}

}  // namespace

snapshot take_counters(const counted& from) {
  snapshot now;
  now.at = std::chrono::steady_clock::now();
  now.cpu = usage_of_other_threads();
  for_each_operation(now, from.mix, [&](std::size_t which, part_record& sum) {
    for (const thread_counts& each : from.threads) {
      sum.fetched += each.operations[which].fetched.load(std::memory_order_relaxed);
      sum.failed += each.operations[which].failed.load(std::memory_order_relaxed);
    }
    now.all.fetched += sum.fetched;
    now.all.failed += sum.failed;
  });
  for (const thread_counts& each : from.threads) {
    now.blocked += each.blocked.load(std::memory_order_relaxed);
    now.allocations += each.allocations.load(std::memory_order_relaxed);
  }
  for (const auto& each : from.lanes) {
    const client_statistics seen = each->statistics();
    now.clients.dials += seen.dials;
    now.clients.dial_failures += seen.dial_failures;
    now.clients.reuses += seen.reuses;
  }
  return now;
}

void add_latencies(snapshot& to, const counted& from) {
  for_each_operation(to, from.mix, [&](std::size_t which, part_record& sum) {
    for (const thread_counts& each : from.threads)
      sum.latencies.add(each.operations[which].latencies);
    to.all.latencies.add(sum.latencies);
  });
}

void add_phases(snapshot& to, const counted& from) {
  for (const thread_counts& each : from.threads) {
    for (std::size_t i = 0; i < phase_count; ++i) to.phases[i].add(each.phases[i]);
  }
}

part_record between(const part_record& from, const part_record& to) {
  return {.name = to.name,
          .fetched = to.fetched - from.fetched,
          .failed = to.failed - from.failed,
          .latencies = to.latencies.since(from.latencies)};
}

time_slice slice_between(const snapshot& first, const snapshot& from, const snapshot& to,
                         bool with_latencies) {
  part_record here = between(from.all, to.all);
  time_slice made{.end = to.at - first.at,
                  .length = to.at - from.at,
                  .fetched = here.fetched,
                  .failed = here.failed};
  if (here.latencies.total() > 0) {
    made.p50 = here.latencies.quantile(.5);
    made.p99 = here.latencies.quantile(.99);
  }
  const usage cpu = to.cpu - from.cpu;
  made.cpu = cpu.user + cpu.system;
  if (with_latencies) made.latencies = std::move(here.latencies);
  return made;
}

void fill_in(run_record& record, const snapshot& first, const snapshot& last) {
  record.measured = last.at - first.at;
  record.fetched = last.all.fetched - first.all.fetched;
  record.cpu = last.cpu - first.cpu;
  record.blocked = last.blocked - first.blocked;
  for (std::size_t i = 0; i < last.operations.size() && last.operations.size() > 1; ++i) {
    record.operations.push_back(between(first.operations[i], last.operations[i]));
    record.operations.back().length = record.measured;
  }
  for (std::size_t i = 0; i < phase_count; ++i) {
    record.phases[i] = last.phases[i].since(first.phases[i]);
    if (record.phases[i].total() == 0 && i >= static_cast<std::size_t>(call_phase::dial))
      record.phases[i] = last.phases[i];
  }
  if (allocations_are_counted()) record.allocations = last.allocations - first.allocations;
  record.dials = last.clients.dials - first.clients.dials;
  record.dial_failures = last.clients.dial_failures - first.clients.dial_failures;
  record.reuses = last.clients.reuses - first.clients.reuses;
}

}  // namespace upsun::load
