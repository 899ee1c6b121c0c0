#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "transports/fetch_table.hpp"

namespace upsun::transports::test {

/// Any number of requests that join fetches, leave, and get responses, beside plain lists of who
/// should wait for what. Expects that they agree after every step, and that each waiter is taken
/// off its fetch exactly once.
class fetch_table_model {
 public:
  /// \param pick chooses what happens: a number below its argument.
  explicit fetch_table_model(std::function<std::size_t(std::size_t below)> pick)
      : pick_(std::move(pick)) {}
  fetch_table_model(const fetch_table_model&) = delete;
  fetch_table_model& operator=(const fetch_table_model&) = delete;
  ~fetch_table_model() {
    for (plan& each : fetches_) (void)table_.end(each.real);
  }

  void step() {
    switch (pick_(6)) {
      case 0:
      case 1: return ask();
      case 2: return leave();
      case 3: return end();
      case 4: return sent();
      default: return forget();
    }
  }

 private:
  struct plan {
    fetch real;
    std::vector<std::shared_ptr<waiter>> waiting{};
    bool current = true;
    bool joinable = false;
  };

  [[nodiscard]] std::string any_path() {
    return std::string("/p/") + static_cast<char>('a' + pick_(2));
  }

  void ask() {
    const fetch_key key{any_path() + (pick_(2) == 0 ? "\n" : "/x\n"), credentials_[pick_(2)],
                        pick_(4) == 0};
    fetch* found = table_.find(key);
    const bool expected =
        std::any_of(fetches_.begin(), fetches_.end(), [&](const plan& p) { return fits(p, key); });
    EXPECT_EQ(found != nullptr, expected);
    if (found == nullptr) {
      plan& begun = fetches_.emplace_back();
      begun.real.key = key;
      table_.begin(begun.real);
      found = &begun.real;
    } else {
      EXPECT_TRUE(fits(plan_of(*found), key));
    }
    const auto w = std::make_shared<waiter>();
    fetch_table::join(*found, w);
    EXPECT_EQ(w->on, found);
    plan_of(*found).waiting.push_back(w);
  }

  void sent() {
    if (fetches_.empty()) return;
    plan& one = any_fetch();
    one.real.joinable = one.joinable = true;
  }

  void leave() {
    if (fetches_.empty()) return;
    plan& one = any_fetch();
    const auto w = one.waiting[pick_(one.waiting.size())];
    std::erase(one.waiting, w);
    EXPECT_EQ(table_.leave(*w), one.waiting.empty());
    EXPECT_EQ(w->on, nullptr);
    EXPECT_EQ(w.use_count(), 1);
    if (!one.waiting.empty()) return;
    EXPECT_FALSE(one.real.current());
    remove(one);
  }

  void end() {
    if (fetches_.empty()) return;
    plan& one = any_fetch();
    const waiters served = table_.end(one.real);
    EXPECT_TRUE(std::equal(served.begin(), served.end(), one.waiting.begin(), one.waiting.end()));
    for (const auto& w : served) EXPECT_EQ(w->on, nullptr);
    EXPECT_FALSE(one.real.current());
    remove(one);
  }

  void forget() {
    const std::string path = any_path();
    const bool beneath = pick_(2) == 0;
    table_.forget({.path = path, .beneath = beneath});
    for (plan& each : fetches_) {
      const std::string& of = each.real.key.resource;
      if (of == path + "\n" || (beneath && of.starts_with(path + "/"))) each.current = false;
      EXPECT_EQ(each.real.current(), each.current);
    }
  }

  [[nodiscard]] static bool fits(const plan& each, const fetch_key& key) {
    return each.current && each.joinable && each.real.key.resource == key.resource &&
           each.real.key.credentials == key.credentials && each.real.key.hedge == key.hedge;
  }
  plan& any_fetch() {
    return *std::next(fetches_.begin(), static_cast<std::ptrdiff_t>(pick_(fetches_.size())));
  }
  plan& plan_of(const fetch& f) {
    return *std::find_if(fetches_.begin(), fetches_.end(),
                         [&](const plan& each) { return &each.real == &f; });
  }
  void remove(plan& one) {
    fetches_.remove_if([&](const plan& each) { return &each == &one; });
  }

  std::function<std::size_t(std::size_t below)> pick_;
  fetch_table table_;
  std::list<plan> fetches_;
  const std::vector<std::shared_ptr<const std::string>> credentials_{
      nullptr, std::make_shared<const std::string>("Bearer a")};
};

}  // namespace upsun::transports::test
