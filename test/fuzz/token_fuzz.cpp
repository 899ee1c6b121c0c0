#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "auth/token_core.hpp"
#include "fuzz/input.hpp"

namespace {

using namespace std::chrono_literals;
using namespace upsun::auth;
using kind = token_lookup::kind;

constexpr std::array<std::chrono::seconds, 6> lifetimes{-1s, 1s, 10s, 100s, 24h, 1000h};

/// The core beside what is known of its token and refresh.
class token_model {
 public:
  explicit token_model(upsun::fuzz::input& input) : input_(input) {}

  void step() {
    now_ += std::chrono::milliseconds(input_.pick(3) == 0 ? input_.pick(60'000) : input_.byte());
    const std::size_t event = input_.pick(4);
    if (event == 0) return invalidate();
    request_&& event != 1 ? respond() : get();
    EXPECT_EQ(core_.in_flight(), request_.has_value());
    EXPECT_EQ(core_.valid(now_), usable_ && now_ < core_.expires_at());
  }

 private:
  void get() {
    const bool valid = core_.valid(now_);
    token_lookup found = core_.get(now_);
    EXPECT_EQ(found.state == kind::ready, valid);
    if (found.state == kind::failed) {
      EXPECT_TRUE(core_.failure().code());
      EXPECT_LT(now_, paused_until_);
    }
    if (found.request) {
      EXPECT_FALSE(request_) << "two refreshes at once";
      EXPECT_TRUE(!valid || core_.state(now_) == token_core::state_kind::renewing) << "too early";
      begin(*found.request);
    }
    EXPECT_TRUE(found.state != kind::pending || request_) << "nobody would respond";
  }

  void begin(const token_grant& request) {
    EXPECT_EQ(spent_.count(request.refresh_token), 0U)
        << "a refresh token was used again after it failed";
    request_ = request;
    asked_ = now_;
  }

  void respond() {
    const token_grant request = *request_;
    request_.reset();
    const std::uint64_t generation = core_.token().generation;
    const double dice = static_cast<double>(input_.byte()) / 256;
    const std::size_t what = input_.pick(4);
    if (what >= 2) {
      const auto lifetime = lifetimes[input_.pick(lifetimes.size())];
      issued_token issued{
          .access_token = "abc",
          .lifetime = lifetime,
          .refresh_token = what == 2 ? "" : "r" + std::to_string(++refresh_tokens_)};
      const bool arrives = asked_ + std::min<std::chrono::nanoseconds>(lifetime, 24h) > now_;
      if (arrives) {
        EXPECT_FALSE(core_.on_response(std::move(issued), false, now_, dice));
        EXPECT_EQ(core_.token().generation, generation + 1);
        EXPECT_LE(core_.expires_at(), asked_ + std::min<std::chrono::nanoseconds>(lifetime, 24h));
        EXPECT_EQ(core_.state(core_.expires_at() - 1ns), token_core::state_kind::renewing);
        usable_ = true;
        return;
      }
      if (!request.refresh_token.empty()) spent_.insert(request.refresh_token);
      EXPECT_FALSE(core_.on_response(std::move(issued), false, now_, dice));
    } else {
      if (!request.refresh_token.empty()) spent_.insert(request.refresh_token);
      const auto next =
          core_.on_response(upsun::error(upsun::errc::credentials_refused), what == 0, now_, dice);
      EXPECT_EQ(next.has_value(), what == 0 && !request.refresh_token.empty())
          << "only a refused refresh token goes on at once";
      if (next) {
        EXPECT_EQ(next->refresh_token, "");
        return begin(*next);
      }
    }
    EXPECT_EQ(core_.token().generation, generation);
    paused_until_ = now_ + 30s;
  }

  void invalidate() {
    const std::uint64_t generation =
        input_.pick(2) == 0 ? core_.token().generation : input_.pick(4);
    core_.invalidate(generation);
    usable_ = usable_ && generation != core_.token().generation;
  }

  upsun::fuzz::input& input_;
  token_core core_;
  token_core::time_point now_{1h};
  token_core::time_point asked_{};
  token_core::time_point paused_until_{};
  std::optional<token_grant> request_;  // under way
  std::set<std::string> spent_;
  int refresh_tokens_ = 0;
  bool usable_ = false;
};

}  // namespace

/// The choices of times, responses, dice and refusals.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  upsun::fuzz::input input(data, size);
  token_model model(input);
  while (!input.empty()) model.step();
  return 0;
}
