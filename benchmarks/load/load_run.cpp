#include "load_run.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "lane.hpp"

namespace upsun::load {
namespace {

namespace asio = boost::asio;
using clock = std::chrono::steady_clock;

/// How long to wait for calls that are under way at the end of the measured time.
constexpr std::chrono::seconds longest_drain{10};
constexpr std::chrono::seconds longest_drain_when_interrupted{1};

/// All counters at one time.
struct snapshot {
  time_point at{};
  latency_counts latencies;
  std::uint64_t fetched = 0;
  std::uint64_t failed = 0;
  std::uint64_t allocations = 0;
  usage cpu;
  std::map<std::string, std::uint64_t> errors;
  client_statistics clients;  ///< Only dials, dial failures and reuses.
};

/// The i-th of n parts of a whole, as equal as possible.
template <class Number>
Number part_of(Number whole, std::size_t i, std::size_t n) {
  return static_cast<Number>(whole / n + (i < whole % n ? 1 : 0));
}

/// One run: the lanes, the threads that run them, and this thread, which only reads their counters.
class run {
 public:
  run(const target& where, const run_settings& settings, asio::io_context& control)
      : settings_(settings),
        control_(control),
        counts_(settings.threads),
        lanes_left_(settings.shared ? 1 : settings.threads) {
    client_config config{.base_url = where.url,
                         .tls = {.ca_file = where.ca_file, .ca_pem = where.ca_pem}};
    if (!where.token.empty()) config.credentials = bearer_token(where.token.reveal());
    config.retry.max_attempts = settings.attempts;
    const std::size_t clients = lanes_left_;
    for (std::size_t i = 0; i < clients; ++i) {
      pace wanted{.slots = part_of(settings.concurrency, i, clients),
                  .rate = settings.rate / static_cast<double>(clients)};
      if (settings.requests > 0) wanted.limit = part_of(settings.requests, i, clients);
      config.pool.max_connections = part_of(settings.connections, i, clients);
      config.http = where.http;
      config.pool.max_waiters = wanted.slots;
      lanes_.push_back(std::make_unique<lane>(
          where, config, wanted, static_cast<int>(settings.threads / clients), errors_,
          [this] { asio::post(control_, [this] { --lanes_left_; }); }));
    }
  }
  run(const run&) = delete;
  run& operator=(const run&) = delete;
  ~run() {
    for (const auto& each : lanes_) each->close();
    for (std::thread& each : threads_) each.join();
    control_.poll();  // runs what lanes have posted to this run
  }

  run_record measure(const bool& interrupted, progress_line& progress, const std::string& name) {
    for (std::size_t i = 0; i < settings_.threads; ++i)
      threads_.emplace_back([this, i] { lanes_[i % lanes_.size()]->run(counts_[i]); });
    const bool counted = settings_.requests > 0;
    const time_point begin = clock::now() + std::chrono::duration_cast<clock::duration>(
                                                counted ? seconds(0) : settings_.warmup);
    const time_point end =
        counted ? time_point::max()
                : begin + std::chrono::duration_cast<clock::duration>(settings_.duration);
    snapshot first = take();
    if (counted) measure_from(first.at);
    for (std::size_t i = 0; i < lanes_.size(); ++i) lanes_[i]->start(clock::now() + offset(i));
    if (!counted) {
      progress.show(name + "warming up");
      wait(interrupted, begin);
      first = take();
      measure_from(first.at);
    }

    run_record record;
    record.settings = settings_;
    const auto tick =
        std::chrono::milliseconds(counted || settings_.duration > seconds(60) ? 1000 : 250);
    snapshot last = first;
    for (time_point until = first.at + tick; !interrupted && lanes_left_ > 0 && last.at < end;
         until += tick) {
      wait(interrupted, std::min(until, end));
      snapshot now = take();
      record.timeline.push_back(slice(first, last, now));
      progress.show(progress_text(name, record.timeline.back(), now.failed - first.failed));
      last = std::move(now);
    }
    record.interrupted = interrupted;
    finish(record, first, last, interrupted);
    return record;
  }

