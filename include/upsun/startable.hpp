#pragma once

/// \file
/// How every operation begins: what the templates of `client` and of its sequences are made of. Not
/// for programs to use.

#include <boost/asio/any_completion_executor.hpp>
#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/recycling_allocator.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <memory>
#include <type_traits>
#include <utility>
#include <variant>

#include <upsun/result.hpp>

namespace upsun::detail {

/// Where a handler runs. Most often that is an `any_io_executor` as it stands, as with coroutines:
/// wrapped in another erased type it would cost an allocation.
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

/// A handler without its executor and its cancellation slot, which go beside it: the erased type
/// would wrap them, each for an allocation.
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

/// An operation before it starts, which it does once: made by the function the user calls, so that
/// only a pointer passes through the completion token.
template <class T>
class startable {
 public:
  using handler_type = boost::asio::any_completion_handler<void(result<T>&&)>;

  /// The client's, which is that of handlers that have none of their own.
  [[nodiscard]] virtual const boost::asio::any_io_executor& executor() const noexcept = 0;
  /// Once. The handler is never called from within, and never at all when this throws. \param where
  /// the handler's executor. \throws std::bad_alloc
  virtual void start(handler_executor where, boost::asio::cancellation_slot cancel,
                     handler_type&& handler) = 0;

 protected:
  ~startable() = default;
};

template <class T>
using prepared_call = std::shared_ptr<startable<T>>;

/// Erases the token's handler and hands over to compiled code.
template <class T, class CompletionToken>
auto start(prepared_call<T> call, CompletionToken&& token) {
  return boost::asio::async_initiate<CompletionToken, void(result<T>)>(
      [](auto handler, prepared_call<T> prepared) {
        auto where = executor_of(handler, prepared->executor());
        const auto cancel = boost::asio::get_associated_cancellation_slot(handler);
        using erased = typename startable<T>::handler_type;
        prepared->start(std::move(where), cancel,
                        erased(bare_handler<decltype(handler)>(std::move(handler))));
      },
      token, std::move(call));
}

}  // namespace upsun::detail
