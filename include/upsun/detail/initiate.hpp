#pragma once

/// \file
/// How every operation begins. Not for programs to use.

#include <boost/asio/any_completion_executor.hpp>
#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/recycling_allocator.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <concepts>
#include <memory>
#include <type_traits>
#include <utility>
#include <variant>

#include <upsun/detail/same_asio.hpp>
#include <upsun/result.hpp>

namespace upsun::detail {

/// A handler's executor. Most often that is an `any_io_executor`, as with coroutines: wrapping it
/// in another erased type would cost an allocation.
using handler_executor =
    std::variant<boost::asio::any_io_executor, boost::asio::any_completion_executor>;

template <class Handler>
handler_executor executor_of(const Handler& handler, const boost::asio::any_io_executor& own) {
  auto executor = boost::asio::get_associated_executor(handler, own);
  if constexpr (std::is_convertible_v<decltype(executor), boost::asio::any_io_executor>)
    return boost::asio::any_io_executor(std::move(executor));
  else
    return boost::asio::any_completion_executor(std::move(executor));
}

/// A handler without its executor and its cancellation slot, which are passed beside it: the erased
/// type would wrap each of them, for an allocation each.
template <class Handler>
class bare_handler {
 public:
  using allocator_type =
      boost::asio::associated_allocator_t<Handler, boost::asio::recycling_allocator<void>>;

  explicit bare_handler(Handler&& handler) : handler_(std::move(handler)) {}
  [[nodiscard]] allocator_type get_allocator() const noexcept {
    return boost::asio::get_associated_allocator(handler_,
                                                 boost::asio::recycling_allocator<void>());
  }
  template <class T>
  void operator()(T&& outcome) {
    std::move(handler_)(std::forward<T>(outcome));
  }

 private:
  Handler handler_;
};

/// An operation that has its arguments and waits for its handler. Made before the completion token
/// is looked at, so that only a pointer passes through the token.
template <class T>
class startable {
 public:
  using handler_type = boost::asio::any_completion_handler<void(result<T>&&)>;

  /// The client's executor, for handlers that have none of their own.
  [[nodiscard]] virtual const boost::asio::any_io_executor& executor() const noexcept = 0;
  /// To be called once. The handler is never called from within, and not at all when this throws.
  /// \param where the handler's executor
  /// \param cancel the handler's cancellation slot
  /// \param handler the handler, without these two
  /// \throws std::bad_alloc
  virtual void start(handler_executor where, boost::asio::cancellation_slot cancel,
                     handler_type&& handler) = 0;

 protected:
  ~startable() = default;
};

template <class T>
using prepared_call = std::shared_ptr<startable<T>>;

template <class Token, class T>
concept token_for = boost::asio::completion_token_for<Token, void(result<T>)>;

/// The last two arguments of an operation that completes with a `result<T>`: its options and a
/// completion token. Either may be left out, so the token may stand in the options' place.
template <class Options, class T, class First, class Second>
concept options_then_token = (std::same_as<std::remove_cvref_t<First>, Options> &&
                              token_for<Second, T>) ||
                             (token_for<First, T> &&
                              std::same_as<Second, boost::asio::use_awaitable_t<>>);

/// Erases the token's handler and hands over to compiled code.
template <class T, class CompletionToken>
auto initiate(prepared_call<T> call, CompletionToken&& token) {
  return boost::asio::async_initiate<CompletionToken, void(result<T>)>(
      [](auto handler, prepared_call<T> prepared) {
        auto executor = executor_of(handler, prepared->executor());
        const auto cancel = boost::asio::get_associated_cancellation_slot(handler);
        using erased = typename startable<T>::handler_type;
        prepared->start(std::move(executor), cancel,
                        erased(bare_handler<decltype(handler)>(std::move(handler))));
      },
      token, std::move(call));
}

/// The same for an operation with options.
/// \param prepare takes `Options&&` and returns the `prepared_call`
/// \param first the options, or the token when they were left out
/// \param second the token, or its default
template <class Options, class Prepare, class First, class Second>
auto initiate(Prepare prepare, First&& first, Second&& second) {
  if constexpr (!std::same_as<std::remove_cvref_t<First>, Options>)
    return initiate(prepare(Options()), std::forward<First>(first));
  else if constexpr (std::same_as<First, Options>)
    return initiate(prepare(std::forward<First>(first)), std::forward<Second>(second));
  else
    return initiate(prepare(Options(first)), std::forward<Second>(second));
}

}  // namespace upsun::detail
