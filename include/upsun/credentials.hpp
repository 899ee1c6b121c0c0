#pragma once

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <concepts>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include <upsun/model/secret.hpp>
#include <upsun/result.hpp>

namespace upsun {

/// An access token that is sent as it is: `Authorization: Bearer <token>` (RFC 6750 section 2.1).
/// The client does not renew it; once it has expired the calls end in `condition::unauthorized`.
/// Never printed.
class bearer_token {
 public:
  /// \throws nothing here; `client` refuses an empty token and one with characters outside RFC
  /// 6750's `b64token`.
  explicit bearer_token(std::string token) noexcept : token_(std::move(token)) {}
  [[nodiscard]] const secret& token() const noexcept { return token_; }

 private:
  secret token_;
};

/// An API token, as made in the Upsun console: the client exchanges it for access tokens at
/// `<auth_url>/oauth2/token`, renews them in the background, and shares them among all its calls.
/// Never printed. See doc/tokens.md.
class api_token {
 public:
  /// \param auth_url where the exchange is; `https`, or `http` to a loopback address. Checked when
  /// the client is made, as is the token.
  explicit api_token(std::string token, std::string auth_url = "https://auth.upsun.com") noexcept
      : token_(std::move(token)), auth_url_(std::move(auth_url)) {}
  [[nodiscard]] const secret& token() const noexcept { return token_; }
  [[nodiscard]] const std::string& auth_url() const noexcept { return auth_url_; }

 private:
  secret token_;
  std::string auth_url_;
};

/// What a `token_source` gives: an access token and how long it is good for.
class access_token {
 public:
  /// \param expires_in from the moment the source was asked. Longer than 24 h counts as 24 h; zero
  /// or less is an error to those who wait for the token.
  access_token(std::string token, std::chrono::seconds expires_in) noexcept
      : token_(std::move(token)), expires_in_(expires_in) {}
  [[nodiscard]] const secret& token() const noexcept { return token_; }
  [[nodiscard]] std::chrono::seconds expires_in() const noexcept { return expires_in_; }

 private:
  secret token_;
  std::chrono::seconds expires_in_;
};

/// Access tokens from a function of the user's own: a vault, a metadata service, another sign-in.
/// The client asks when it needs one, renews ahead of need and shares the token as it does for an
/// `api_token`; the function gets tokens, and needs no cache.
/// \code
/// upsun::token_source([]() -> asio::awaitable<upsun::result<upsun::access_token>> {
///   std::string token = co_await read_vault("upsun/token");
///   co_return upsun::access_token(std::move(token), std::chrono::minutes(15));
/// })
/// \endcode
/// Executor: called on a strand of the client's executor, never from within a call, and one at a
/// time.
///
/// Errors: what the function returns reaches every call that waits, with `phase::token`;
/// those the retry rules call transient (such as `errc::connect_failed`) are tried again by the
/// calls. An exception counts as `errc::token_source_failed`, with `what()` as the cause, so it
/// must hold no secret; so does a handler that is destroyed without a call.
///
/// Cancellation: a function that takes longer than `timeouts.total`, or is under way when the
/// client ends, is cancelled (terminal) and its result dropped.
class token_source {
 public:
  using handler = boost::asio::any_completion_handler<void(result<access_token>)>;
  using coroutine_function = std::function<boost::asio::awaitable<result<access_token>>()>;
  using callback_function = std::function<void(handler)>;

  /// From a coroutine function.
  template <class F>
  requires(!std::same_as<std::remove_cvref_t<F>, token_source> &&
           std::is_invocable_r_v<boost::asio::awaitable<result<access_token>>,
                                 F&>) explicit token_source(F function)
      : function_(coroutine_function(std::move(function))) {}

  /// From a function that takes a handler, and calls it once, from any thread, also before it
  /// returns.
  template <class F>
  requires(!std::same_as<std::remove_cvref_t<F>, token_source> &&
           std::is_invocable_v<F&, handler>) explicit token_source(F function)
      : function_(callback_function(std::move(function))) {}

  [[nodiscard]] const std::variant<coroutine_function, callback_function>& function()
      const noexcept {
    return function_;
  }

 private:
  std::variant<coroutine_function, callback_function> function_;
};

/// How calls prove who makes them. `std::monostate`: they do not (only servers that need no token
/// answer).
using credentials = std::variant<std::monostate, bearer_token, api_token, token_source>;

}  // namespace upsun
