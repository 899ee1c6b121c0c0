#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <exception>
#include <memory>

namespace upsun::detail {

/// A result of a bulk operation while the user's handler deals with it.
class handling {
 public:
  /// Says that the handler ends later, by `ended`. To be called only while the handler is called.
  [[nodiscard]] virtual std::shared_ptr<handling> defer() = 0;
  /// The end of a deferred handler. To be called once, from any thread.
  virtual void ended(std::exception_ptr thrown) noexcept = 0;
  /// The executor on which the handler's coroutines are spawned.
  [[nodiscard]] virtual const boost::asio::any_io_executor& executor() const noexcept = 0;

 protected:
  ~handling() = default;
};

}  // namespace upsun::detail
