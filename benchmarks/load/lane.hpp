#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <upsun/client.hpp>

#include <array>
#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "allocations.hpp"
#include "call_phase.hpp"
#include "histogram.hpp"
#include "pacer.hpp"
#include "settings.hpp"

namespace upsun::load {

/// What one thread counts, of the measured time unless said otherwise.
struct alignas(64) thread_counts {
  struct of_operation {
    latency_histogram latencies;
    counter fetched{0};
    counter failed{0};
  };
  std::array<of_operation, operation_count> operations;
  /// The same latencies, of the calls that were due in each half of the measured time.
  std::array<latency_histogram, 2> halves;
  std::array<latency_histogram, phase_count> phases;  ///< All but `start` of the warm-up, too.
  counter blocked{0};  ///< Calls that were due when all slots were taken.
  counter allocations{0};
};

/// Errors by text, for all threads, of the calls that were due in the measured time.
class error_log {
 public:
  void add(const std::string& text) {
    const std::scoped_lock lock(mutex_);
    ++counts_[text];
  }
  [[nodiscard]] std::map<std::string, std::uint64_t> counts() const {
    const std::scoped_lock lock(mutex_);
    return counts_;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::uint64_t> counts_;
};

/// One client with the calls made through it. Its context may be run by several threads.
class lane {
 public:
  /// \param on_done called once, by a thread that runs the lane, when all calls have ended and none
  /// begins any more.
  lane(const target& where, client_config config, const pace& wanted, int threads,
       error_log& errors, std::function<void()> on_done);

  /// Runs the context until the lane is closed, and counts what this thread does there.
  void run(thread_counts& counts);
  /// Begins to call, in an open loop from this time on; before or after `run` was entered. No call
  /// that is due at the end or later begins.
  void start(time_point first_due, time_point end);
  /// Counts calls that end then or later, and records the latency or the error of those that are
  /// due then or later.
  /// \param second_half when the second half of the measured time begins
  void measure_from(time_point when, time_point second_half) {
    measured_from_.store(when, std::memory_order_relaxed);
    second_half_from_.store(second_half, std::memory_order_relaxed);
  }
  /// Begins no call that is due from now on.
  void stop();
  /// Cancels what is still under way, begins nothing more, and lets `run` return. Last of all: what
  /// was due and has not begun is `unfinished` no longer.
  void close();

  [[nodiscard]] client_statistics statistics() const { return client_.statistics(); }
  [[nodiscard]] std::uint64_t unfinished() const;
  /// Heap that each call took when all slots had begun one and none had ended; for a closed loop.
  [[nodiscard]] std::optional<double> bytes_per_call() const { return bytes_per_call_; }

 private:
  void begin_due();
  void begun(const pacer::call& which, time_point now);
  void call(const pacer::call& which);
  void completed(operation what, const error* failure, time_point due);
  void after_change(time_point now);

  const target& where_;
  const project_id project_;
  std::vector<integration_ref> integrations_;
  pace pace_;
  error_log& errors_;
  std::function<void()> on_done_;
  boost::asio::io_context context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  client client_;
  std::optional<double> bytes_per_call_;
  std::atomic<time_point> measured_from_{time_point::max()};
  std::atomic<time_point> second_half_from_{time_point::max()};

  mutable std::mutex mutex_;  // guards the members below
  pacer pacer_;
  boost::asio::steady_timer timer_;
  bool waiting_ = false;
  bool done_ = false;
};

}  // namespace upsun::load
