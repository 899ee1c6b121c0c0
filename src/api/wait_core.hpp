#pragma once

#include <upsun/result.hpp>
#include <upsun/wait.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

namespace upsun::api {

/// Waiting for activities: which to fetch when, and the outcome. Without clock, dice and I/O.
///
/// Each activity is polled by itself, with a delay that grows from fetch to fetch, until it has
/// ended.
class wait_core {
 public:
  using clock = std::chrono::steady_clock;
  using time_point = clock::time_point;

  /// \param options checked; must outlive this. `dice` here and below is from [0, 1).
  wait_core(const awaited_activities& what, const wait_options& options, time_point now,
            double dice);

  /// Whether all have ended.
  [[nodiscard]] bool over() const noexcept { return pending_ == 0; }
  /// Begins the fetches whose time has come: \return their numbers, the longest due first, and no
  /// more than may be under way at once.
  [[nodiscard]] std::vector<std::size_t> begin(time_point now);
  /// When to ask `begin` again, unless a fetch ends before.
  [[nodiscard]] time_point next() const;
  [[nodiscard]] const std::string& id(std::size_t number) const {
    return awaited_[number].value.id;
  }

  /// A fetch gave its value. \return whether that is news
  bool fetched(std::size_t number, activity value, time_point now, double dice);
  [[nodiscard]] const activity& value(std::size_t number) const { return awaited_[number].value; }
  /// A fetch failed. \return with what the wait ends, unless it goes on
  [[nodiscard]] std::optional<error> failed(std::size_t number, const error& why, time_point now,
                                            double dice);

  /// What the wait ends with when its deadline has passed: it names what is still pending.
  [[nodiscard]] error deadline_error() const;
  /// \pre over
  [[nodiscard]] wait_report report() &&;

 private:
  struct awaited {
    activity value;
    bool fetched = false;  // `value` is from a fetch
    bool under_way = false;
    bool ended = false;
    std::size_t failures = 0;  // one after another
    std::chrono::duration<double> delay{};
    time_point due{};

    [[nodiscard]] bool waits() const noexcept { return !ended && !under_way; }
  };

  void add(awaited&& one);
  void put_off(awaited& one, time_point now, double dice) const;
  awaited& end_fetch(std::size_t number);

  const wait_options& options_;
  std::vector<awaited> awaited_;
  std::size_t pending_ = 0;
  std::size_t under_way_ = 0;
  std::size_t polls_ = 0;
};

}  // namespace upsun::api