 private:
  /// The calls of an open loop go to the lanes in rotation.
  [[nodiscard]] clock::duration offset(std::size_t lane) const {
    return settings_.rate > 0 ? std::chrono::duration_cast<clock::duration>(
                                    seconds(static_cast<double>(lane) / settings_.rate))
                              : clock::duration(0);
  }

  void measure_from(time_point when) {
    for (const auto& each : lanes_) each->measure_from(when);
  }

  /// Waits until then, or until all calls are done, or the run is interrupted.
  void wait(const bool& interrupted, time_point until) {
    while (!interrupted && lanes_left_ > 0 && control_.run_one_until(until) > 0) {
    }
  }

  [[nodiscard]] snapshot take() const {
    snapshot now;
    now.errors = errors_.counts();
    now.at = clock::now();
    now.cpu = usage_of_other_threads();
    for (const thread_counts& each : counts_) {
      now.latencies.add(each.latencies);
      now.fetched += each.fetched.load(std::memory_order_relaxed);
      now.failed += each.failed.load(std::memory_order_relaxed);
      now.allocations += each.allocations.load(std::memory_order_relaxed);
    }
    for (const auto& each : lanes_) {
      const client_statistics seen = each->statistics();
      now.clients.dials += seen.dials;
      now.clients.dial_failures += seen.dial_failures;
      now.clients.reuses += seen.reuses;
    }
    return now;
  }

  static time_slice slice(const snapshot& first, const snapshot& from, const snapshot& to) {
    return {.end = to.at - first.at,
            .length = to.at - from.at,
            .fetched = to.fetched - from.fetched,
            .failed = to.failed - from.failed,
            .p99 = to.latencies.since(from.latencies).quantile(.99)};
  }

  /// Fills in what was counted in the measured time, then waits for the calls under way.
  void finish(run_record& record, const snapshot& first, const snapshot& last,
              const bool& interrupted) {
    record.measured = last.at - first.at;
    record.fetched = last.fetched - first.fetched;
    record.cpu = last.cpu - first.cpu;
    if (allocations_are_counted()) record.allocations = last.allocations - first.allocations;
    record.dials = last.clients.dials - first.clients.dials;
    record.dial_failures = last.clients.dial_failures - first.clients.dial_failures;
    record.reuses = last.clients.reuses - first.clients.reuses;

    for (const auto& each : lanes_) each->stop();
    const bool patient = false;
    wait(record.interrupted ? patient : interrupted,
         clock::now() + (record.interrupted ? longest_drain_when_interrupted : longest_drain));
    for (const auto& each : lanes_) record.unfinished += each->unfinished();
    const snapshot drained = take();
    record.latencies = drained.latencies;
    for (const auto& [text, count] : drained.errors) {
      const auto before = first.errors.find(text);
      const std::uint64_t news = count - (before == first.errors.end() ? 0 : before->second);
      if (news > 0) record.errors[text] = news;
    }
    const bool most_wait =
        settings_.rate == 0 && settings_.concurrency >= 10 * settings_.connections;
    if (most_wait && lanes_.size() == 1) record.bytes_per_call = lanes_.front()->bytes_per_call();
  }

  const run_settings& settings_;
  asio::io_context& control_;
  error_log errors_;
  std::deque<thread_counts> counts_;
  std::vector<std::unique_ptr<lane>> lanes_;
  std::vector<std::thread> threads_;
  std::size_t lanes_left_;
};

}  // namespace

std::vector<run_record> run_load(const target& where, const std::vector<run_settings>& runs,
                                 progress_line& progress) {
  bool interrupted = false;
  asio::io_context control(1);
  const auto work = asio::make_work_guard(control);
  asio::signal_set signals(control, SIGINT, SIGTERM, SIGHUP);
  signals.async_wait([&](const boost::system::error_code& failure, int) {
    interrupted = !failure;
    signals.clear();  // a second one ends the program at once
  });
  std::vector<run_record> records;
  for (const run_settings& settings : runs) {
    if (interrupted) break;
    const std::string name = runs.size() > 1 ? std::to_string(records.size() + 1) + " of " +
                                                   std::to_string(runs.size()) + ": "
                                             : "";
    records.push_back(run(where, settings, control).measure(interrupted, progress, name));
  }
  progress.clear();
  return records;
}

}  // namespace upsun::load
