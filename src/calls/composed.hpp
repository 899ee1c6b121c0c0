#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <utility>

#include "calls/call.hpp"
#include "calls/client_impl.hpp"
#include "calls/delivery.hpp"

namespace upsun::calls {

/// What an operation of several calls has for its steps: the calls themselves, pauses, and what is
/// left of the one deadline they all share.
///
/// Steps are a coroutine on a strand of the client's executor: everything here is for them alone,
/// but `stop` and `end`, which any thread may call.
class composed_base : public call_under_way, public std::enable_shared_from_this<composed_base> {
 public:
  using clock = std::chrono::steady_clock;

  composed_base(const composed_base&) = delete;
  composed_base& operator=(const composed_base&) = delete;

  /// One call, to be awaited: `co_await steps.perform<integration>(api::get_integration(...),
  /// decode)`. It ends with the time that is left, and at once when there is none or the whole was
  /// cancelled.
  template <class T>
  [[nodiscard]] boost::asio::awaitable<result<T>> perform(result<api::operation>&& operation,
                                                          typename call<T>::decoder decode) {
    return detail::initiate(prepare<T>(std::move(operation), decode), boost::asio::use_awaitable);
  }
  /// The same by another client than the one the whole belongs to, to another host: the caller's
  /// headers and trace do not go there.
  template <class T>
  [[nodiscard]] boost::asio::awaitable<result<T>> perform_by(std::shared_ptr<client_impl> other,
                                                             result<api::operation>&& operation,
                                                             typename call<T>::decoder decode) {
    detail::prepared_call<T> prepared = std::make_shared<call<T>>(
        std::move(other), allowed(std::move(operation)), options_elsewhere(), decode);
    return detail::initiate(std::move(prepared), boost::asio::use_awaitable);
  }
  /// A call before it starts, for steps that have several under way.
  template <class T>
  [[nodiscard]] detail::prepared_call<T> prepare(result<api::operation>&& operation,
                                                 typename call<T>::decoder decode) {
    return std::make_shared<call<T>>(client_, allowed(std::move(operation)), options_of_step(),
                                     decode);
  }
  /// Waits, at most as long as is left. \return why the steps cannot go on: the deadline has
  /// passed, or the whole was cancelled.
  [[nodiscard]] boost::asio::awaitable<result<void>> pause(clock::duration time);

  /// Why no further step can be made, if so.
  [[nodiscard]] std::optional<error> over() const;
  [[nodiscard]] clock::time_point deadline() const noexcept { return deadline_; }
  [[nodiscard]] const call_options& options() const noexcept { return options_; }
  [[nodiscard]] client_impl& client() const noexcept { return *client_; }
  /// The strand the steps run on.
  [[nodiscard]] const boost::asio::any_io_executor& strand() const noexcept { return strand_; }

  /// Cancels the whole.
  void stop();

  void end() override;
  [[nodiscard]] bool ended_by_client() const noexcept override { return ended_by_client_; }
  [[nodiscard]] std::shared_ptr<call_under_way> lock() noexcept override {
    return weak_from_this().lock();
  }

 protected:
  /// \throws std::bad_alloc
  composed_base(std::shared_ptr<client_impl> client, call_options&& options);
  virtual ~composed_base();

  /// Counts the operation in; false when the client is closed.
  [[nodiscard]] bool admit(boost::asio::cancellation_slot cancel);

  const std::shared_ptr<client_impl> client_;
  boost::asio::cancellation_signal cancel_;  // emitted on the strand

 private:
  /// The operation, unless no further step can be made.
  [[nodiscard]] result<api::operation> allowed(result<api::operation>&& operation) const;
  [[nodiscard]] call_options options_of_step() const;
  [[nodiscard]] call_options options_elsewhere() const;
  [[nodiscard]] std::chrono::milliseconds left() const;

  const call_options options_;
  const boost::asio::any_io_executor strand_;
  clock::time_point deadline_{};
  std::atomic<bool> stopped_{false};
  std::atomic<bool> ended_by_client_{false};
};

/// An operation of several calls, written as a coroutine. It is a call of its own to the client,
/// which may end it, and to the caller, who may cancel it.
///
/// The steps should not throw: lack of memory becomes an error, and what else is thrown leaves the
/// context's `run()`, with the handler destroyed uncalled.
template <class T>
class composed final : public composed_base, public detail::startable<T> {
 public:
  using handler_type = typename detail::startable<T>::handler_type;
  using steps = std::function<boost::asio::awaitable<result<T>>(composed_base&)>;

  composed(std::shared_ptr<client_impl> client, call_options&& options, steps what)
      : composed_base(std::move(client), std::move(options)), steps_(std::move(what)) {}

  [[nodiscard]] const boost::asio::any_io_executor& executor() const noexcept override {
    return client_->executor;
  }

  void start(detail::handler_executor where, boost::asio::cancellation_slot cancel,
             handler_type&& handler) override {
    pending_.emplace(client_->executor, std::move(where));
    handler_.swap(handler);  // its move assignment recurses without end in Boost 1.81
    const bool admitted = admit(cancel);
    const auto self = std::static_pointer_cast<composed>(shared_from_this());
    auto completed = [self](const std::exception_ptr& thrown, result<T> outcome) {
      self->complete(thrown, std::move(outcome));
    };
    boost::asio::co_spawn(
        strand(), run(*this, admitted),
        boost::asio::bind_cancellation_slot(
            cancel_.slot(), boost::asio::bind_executor(strand(), std::move(completed))));
  }

 private:
  static boost::asio::awaitable<result<T>> run(composed& self, bool admitted) {
    if (!admitted) co_return errc::client_closed;
    co_await boost::asio::this_coro::reset_cancellation_state(
        boost::asio::enable_total_cancellation());
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    co_return co_await self.steps_(self);
  }

  void complete(const std::exception_ptr& thrown, result<T>&& outcome) {
    const auto self = shared_from_this();
    if (thrown) outcome = error_of(thrown);
    deliver(*pending_, handler_, std::move(outcome));
    client_->leave(*this);
  }

  static error error_of(const std::exception_ptr& thrown) {
    try {
      std::rethrow_exception(thrown);
    } catch (const std::bad_alloc&) {
      return errc::out_of_memory;
    }
  }

  const steps steps_;
  std::optional<pending_handler> pending_;
  handler_type handler_;
};

}  // namespace upsun::calls
