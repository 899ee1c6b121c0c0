#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <upsun/call_options.hpp>
#include <upsun/model/accepted_change.hpp>
#include <upsun/model/activity.hpp>
#include <upsun/model/ids.hpp>

namespace upsun {

/// How the activities ended that `client::async_wait_for` waited for.
enum class wait_outcome {
  success,  ///< Every one succeeded, or there was none.
  failure,  ///< At least one ended without success: it failed, or gave no result this version knows
            ///< as one.
  cancelled,  ///< None failed, but at least one was cancelled.
};

/// What `client::async_wait_for` completes with.
struct wait_report {
  wait_outcome outcome = wait_outcome::success;
  std::vector<activity> activities{};  ///< Each as it ended, in the order they were given in; one
                                       ///< given twice stands once.
  std::size_t polls = 0;               ///< How often an activity was fetched.
};

/// What to wait for: activities by their ids, or those a change set off. A class, so that
/// temporaries are safe beside `co_await`.
class awaited_activities {
 public:
  // NOLINTBEGIN(google-explicit-constructor): converting is its purpose
  awaited_activities(activity_id id) { ids_.push_back(std::move(id)); }
  awaited_activities(std::vector<activity_id> ids) noexcept : ids_(std::move(ids)) {}
  /// Those of the change, as far as they could be read. One that has ended already is not fetched
  /// again.
  awaited_activities(const accepted_change& change) : awaited_activities(change.activities) {}
  /// As they were last seen.
  awaited_activities(std::vector<activity> seen) noexcept : seen_(std::move(seen)) {}
  // NOLINTEND(google-explicit-constructor)

  [[nodiscard]] const std::vector<activity_id>& ids() const noexcept { return ids_; }
  [[nodiscard]] const std::vector<activity>& seen() const noexcept { return seen_; }

 private:
  std::vector<activity_id> ids_;  // these, or those
  std::vector<activity> seen_;
};

/// How to wait. A class with fluent setters, so that temporaries are safe beside `co_await`:
/// `upsun::wait_options().timeout(10min)`. A value outside its range ends the wait with
/// `errc::invalid_argument` before anything is sent.
class wait_options {
 public:
  wait_options() = default;

  /// The one deadline of the whole wait, from now. Default: 30 min, since a deployment may take a
  /// quarter of an hour. From 1 ms to a year.
  wait_options& timeout(std::chrono::milliseconds total) & { return timeout_ = total, *this; }
  wait_options&& timeout(std::chrono::milliseconds total) && { return std::move(timeout(total)); }

  /// The pause before an activity is fetched a second time, or for the first time when it was given
  /// as seen already. Default: 1 s. Zero: none, and then none after it either. Not negative.
  wait_options& initial_delay(std::chrono::milliseconds delay) & {
    return initial_delay_ = delay, *this;
  }
  wait_options&& initial_delay(std::chrono::milliseconds delay) && {
    return std::move(initial_delay(delay));
  }

  /// What each pause of an activity is longer than the one before it. Default: 1.5. From 1 to 100.
  wait_options& factor(double growth) & { return factor_ = growth, *this; }
  wait_options&& factor(double growth) && { return std::move(factor(growth)); }

  /// The longest pause. Default: 10 s, so that an end is seen soon after it has come. From
  /// `initial_delay` to a year.
  wait_options& max_delay(std::chrono::milliseconds delay) & { return max_delay_ = delay, *this; }
  wait_options&& max_delay(std::chrono::milliseconds delay) && {
    return std::move(max_delay(delay));
  }

  /// How much of each pause is left to chance, so that many that wait do not ask at once: it is
  /// shortened by up to this part. Default: 0.2. From 0 to 1.
  wait_options& jitter(double part) & { return jitter_ = part, *this; }
  wait_options&& jitter(double part) && { return std::move(jitter(part)); }

  /// How many activities are fetched at once. Default: 8. At least 1.
  wait_options& concurrency(std::size_t most) & { return concurrency_ = most, *this; }
  wait_options&& concurrency(std::size_t most) && { return std::move(concurrency(most)); }

  /// How many fetches of one activity may fail one after another for a reason that may pass
  /// (`condition::connection`, `timeout`, `server_error`, `rate_limited`, `pool_exhausted`), each
  /// after its own retries, before that ends the wait. Default: 5. Zero: the first one does.
  wait_options& max_failures(std::size_t most) & { return max_failures_ = most, *this; }
  wait_options&& max_failures(std::size_t most) && { return std::move(max_failures(most)); }

  /// Called with an activity when it is first seen by a fetch, and whenever a fetch shows it
  /// changed, its end included. It is called on a strand of the client's executor, never at once
  /// with itself nor after the wait has completed; it may cancel the wait. When it throws, the wait
  /// ends with `errc::cancelled`, whose cause says so. Null (the default): nobody is told.
  wait_options& on_progress(std::function<void(const activity&)> tell) & {
    return on_progress_ = std::move(tell), *this;
  }
  wait_options&& on_progress(std::function<void(const activity&)> tell) && {
    return std::move(on_progress(std::move(tell)));
  }

  /// Settings of each fetch; its `timeout` is not looked at, and its `info` must be null.
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
