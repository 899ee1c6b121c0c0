#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <list>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "transports/flight_table.hpp"

namespace upsun::transports::test {

/// Any number of calls that board, leave, and are told, beside plain lists of who should be where.
/// Expects that they agree after every step, and that each passenger is told exactly once.
class flight_model {
 public:
  /// \param pick chooses what happens: a number below its argument.
  explicit flight_model(std::function<std::size_t(std::size_t below)> pick)
      : pick_(std::move(pick)) {}
  flight_model(const flight_model&) = delete;
  flight_model& operator=(const flight_model&) = delete;
  ~flight_model() {
    for (plan& each : flights_) table_.forget(each.real);
  }

  void step() {
    switch (pick_(6)) {
      case 0:
      case 1: return ask();
      case 2: return leave();
      case 3: return land(false);
      case 4: return land(true);
      default: return change();
    }
  }

 private:
  struct plan {
    flight real;
    std::vector<passenger*> aboard{};
    bool current = true;
  };

  void ask() {
    const item of{"p", std::string(1, static_cast<char>('a' + pick_(2)))};
    const std::uint64_t credentials = pick_(2);
    passenger& p = passengers_.emplace_back();
    p.deadline = now_ + std::chrono::seconds(pick_(10));
    const auto expected = std::find_if(flights_.begin(), flights_.end(), [&](const plan& each) {
      return each.current && each.real.of == of && each.real.credentials == credentials;
    });
    flight* found = table_.find(of, credentials);
    EXPECT_EQ(found, expected == flights_.end() ? nullptr : &expected->real);
    if (found == nullptr) {
      plan& fresh = flights_.emplace_back();
      fresh.real.of = of;
      fresh.real.credentials = credentials;
      fresh.real.deadline = p.deadline;
      table_.begin(fresh.real);
      found = &fresh.real;
    }
    table_.board(*found, p);
    plan_of(*found).aboard.push_back(&p);
  }

  void leave() {
    if (flights_.empty()) return;
    plan& one = any_flight();
    passenger* p = one.aboard[pick_(one.aboard.size())];
    std::erase(one.aboard, p);
    EXPECT_EQ(table_.leave(*p), one.aboard.empty());
    EXPECT_EQ(p->on, nullptr);
    if (one.aboard.empty()) remove(one);
  }

  void land(bool out_of_time) {
    if (flights_.empty()) return;
    plan& one = any_flight();
    std::vector<passenger*> expected;
    for (passenger* p : one.aboard) {
      if (!out_of_time || p->deadline <= one.real.deadline) expected.push_back(p);
    }
    std::vector<passenger*> told;
    table_.land(one.real, out_of_time, [&](passenger& p) { told.push_back(&p); });
    EXPECT_EQ(told, expected);
    for (const passenger* p : expected) std::erase(one.aboard, p);
    if (one.aboard.empty()) return remove(one);

    plan& relief = flights_.emplace_back();
    relief.real.of = one.real.of;
    relief.real.credentials = one.real.credentials;
    relief.real.deadline = flight_table::latest_deadline(one.real);
    EXPECT_GT(relief.real.deadline, one.real.deadline);
    table_.relieve(one.real, relief.real);
    relief.aboard.swap(one.aboard);
    relief.current = one.current;
    for (const passenger* p : relief.aboard) EXPECT_EQ(p->on, &relief.real);
    EXPECT_EQ(relief.real.current(), relief.current);
    remove(one);
  }

  void change() {
    const item of{"p", std::string(1, static_cast<char>('a' + pick_(2)))};
    table_.change(of);
    for (plan& each : flights_) {
      if (each.real.of == of) each.current = false;
      EXPECT_EQ(each.real.current(), each.current);
    }
  }

  plan& any_flight() {
    return *std::next(flights_.begin(), static_cast<std::ptrdiff_t>(pick_(flights_.size())));
  }
  plan& plan_of(const flight& f) {
    return *std::find_if(flights_.begin(), flights_.end(),
                         [&](const plan& each) { return &each.real == &f; });
  }
  void remove(plan& one) {
    EXPECT_FALSE(one.real.current());
    EXPECT_TRUE(one.real.aboard.empty());
    flights_.remove_if([&](const plan& each) { return &each == &one; });
    passengers_.remove_if([](const passenger& p) { return p.on == nullptr; });
  }

  std::function<std::size_t(std::size_t below)> pick_;
  flight_table table_;
  std::list<passenger> passengers_;
  std::list<plan> flights_;
  time_point now_{std::chrono::hours(1)};
};

}  // namespace upsun::transports::test
