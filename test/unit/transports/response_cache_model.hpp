#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "transports/response_cache.hpp"

namespace upsun::transports::test {

/// The cache beside a list in the order of use. Expects that they agree after every step.
class response_cache_model {
 public:
  /// \param pick chooses what happens: a number below its argument.
  explicit response_cache_model(std::function<std::size_t(std::size_t below)> pick)
      : pick_(std::move(pick)), max_(1 + pick_(4)), cache_(max_, max_bytes, ttl) {}

  void step() {
    const std::string path = "/p/" + std::to_string(pick_(3));
    const std::string key = path + (pick_(2) == 0 ? "\n" : "/a\n");
    const auto& by = credentials_[pick_(2)];
    now_ += std::chrono::milliseconds(pick_(300));
    const auto known = std::find_if(entries_.begin(), entries_.end(),
                                    [&](const entry& e) { return e.key == key; });
    switch (pick_(5)) {
      case 0: store(key, by); break;
      case 1:
        std::erase_if(entries_, [&](const entry& e) { return e.key == key; });
        cache_.drop(key);
        break;
      case 2: forget(path); break;
      default: {
        const auto found = cache_.find(key, by, now_);
        EXPECT_EQ(found.response, known == entries_.end() ? nullptr : known->response);
        EXPECT_EQ(found.fresh,
                  known != entries_.end() && known->by == by && now_ - known->stored < ttl);
        if (known != entries_.end()) std::rotate(entries_.begin(), known, known + 1);
      }
    }
    EXPECT_EQ(cache_.size(), entries_.size());
    EXPECT_LE(cache_.bytes(), max_bytes);
    EXPECT_EQ(cache_.bytes() == 0, entries_.empty());
  }

 private:
  static constexpr std::chrono::seconds ttl{1};
  static constexpr std::size_t max_bytes = 100'000;
  struct entry {
    std::string key;
    response_cache::response_ptr response;
    response_cache::credentials by;
    response_cache::time_point stored;
  };

  /// Small, half as large as the cache, or too large for it.
  void store(const std::string& key, const response_cache::credentials& by) {
    auto response = std::make_shared<http_response>();
    const std::size_t size = pick_(3);
    response->body.resize(size * 60'000);
    cache_.store(key, response, by, now_);
    std::erase_if(entries_, [&](const entry& e) { return e.key == key; });
    if (size == 2) return;
    entries_.insert(entries_.begin(), {key, std::move(response), by, now_});
    std::size_t large = 0;
    for (auto at = entries_.begin(); at != entries_.end(); ++at) {
      large += at->response->body.empty() ? 0 : 1;
      if (large < 2 && at < entries_.begin() + static_cast<std::ptrdiff_t>(max_)) continue;
      entries_.erase(at, entries_.end());
      break;
    }
  }

  void forget(const std::string& path) {
    const bool beneath = pick_(2) == 0;
    cache_.forget({.path = path, .beneath = beneath});
    std::erase_if(entries_, [&](const entry& e) {
      return e.key == path + "\n" || (beneath && e.key.starts_with(path + "/"));
    });
  }

  std::function<std::size_t(std::size_t below)> pick_;
  std::size_t max_;
  response_cache cache_;
  std::vector<entry> entries_;  // the latest used first
  const std::vector<response_cache::credentials> credentials_{
      nullptr, std::make_shared<const std::string>("Bearer a")};
  response_cache::time_point now_{std::chrono::hours(1)};
};

}  // namespace upsun::transports::test
