#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "auth/token_core.hpp"

namespace upsun::auth::test {

/// The core beside what is known of its token and refresh. Expects that they agree after every
/// step.
class token_model {
 public:
  /// \param pick chooses what happens: a number below its argument.
  explicit token_model(std::function<std::size_t(std::size_t below)> pick)
      : pick_(std::move(pick)) {}

  /// Time passes; then a token is needed, a response arrives, or the server refuses a token.
  void step() {
    now_ += std::chrono::milliseconds(pick_(3) == 0 ? pick_(60'000) : pick_(256));
    const std::size_t event = pick_(4);
    if (event == 0) return invalidate();
    request_&& event != 1 ? respond() : get();
    EXPECT_EQ(core_.in_flight(), request_.has_value());
    EXPECT_EQ(core_.valid(now_), usable_ && now_ < core_.expires_at());
  }

 private:
  using kind = token_lookup::kind;

  void get() {
    const bool valid = core_.valid(now_);
    token_lookup found = core_.get(now_);
    EXPECT_EQ(found.state == kind::ready, valid);
    if (found.state == kind::failed) {
      EXPECT_TRUE(core_.failure().code());
      EXPECT_LT(now_, failed_at_ + std::chrono::seconds(30)) << "the backoff is bounded";
    }
    if (found.request) {
      EXPECT_FALSE(request_) << "two refreshes at once";
      EXPECT_TRUE(!valid || now_ >= renewed_from_) << "too early";
      EXPECT_TRUE(!valid || now_ >= failed_at_ + std::chrono::milliseconds(500)) << "no backoff";
      begin(*found.request);
    }
    EXPECT_TRUE(found.state != kind::pending || request_) << "nobody would notify those who wait";
  }

  void begin(const token_grant& request) {
    EXPECT_EQ(spent_.count(request.refresh_token), 0U)
        << "a refresh token was used again after it failed";
    request_ = request;
    requested_ = now_;
  }

  void respond() {
    using namespace std::chrono_literals;
    constexpr std::array<std::chrono::seconds, 6> lifetimes{-1s, 1s, 10s, 100s, 24h, 1000h};
    const token_grant request = *request_;
    request_.reset();
    const std::uint64_t generation = core_.token().generation;
    const double dice = static_cast<double>(pick_(256)) / 256;
    const std::size_t what = pick_(4);
    const bool final = what == 0;
    if (what >= 2) {
      const auto lifetime = lifetimes[pick_(lifetimes.size())];
      const auto bounded = std::min<std::chrono::nanoseconds>(lifetime, 24h);
      issued_token issued{
          .access_token = "abc",
          .lifetime = lifetime,
          .refresh_token = what == 2 ? "" : "r" + std::to_string(++refresh_tokens_)};
      const bool arrives = requested_ + bounded > now_;
      if (!arrives && !request.refresh_token.empty()) spent_.insert(request.refresh_token);
      EXPECT_FALSE(core_.on_response(std::move(issued), false, now_, dice));
      if (arrives) {
        EXPECT_EQ(core_.token().generation, generation + 1);
        EXPECT_LE(core_.expires_at(), requested_ + bounded);
        EXPECT_TRUE(token_core(core_).get(core_.expires_at() - 1ns).request)
            << "renewed before it expires";
        renewed_from_ = requested_ + bounded / 4 * 3;
        usable_ = true;
        failed_at_ = {};
        return;
      }
    } else {
      if (!request.refresh_token.empty()) spent_.insert(request.refresh_token);
      const auto next = core_.on_response(error(errc::credentials_refused), final, now_, dice);
      EXPECT_EQ(next.has_value(), final && !request.refresh_token.empty())
          << "only a refused refresh token goes on at once";
      if (next) {
        EXPECT_EQ(next->refresh_token, "");
        return begin(*next);
      }
    }
    EXPECT_EQ(core_.token().generation, generation);
    EXPECT_TRUE(core_.failure().code());
    EXPECT_TRUE(!final || core_.valid(now_) || core_.get(now_).state == kind::failed);
    failed_at_ = now_;
  }

  void invalidate() {
    const std::uint64_t generation = pick_(2) == 0 ? core_.token().generation : pick_(4);
    core_.invalidate(generation);
    usable_ = usable_ && generation != core_.token().generation;
  }

  std::function<std::size_t(std::size_t below)> pick_;
  token_core core_;
  token_core::time_point now_{std::chrono::hours(1)};
  token_core::time_point requested_{};
  token_core::time_point renewed_from_{};
  token_core::time_point failed_at_{};  // the origin: the last refresh did not fail
  std::optional<token_grant> request_;  // under way
  std::set<std::string> spent_;
  int refresh_tokens_ = 0;
  bool usable_ = false;
};

}  // namespace upsun::auth::test
