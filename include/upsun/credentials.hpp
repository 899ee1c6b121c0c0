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
/// The client does not renew it: once it has expired, calls end with `errc::unauthorized`. The
/// token is never printed.
class bearer_token {
 public:
  /// \param token of the characters of RFC 6750's `b64token`, not empty; checked by `client`
  explicit bearer_token(std::string token) noexcept : token_(std::move(token)) {}
  [[nodiscard]] const secret& token() const noexcept { return token_; }

 private:
  secret token_;
};

/// An API token, as made in the Upsun console. The client exchanges it for access tokens at
/// `<auth_url>/oauth2/token`, renews those in the background, and shares them among its calls. The
/// token is never printed. See doc/tokens.md.
class api_token {
 public:
  /// \param token of printable ASCII characters without spaces, not empty; checked by `client`
  /// \param auth_url the base URL of the exchange: `https`, or `http` to a loopback address without
  /// a proxy; checked by `client`
  explicit api_token(std::string token, std::string auth_url = "https://auth.upsun.com") noexcept
      : token_(std::move(token)), auth_url_(std::move(auth_url)) {}
  [[nodiscard]] const secret& token() const noexcept { return token_; }
  [[nodiscard]] const std::string& auth_url() const noexcept { return auth_url_; }

 private:
  secret token_;
  std::string auth_url_;
};

/// What a `token_source` returns: an access token and its lifetime.
class access_token {
 public:
  /// \param token of the characters of RFC 6750's `b64token`; any other, and an empty one, is
  /// `errc::token_source_failed`
  /// \param expires_in the lifetime, counted from when the source was called. More than 24 h counts
  /// as 24 h; zero or less is `errc::token_source_failed`
  access_token(std::string token, std::chrono::seconds expires_in) noexcept
      : token_(std::move(token)), expires_in_(expires_in) {}
  [[nodiscard]] const secret& token() const noexcept { return token_; }
  [[nodiscard]] std::chrono::seconds expires_in() const noexcept { return expires_in_; }

 private:
  secret token_;
  std::chrono::seconds expires_in_;
};

/// A function of your own that obtains access tokens: from a vault, a metadata service, another
/// sign-in. The client calls it when it needs a token, renews the token before it expires, and
/// shares it among its calls, as it does for an `api_token`. The function needs no cache.
///
/// \code
/// upsun::token_source([]() -> asio::awaitable<upsun::result<upsun::access_token>> {
///   std::string token = co_await read_vault("upsun/token");
///   co_return upsun::access_token(std::move(token), std::chrono::minutes(15));
/// })
/// \endcode
/// Executor: it runs on a strand of the client's executor, never within an initiating function, and
/// one call at a time.
///
/// Cancellation: when it takes longer than `timeouts.total`, or the client ends, it is cancelled
/// (terminal) and its result dropped.
///
/// Errors: one that it returns ends every call that waits for the token, with `phase::token`. Calls
/// retry those that the retry rules call transient, such as `errc::connect_failed`. An exception is
/// `errc::token_source_failed` with its `what()` as the cause, which must hold no secret. A handler
/// destroyed without having been called is `errc::token_source_failed`.
class token_source {
 public:
  /// The handler that a callback function gets.
  using handler = boost::asio::any_completion_handler<void(result<access_token>)>;
  /// A function that returns an awaitable.
  using coroutine_function = std::function<boost::asio::awaitable<result<access_token>>()>;
  /// A function that takes a handler.
  using callback_function = std::function<void(handler)>;

  /// From a function that returns an awaitable.
  template <class F>
  requires(!std::same_as<std::remove_cvref_t<F>, token_source> &&
           std::is_invocable_r_v<boost::asio::awaitable<result<access_token>>,
                                 F&>) explicit token_source(F function)
      : function_(coroutine_function(std::move(function))) {}

  /// From a function that takes a handler and calls it once: on any thread, also before it returns.
  template <class F>
  requires(!std::same_as<std::remove_cvref_t<F>, token_source> &&
           std::is_invocable_v<F&, handler>) explicit token_source(F function)
      : function_(callback_function(std::move(function))) {}

  /// The function.
  [[nodiscard]] const std::variant<coroutine_function, callback_function>& function()
      const noexcept {
    return function_;
  }

 private:
  std::variant<coroutine_function, callback_function> function_;
};

/// How calls prove who makes them. `std::monostate`: they do not, for servers that ask for no
/// token.
using credentials = std::variant<std::monostate, bearer_token, api_token, token_source>;

}  // namespace upsun
