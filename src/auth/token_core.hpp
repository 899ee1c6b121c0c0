#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <upsun/error.hpp>
#include <upsun/result.hpp>

#include "util/age_clock.hpp"

namespace upsun::auth {

/// An access token as the token endpoint, or the user's own source, gave it.
struct issued_token {
  std::string access_token;
  std::chrono::seconds lifetime{};
  std::string refresh_token{};  ///< Empty: none was given.
};

/// Longer lifetimes count as this one, which bounds the harm of a wrong one.
inline constexpr std::chrono::seconds longest_lifetime = std::chrono::hours(24);

/// An access token as calls use it.
struct token {
  std::shared_ptr<const std::string> authorization;  ///< The field value, "Bearer ...".
  std::uint64_t generation = 0;                      ///< Counts the tokens from 1.
};

/// By what a token is requested.
struct token_grant {
  std::string refresh_token{};  ///< Empty: the credentials themselves.
};

/// What `token_core::get` found.
struct token_lookup {
  enum class kind {
    ready,    ///< There is a token.
    pending,  ///< A refresh is under way: wait for its end.
    failed,   ///< There is none, for the reason in `token_core::failure()`.
  };
  kind state = kind::pending;
  std::optional<token_grant> request{};  ///< Set: a refresh has begun, by this request.
};

/// The life of one client's access token, as a pure machine: times and dice are arguments, a driver
/// sends the requests and keeps those who wait.
///
/// A refresh gets a token, in one request or in two: when a refresh token is refused, the
/// credentials themselves are used at once. At most one refresh is under way, for all who wait and
/// for renewal ahead of need, which the first `get` after the renewal time begins. A refresh that
/// fails leaves a token that is still valid in use. After a failed renewal and after a final
/// failure no refresh begins during a backoff, which grows; after a transient failure without a
/// token the next `get` begins one at once, since its caller has a backoff and a budget of its own.
class token_core {
 public:
  using time_point = util::age_clock::time_point;  // a token grows old in its sleep, too

  /// A caller needs a token.
  [[nodiscard]] token_lookup get(time_point now);
  /// The request that `get` returned could not be sent: no refresh is under way.
  void abandon() noexcept { in_flight_ = false; }
  /// The server refused the token of this generation. Does nothing unless it is the present one.
  void invalidate(std::uint64_t generation) noexcept;

  /// The outcome of a request: the refresh ends, or goes on with another request. `dice` is from
  /// [0, 1). \param final whether the same request would fail again.
  [[nodiscard]] std::optional<token_grant> on_response(result<issued_token> response, bool final,
                                                       time_point now, double dice);

  [[nodiscard]] bool valid(time_point now) const noexcept {
    return token_.authorization && now < expires_;
  }
  [[nodiscard]] bool in_flight() const noexcept { return in_flight_; }
  [[nodiscard]] const upsun::auth::token& token() const noexcept { return token_; }
  /// Of the token that a call which begins now will use: the one there is, or the next.
  [[nodiscard]] std::uint64_t generation(time_point now) const noexcept {
    return token_.generation + (valid(now) ? 0 : 1);
  }
  /// Why the last refresh failed. Its code is zero after one that did not.
  [[nodiscard]] const error& failure() const noexcept { return failure_; }
  [[nodiscard]] time_point expires_at() const noexcept { return expires_; }

 private:
  [[nodiscard]] token_grant begin(time_point now);
  void succeed(issued_token&& issued, double dice);
  void fail(error why, bool final, time_point now, double dice);

  upsun::auth::token token_;
  std::string refresh_token_;
  time_point renews_{};
  time_point expires_{};
  bool in_flight_ = false;  // a refresh is under way
  bool by_refresh_token_ = false;
  time_point requested_{};  // a lifetime counts from then, as the server may have counted
  error failure_;
  bool final_ = false;
  unsigned failures_ = 0;  // in a row
  time_point not_before_ = time_point::min();
};

/// When a token is renewed: at 80 % of its lifetime, give or take 5 %, so that clients which began
/// together drift apart.
[[nodiscard]] std::chrono::nanoseconds renewal_age(std::chrono::seconds lifetime,
                                                   double dice) noexcept;

/// The backoff after failure number `failure` in a row, counted from 0: half to all of `min(1 s *
/// 2^failure, 30 s)`. Never zero, since for a refused credential nothing else stands between the
/// calls and the token endpoint.
[[nodiscard]] std::chrono::nanoseconds failure_backoff(unsigned failure, double dice) noexcept;

}  // namespace upsun::auth
