#pragma once

#include <exception>
#include <memory>
#include <utility>

#include <upsun/detail/handling.hpp>

namespace upsun {

/// Ends an asynchronous handler of `client::async_for_each_integration`, which takes one as its
/// third argument. The integration counts towards `bulk_options::concurrency` until this is called.
/// Destroyed without having been called, it counts as called.
///
/// Lifetime: it may outlive the client and the operation's completion handler.
///
/// Thread safety: may be called and destroyed on any thread, also from within the handler; one
/// object by one thread at a time.
class bulk_done {
 public:
  /// Made by the operation.
  explicit bulk_done(std::shared_ptr<detail::handling> handling) noexcept
      : handling_(std::move(handling)) {}
  /// Afterwards the other object ends nothing.
  bulk_done(bulk_done&&) noexcept = default;
  /// Ends this handler, and takes over the other one.
  bulk_done& operator=(bulk_done&& other) noexcept {
    bulk_done old(std::move(*this));
    handling_ = std::move(other.handling_);
    return *this;
  }
  /// As a call without an argument.
  ~bulk_done() { (*this)(); }

  /// Ends the handler. A second call does nothing.
  /// \param thrown null: the integration was handled. Not null: stops the whole operation, as if
  /// the handler had thrown it (`bulk_report::thrown`).
  void operator()(std::exception_ptr thrown = nullptr) noexcept {
    if (const auto ending = std::exchange(handling_, nullptr)) ending->ended(std::move(thrown));
  }

 private:
  std::shared_ptr<detail::handling> handling_;
};

}  // namespace upsun
