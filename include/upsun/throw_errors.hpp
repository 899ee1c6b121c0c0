#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <type_traits>
#include <utility>

#include <upsun/detail/throwing_handler.hpp>
#include <upsun/result.hpp>

namespace upsun {

/// The type of `upsun::throw_errors`.
template <class CompletionToken = boost::asio::use_awaitable_t<>>
class throw_errors_t {
 public:
  /// Adapts the default token.
  constexpr throw_errors_t() = default;
  /// Adapts a token.
  constexpr explicit throw_errors_t(CompletionToken token) : token_(std::move(token)) {}

  /// Adapts another token instead.
  template <class Token>
  [[nodiscard]] constexpr throw_errors_t<std::decay_t<Token>> operator()(Token&& token) const {
    return throw_errors_t<std::decay_t<Token>>(std::forward<Token>(token));
  }

  [[nodiscard]] constexpr const CompletionToken& token() const& noexcept { return token_; }
  [[nodiscard]] constexpr CompletionToken&& token() && noexcept { return std::move(token_); }

 private:
  CompletionToken token_{};
};

/// A completion token, or an adapter of one, by which an operation throws its error instead of
/// completing with it: `void(upsun::result<T>)` becomes `void(std::exception_ptr, T)`, and
/// `void(upsun::result<void>)` becomes `void(std::exception_ptr)`. The exception is
/// `upsun::call_failed`, which holds the `upsun::error`; the value beside it is `T()`.
///
/// As it stands it is for coroutines:
/// \code
/// upsun::integration got = co_await client.async_get_integration(ref, upsun::throw_errors);
/// \endcode
/// Called with a token, it adapts that: `upsun::throw_errors(asio::use_future)` gives a
/// `std::future<T>`. Code that handles exceptions sees failures then: futures, the operators of
/// `asio::experimental::awaitable_operators`, `asio::experimental::make_parallel_group`.
///
/// Executor and cancellation: the associated executor, allocator and cancellation slot of the
/// token's handler are those of the operation.
///
/// Thread safety: a constant, without state.
inline constexpr throw_errors_t<> throw_errors{};

}  // namespace upsun

/// \cond
template <class CompletionToken, class T>
class boost::asio::async_result<upsun::throw_errors_t<CompletionToken>, void(upsun::result<T>)> {
 public:
  template <class Initiation, class Token, class... Args>
  static auto initiate(Initiation&& initiation, Token&& token, Args&&... args) {
    CompletionToken adapted(std::forward<Token>(token).token());
    return async_initiate<CompletionToken, upsun::detail::throwing_signature<T>>(
        upsun::detail::throwing_initiation<std::decay_t<Initiation>>(
            std::forward<Initiation>(initiation)),
        adapted, std::forward<Args>(args)...);
  }
};
/// \endcond
