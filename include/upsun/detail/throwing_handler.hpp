#pragma once

/// \file
/// The handler behind `upsun::throw_errors`. Not for programs to use.

#include <boost/asio/associator.hpp>

#include <exception>
#include <type_traits>
#include <utility>

#include <upsun/error.hpp>
#include <upsun/result.hpp>

namespace upsun::detail {

template <class T>
struct throwing {
  static_assert(std::is_default_constructible_v<T>, "the value that stands beside an exception");
  using signature = void(std::exception_ptr, T);
};
template <>
struct throwing<void> {
  using signature = void(std::exception_ptr);
};
template <class T>
using throwing_signature = typename throwing<T>::signature;

/// Calls a handler of `throwing_signature<T>` with a `result<T>`.
template <class Handler>
class throwing_handler {
 public:
  explicit throwing_handler(Handler&& handler) : handler_(std::move(handler)) {}
  [[nodiscard]] const Handler& handler() const noexcept { return handler_; }

  template <class T>
  void operator()(result<T> outcome) {
    std::exception_ptr thrown;
    if (!outcome) thrown = std::make_exception_ptr(call_failed(outcome.error()));
    if constexpr (std::is_void_v<T>)
      std::move(handler_)(std::move(thrown));
    else
      std::move(handler_)(std::move(thrown), outcome ? std::move(*outcome) : T());
  }

 private:
  Handler handler_;
};

/// Begins an operation with a `throwing_handler` of the handler it is given.
template <class Initiation>
class throwing_initiation {
 public:
  explicit throwing_initiation(Initiation initiation) : initiation_(std::move(initiation)) {}

  template <class Handler, class... Args>
  void operator()(Handler&& handler, Args&&... args) {
    using decayed = std::decay_t<Handler>;
    std::move(initiation_)(throwing_handler<decayed>(decayed(std::forward<Handler>(handler))),
                           std::forward<Args>(args)...);
  }

 private:
  Initiation initiation_;
};

}  // namespace upsun::detail

template <template <class, class> class Associator, class Handler, class Default>
struct boost::asio::associator<Associator, upsun::detail::throwing_handler<Handler>, Default>
    : Associator<Handler, Default> {
  static decltype(auto) get(const upsun::detail::throwing_handler<Handler>& of) noexcept {
    return Associator<Handler, Default>::get(of.handler());
  }
  static decltype(auto) get(const upsun::detail::throwing_handler<Handler>& of,
                            const Default& otherwise) noexcept {
    return Associator<Handler, Default>::get(of.handler(), otherwise);
  }
};
