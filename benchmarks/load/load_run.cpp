#include "load_run.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>

#include <algorithm>
#include <array>
#include <deque>
#include <exception>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "hdr_log.hpp"
#include "schedule.hpp"
#include "snapshot.hpp"

namespace upsun::load {
namespace {

namespace asio = boost::asio;
using clock = std::chrono::steady_clock;

/// How long to wait for calls that are under way at the end of the measured time.
constexpr std::chrono::seconds longest_drain{10};
constexpr std::chrono::seconds longest_drain_when_interrupted{1};

/// The i-th of n parts of a whole, as equal as possible.
template <class Number>
Number part_of(Number whole, std::size_t i, std::size_t n) {
  return static_cast<Number>(whole / n + (i < whole % n ? 1 : 0));
}

/// The warm-up has the rate with which the stages begin.
schedule plan_of(const run_settings& settings) {
  if (settings.stages.empty()) return settings.rate > 0 ? schedule(settings.rate) : schedule();
  std::vector<stage> all = settings.stages;
  const double first = all.front().from;
  all.insert(all.begin(), {first, first, settings.warmup});
  return schedule(all);
}

/// One run: the lanes, the threads that run them, and this thread, which only reads their counters.
class run {
 public:
  run(const target& where, const run_settings& settings, asio::io_context& control)
      : settings_(settings),
        control_(control),
        counts_{.mix = where.mix},
        lanes_left_(settings.shared ? 1 : settings.threads) {
    counts_.threads.resize(settings.threads);
    client_config config{.base_url = where.url,
                         .tls = {.ca_file = where.ca_file, .ca_pem = where.ca_pem}};
    if (!where.token.empty()) config.credentials = bearer_token(where.token.reveal());
    config.retry.max_attempts = settings.attempts;
    const std::size_t clients = lanes_left_;
    for (std::size_t i = 0; i < clients; ++i) {
      pace wanted{.slots = part_of(settings.concurrency, i, clients),
                  .plan = plan_of(settings),
                  .first = i,
                  .step = clients};
      if (settings.requests > 0) wanted.limit = part_of(settings.requests, i, clients);
      config.pool.max_connections = part_of(settings.connections, i, clients);
      config.http = where.http;
      config.pool.max_waiters = wanted.slots;
      counts_.lanes.push_back(std::make_unique<lane>(
          where, config, wanted, static_cast<int>(settings.threads / clients), counts_.errors,
          [this] { asio::post(control_, [this] { --lanes_left_; }); }));
    }
  }
  run(const run&) = delete;
  run& operator=(const run&) = delete;
  ~run() {
    for (const auto& each : counts_.lanes) each->close();
    for (std::thread& each : threads_) each.join();
    control_.poll();  // runs what lanes have posted to this run
  }

  run_record measure(const bool& interrupted, progress_line& progress, const std::string& name) {
    for (std::size_t i = 0; i < settings_.threads; ++i)
      threads_.emplace_back(
          [this, i] { counts_.lanes[i % counts_.lanes.size()]->run(counts_.threads[i]); });
    const bool timed = settings_.requests == 0;
    snapshot first = take_counters(counts_);
    add_phases(first, counts_);
    const time_point start = clock::now();
    const time_point begin = timed ? start + in_ticks(settings_.warmup) : start;
    const time_point end = timed ? begin + in_ticks(settings_.duration) : time_point::max();
    const time_point halfway = timed ? begin + in_ticks(settings_.duration / 2) : end;
    for (const auto& each : counts_.lanes) each->measure_from(begin, halfway);
    for (const auto& each : counts_.lanes) each->start(start, end);
    if (timed) {
      progress.show(name + "warming up");
      wait(interrupted, begin);
      first = take_counters(counts_);
      add_phases(first, counts_);
      start_from(first, begin);
    }

    run_record record;
    record.settings = settings_;
    record.started =
        std::chrono::system_clock::now().time_since_epoch() - (clock::now() - first.at);
    const snapshot last = watch(record, first, end, interrupted, progress, name);
    finish(record, first, last, interrupted);
    return record;
  }

 private:
  /// However late this thread wakes up, the measured time begins when it should, from when on the
  /// lanes have counted calls.
  static void start_from(snapshot& first, time_point begin) {
    first.at = std::min(first.at, begin);
    first.all = {};
    for (part_record& each : first.operations) each.fetched = each.failed = 0;
    first.blocked = 0;
  }

  static clock::duration in_ticks(seconds length) {
    return std::chrono::duration_cast<clock::duration>(length);
  }

  /// Waits until then, or until the run is interrupted.
  void wait(const bool& interrupted, time_point until) {
    while (!interrupted && control_.run_one_until(until) > 0) {
    }
  }
  /// The same, or until all calls have ended.
  void wait_for_lanes(const bool& interrupted, time_point until) {
    while (!interrupted && lanes_left_ > 0 && control_.run_one_until(until) > 0) {
    }
  }

