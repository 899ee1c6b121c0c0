#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

#include <upsun/call_options.hpp>
#include <upsun/model/accepted_change.hpp>
#include <upsun/model/activity.hpp>
#include <upsun/model/ids.hpp>

namespace upsun {

/// How activities ended, taken together.
enum class wait_outcome {
  /// Every one succeeded, or there was none.
  success,
  /// At least one ended without success: it failed, or its result is none that this version knows.
  failure,
  /// None failed, but at least one was cancelled.
  cancelled,
};

/// An account of a wait that has ended: what `client::async_wait_for_activities` completes with.
struct wait_report {
  /// How they ended, the worst of all.
  wait_outcome outcome = wait_outcome::success;
  /// Each activity as it ended, in the order they were given in; one given twice is there once.
  std::vector<activity> activities{};
  /// How many fetches it took.
  std::size_t polls = 0;
};

/// What to wait for: activities by their ids, or those that a change set off. A class that converts
/// from each of them, so that temporaries are safe beside `co_await`.
class awaited_activities {
 public:
  /// One activity.
  // NOLINTNEXTLINE(google-explicit-constructor): what it is for
  awaited_activities(activity_id id) { ids_.push_back(std::move(id)); }
  /// Any number of them. None: the wait succeeds at once.
  // NOLINTNEXTLINE(google-explicit-constructor)
  awaited_activities(std::vector<activity_id> ids) noexcept : ids_(std::move(ids)) {}
  /// The activities of a change, without those that could not be read (`accepted_change::unread`).
  /// One that has ended already is not fetched again.
  // NOLINTNEXTLINE(google-explicit-constructor)
  awaited_activities(const accepted_change& change) : awaited_activities(change.activities) {}
  /// Activities as they were last seen. One that has ended already is not fetched again.
  // NOLINTNEXTLINE(google-explicit-constructor)
  awaited_activities(std::vector<activity> seen) noexcept : seen_(std::move(seen)) {}

  [[nodiscard]] const std::vector<activity_id>& ids() const noexcept { return ids_; }
  [[nodiscard]] const std::vector<activity>& seen() const noexcept { return seen_; }

 private:
  std::vector<activity_id> ids_;  // one of the two is empty
  std::vector<activity> seen_;
};

/// Settings of `client::async_wait_for_activities`. A class with fluent setters, so that
/// temporaries are safe beside `co_await`: `upsun::wait_options().timeout(10min)`.
///
/// They are checked when the wait starts. A value out of its range ends it with
/// `errc::invalid_argument` before anything is sent.
class wait_options {
 public:
  /// Every setting at its default.
  wait_options() = default;

  /// The deadline of the whole wait, counted from its start. When it passes, the wait ends with
  /// `errc::deadline_exceeded`, whose cause names the activities that have not ended.
  ///
  /// Range: 1 ms to a year. Default: 30 min, since a deployment may take a quarter of an hour.
  wait_options& timeout(std::chrono::milliseconds total) & { return timeout_ = total, *this; }
  wait_options&& timeout(std::chrono::milliseconds total) && { return std::move(timeout(total)); }

  /// The delay before an activity is fetched a second time, or for the first time when it was given
  /// as it was last seen.
  ///
  /// Range: 0 to `max_delay`. Zero: it is fetched again at once, every time. Default: 1 s.
  wait_options& initial_delay(std::chrono::milliseconds delay) & {
    return initial_delay_ = delay, *this;
  }
  wait_options&& initial_delay(std::chrono::milliseconds delay) && {
    return std::move(initial_delay(delay));
  }

  /// By what the delay of an activity is multiplied after each fetch.
  ///
  /// Range: 1 to 100. Default: 1.5.
  wait_options& factor(double growth) & { return factor_ = growth, *this; }
  wait_options&& factor(double growth) && { return std::move(factor(growth)); }

  /// The longest delay between two fetches of an activity.
  ///
  /// Range: `initial_delay` to a year. Default: 10 s, so that an end is noticed soon after it came.
  wait_options& max_delay(std::chrono::milliseconds delay) & { return max_delay_ = delay, *this; }
  wait_options&& max_delay(std::chrono::milliseconds delay) && {
    return std::move(max_delay(delay));
  }

  /// The part of each delay that is random, so that many waits do not fetch at the same moment: a
  /// delay is shortened by up to this part of itself.
  ///
  /// Range: 0 to 1. Zero: nothing is random. Default: 0.2.
  wait_options& jitter(double part) & { return jitter_ = part, *this; }
  wait_options&& jitter(double part) && { return std::move(jitter(part)); }

  /// The most activities that are being fetched at once.
  ///
  /// Range: 1 and more. Default: 8.
  wait_options& concurrency(std::size_t most) & { return concurrency_ = most, *this; }
  wait_options&& concurrency(std::size_t most) && { return std::move(concurrency(most)); }

  /// How many fetches of one activity may fail one after another for a reason that may pass
  /// (`condition::connection`, `timeout`, `server_error`, `rate_limited`, `pool_exhausted`), each
  /// after its own retries. The next failure ends the wait. Any other reason ends it at once.
  ///
  /// Zero: the first failure ends the wait. Default: 5.
  wait_options& max_failures(std::size_t most) & { return max_failures_ = most, *this; }
  wait_options&& max_failures(std::size_t most) && { return std::move(max_failures(most)); }

  /// Called with an activity when it is first fetched, and whenever a fetch shows it changed, its
  /// end included. It runs on a strand of the client's executor, never twice at once, and not after
  /// the completion; it may cancel the wait. When it throws, the wait ends with `errc::cancelled`,
  /// whose cause says so.
  ///
  /// Default: empty, nothing is called.
  wait_options& on_progress(std::function<void(const activity&)> callback) & {
    return on_progress_ = std::move(callback), *this;
  }
  wait_options&& on_progress(std::function<void(const activity&)> callback) && {
    return std::move(on_progress(std::move(callback)));
  }

  /// The options of each fetch. Their `timeout` is ignored: a fetch may take as long as the wait.
  /// Their `info` must be null: it could not say which fetch it is about.
  ///
  /// Default: those of a call without options.
  wait_options& fetch(call_options options) & { return fetch_ = std::move(options), *this; }
  wait_options&& fetch(call_options options) && { return std::move(fetch(std::move(options))); }

  [[nodiscard]] std::chrono::milliseconds timeout() const noexcept { return timeout_; }
  [[nodiscard]] std::chrono::milliseconds initial_delay() const noexcept { return initial_delay_; }
  [[nodiscard]] double factor() const noexcept { return factor_; }
  [[nodiscard]] std::chrono::milliseconds max_delay() const noexcept { return max_delay_; }
  [[nodiscard]] double jitter() const noexcept { return jitter_; }
  [[nodiscard]] std::size_t concurrency() const noexcept { return concurrency_; }
  [[nodiscard]] std::size_t max_failures() const noexcept { return max_failures_; }
  [[nodiscard]] const std::function<void(const activity&)>& on_progress() const noexcept {
    return on_progress_;
  }
  [[nodiscard]] const call_options& fetch() const noexcept { return fetch_; }

 private:
  std::chrono::milliseconds timeout_{std::chrono::minutes(30)};
  std::chrono::milliseconds initial_delay_{1000};
  double factor_ = 1.5;
  std::chrono::milliseconds max_delay_{10'000};
  double jitter_ = 0.2;
  std::size_t concurrency_ = 8;
  std::size_t max_failures_ = 5;
  std::function<void(const activity&)> on_progress_;
  call_options fetch_;
};

}  // namespace upsun
