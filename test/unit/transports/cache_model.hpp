#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "transports/micro_cache.hpp"

namespace upsun::transports::test {

/// The cache beside a list in the order of use. Expects that they agree after every step.
class cache_model {
 public:
  /// \param pick chooses what happens: a number below its argument.
  explicit cache_model(std::function<std::size_t(std::size_t below)> pick)
      : pick_(std::move(pick)), max_(1 + pick_(4)), cache_(max_, ttl) {}

  void step() {
    const item of{"p", std::to_string(pick_(6))};
    const std::uint64_t credentials = pick_(2);
    now_ += std::chrono::milliseconds(pick_(300));
    const auto known =
        std::find_if(entries_.begin(), entries_.end(), [&](const entry& e) { return e.of == of; });
    switch (pick_(4)) {
      case 0: {
        if (known != entries_.end()) entries_.erase(known);
        entries_.insert(entries_.begin(),
                        {of, std::make_shared<const kept_answer>(), credentials, now_});
        if (entries_.size() > max_) entries_.pop_back();
        cache_.store(of, entries_.front().answer, credentials, now_);
        break;
      }
      case 1:
        if (known != entries_.end()) entries_.erase(known);
        cache_.drop(of);
        break;
      default: {
        const auto found = cache_.find(of, credentials, now_);
        EXPECT_EQ(found.answer, known == entries_.end() ? nullptr : known->answer);
        EXPECT_EQ(found.fresh, known != entries_.end() && known->credentials == credentials &&
                                   now_ - known->stored < ttl);
        if (known != entries_.end()) std::rotate(entries_.begin(), known, known + 1);
      }
    }
    EXPECT_EQ(cache_.size(), entries_.size());
  }

 private:
  static constexpr std::chrono::seconds ttl{1};
  struct entry {
    item of;
    kept_ptr answer;
    std::uint64_t credentials;
    micro_cache::time_point stored;
  };

  std::function<std::size_t(std::size_t below)> pick_;
  std::size_t max_;
  micro_cache cache_;
  std::vector<entry> entries_;  // the latest used first
  micro_cache::time_point now_{std::chrono::hours(1)};
};

}  // namespace upsun::transports::test
