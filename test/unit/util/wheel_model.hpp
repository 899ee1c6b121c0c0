#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "util/deadline_wheel.hpp"

namespace upsun::util::test {

/// The wheel beside an ordered map. Expects that they agree after every step.
class wheel_model {
 public:
  /// \param pick chooses what happens: a number below its argument.
  explicit wheel_model(std::function<std::int64_t(std::int64_t below)> pick)
      : pick_(std::move(pick)), entries_(200) {
    EXPECT_EQ(wheel_.pop_expired(now_), nullptr);
  }
  wheel_model(const wheel_model&) = delete;
  wheel_model& operator=(const wheel_model&) = delete;

  /// Schedules, cancels, or lets time pass and looks.
  void step() {
    util::deadline_entry& entry =
        entries_[static_cast<std::size_t>(pick_(static_cast<std::int64_t>(entries_.size())))];
    const auto what = pick_(10);
    if (what < 5) {
      schedule(entry);
    } else if (what < 7) {
      EXPECT_EQ(entry.scheduled(), forget(&entry));
      wheel_.cancel(entry);
    } else {
      now_ += std::chrono::nanoseconds(pick_(pick_(50) == 0 ? 30'000'000'000 : 40'000'000));
      look();
    }
    EXPECT_EQ(wheel_.next_due().has_value(), !expected_.empty());
  }

 private:
  using time_point = util::deadline_wheel::time_point;
  static constexpr auto one_tick = std::chrono::nanoseconds(util::deadline_wheel::ticks(1));

  void schedule(util::deadline_entry& entry) {
    const std::chrono::nanoseconds range = std::chrono::seconds(pick_(20) == 0 ? 40 : 3);
    const time_point due =
        now_ + std::chrono::nanoseconds(pick_(range.count())) - std::chrono::milliseconds(5);
    forget(&entry);
    wheel_.schedule(entry, due);
    expected_.emplace(std::max(due, now_), &entry);  // what is overdue already counts from now
  }

  void look() {
    while (util::deadline_entry* expired = wheel_.pop_expired(now_)) {
      EXPECT_LE(expired->due(), now_) << "early";
      EXPECT_FALSE(expired->scheduled());
      EXPECT_TRUE(forget(expired)) << "expired twice, or after it was cancelled";
    }
    if (expected_.empty()) return;
    EXPECT_GT(expected_.begin()->first, now_ - one_tick) << "late";
    EXPECT_LE(*wheel_.next_due(), std::max(expected_.begin()->first, now_) + one_tick)
        << "the driver would oversleep";
    EXPECT_GT(*wheel_.next_due(), now_) << "the driver would spin";
  }

  bool forget(const util::deadline_entry* entry) {
    const auto found = std::find_if(expected_.begin(), expected_.end(),
                                    [&](const auto& e) { return e.second == entry; });
    if (found == expected_.end()) return false;
    expected_.erase(found);
    return true;
  }

  std::function<std::int64_t(std::int64_t below)> pick_;
  util::deadline_wheel wheel_;
  std::vector<util::deadline_entry> entries_;
  std::multimap<time_point, const util::deadline_entry*> expected_;
  time_point now_{std::chrono::hours(1000)};
};

}  // namespace upsun::util::test