  /// Records slices and stages until the measured time ends. \return the counters then
  snapshot watch(run_record& record, const snapshot& first, time_point end, const bool& interrupted,
                 progress_line& progress, const std::string& name) {
    const auto tick = std::chrono::milliseconds(
        settings_.requests > 0 || settings_.duration > seconds(60) ? 1000 : 250);
    snapshot last = first;
    snapshot stage_begin = first;
    time_point stage_end = first.at;
    const auto next_stage = [&]() -> const stage* {
      const std::size_t done = record.stages.size();
      return done < settings_.stages.size() ? &settings_.stages[done] : nullptr;
    };
    const auto end_stage = [&](const snapshot& at) {
      part_record& made = record.stages.emplace_back(between(stage_begin.all, at.all));
      made.name = stage_name(settings_.stages[record.stages.size() - 1]);
      made.length = at.at - stage_begin.at;
      stage_begin = at;
    };
    const bool timed = settings_.requests == 0;
    for (time_point until = first.at + tick;
         !interrupted && (timed ? last.at < end : lanes_left_ > 0);) {
      const stage* const present = next_stage();
      if (present != nullptr && stage_end <= stage_begin.at) stage_end += in_ticks(present->length);
      const time_point next =
          std::min(present != nullptr ? std::min(until, stage_end) : until, end);
      timed ? wait(interrupted, next) : wait_for_lanes(interrupted, next);
      snapshot now = take_counters(counts_);
      now.at = std::min(now.at, end);
      add_latencies(now, counts_);
      if (!record.timeline.empty()) pack(record.timeline.back());
      record.timeline.push_back(slice_between(first, last, now, settings_.slice_latencies));
      progress.show(progress_text(name, record.timeline.back(), now.all.failed - first.all.failed));
      if (present != nullptr && now.at >= stage_end) end_stage(now);
      if (now.at >= until) until += tick;
      last = std::move(now);
    }
    // A slow machine may have slept over the end of several; an interrupted run has no more.
    while (next_stage() != nullptr && (!interrupted || last.at > stage_begin.at)) end_stage(last);
    add_phases(last, counts_);
    record.interrupted = interrupted;
    return last;
  }

  /// Fills in what was counted in the measured time, then waits for the calls under way.
  void finish(run_record& record, const snapshot& first, const snapshot& last,
              const bool& interrupted) {
    fill_in(record, first, last);
    for (const auto& each : counts_.lanes) each->stop();
    const bool patient = false;
    wait_for_lanes(
        record.interrupted ? patient : interrupted,
        clock::now() + (record.interrupted ? longest_drain_when_interrupted : longest_drain));
    for (const auto& each : counts_.lanes) record.unfinished += each->unfinished();
    snapshot drained = take_counters(counts_);
    add_latencies(drained, counts_);
    record.latencies = drained.all.latencies;
    for (const thread_counts& each : counts_.threads)
      for (std::size_t i = 0; i < record.halves.size(); ++i) record.halves[i].add(each.halves[i]);
    if (!record.timeline.empty() && record.timeline.back().latencies) {
      record.timeline.back().latencies->add(drained.all.latencies.since(last.all.latencies));
      pack(record.timeline.back());
    }
    for (std::size_t i = 0; i < record.operations.size(); ++i)
      record.operations[i].latencies = drained.operations[i].latencies;
    record.errors = counts_.errors.counts();
    const bool most_wait = !settings_.open() && settings_.concurrency >= 10 * settings_.connections;
    if (most_wait && counts_.lanes.size() == 1)
      record.bytes_per_call = counts_.lanes.front()->bytes_per_call();
    record.interrupted = record.interrupted || interrupted;  // or while it waited
  }

  const run_settings& settings_;
  asio::io_context& control_;
  counted counts_;
  std::vector<std::thread> threads_;
  std::size_t lanes_left_;
};

}  // namespace

loaded run_load(const target& where, const next_run& next, progress_line& progress) {
  bool interrupted = false;
  asio::io_context control(1);
  const auto work = asio::make_work_guard(control);
  asio::signal_set signals(control, SIGINT, SIGTERM, SIGHUP);
  signals.async_wait([&](const boost::system::error_code& failure, int) {
    interrupted = !failure;
    signals.clear();  // a second one ends the program at once
  });
  loaded done;
  while (!interrupted) {
    const std::optional<planned_run> planned = next(done.runs);
    if (!planned) break;
    try {
      done.runs.push_back(
          run(where, planned->settings, control).measure(interrupted, progress, planned->name));
    } catch (const std::exception& e) {
      if (done.runs.empty()) throw;
      done.failure = "run " + std::to_string(done.runs.size() + 1) + ": " + e.what();
      break;
    }
  }
  progress.clear();
  return done;
}

}  // namespace upsun::load
