#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "calls/call.hpp"
#include "calls/client_impl.hpp"
#include "calls/operation_under_way.hpp"
#include "util/recycler.hpp"

namespace upsun::calls {

/// What an operation of several calls has for its steps: the calls themselves, pauses, and what is
/// left of the one deadline they all share.
///
/// Steps are a coroutine on a strand. Everything here is for them alone, but `cancel`, which any
/// thread may call.
class composed_base : public operation_under_way {
 public:
  /// One call, to be awaited: `co_await steps.perform<integration>(api::get_integration(...),
  /// decode)`. It ends with the time that is left, and at once when there is none or the whole was
  /// cancelled.
  template <class T>
  [[nodiscard]] boost::asio::awaitable<result<T>> perform(result<api::operation>&& operation,
                                                          typename call<T>::decoder decode) {
    refuse_when_over(operation);
    detail::prepared_call<T> prepared = prepare<T>(std::move(operation), decode);
    return detail::initiate(std::move(prepared), boost::asio::use_awaitable);
  }
  /// The same by another client than the one the whole belongs to, to another host: the caller's
  /// headers and trace do not go there.
  template <class T>
  [[nodiscard]] boost::asio::awaitable<result<T>> perform_by(std::shared_ptr<client_impl> other,
                                                             result<api::operation>&& operation,
                                                             typename call<T>::decoder decode) {
    refuse_when_over(operation);
    detail::prepared_call<T> prepared = std::make_shared<call<T>>(
        std::move(other), std::move(operation), options_elsewhere(), decode, deadline_);
    return detail::initiate(std::move(prepared), boost::asio::use_awaitable);
  }
  /// A call before it starts, for steps that have several under way and look at `over` themselves.
  template <class T>
  [[nodiscard]] std::shared_ptr<call<T>> prepare(result<api::operation>&& operation,
                                                 typename call<T>::decoder decode) {
    return std::allocate_shared<call<T>>(util::recycler<call<T>>(), client_, std::move(operation),
                                         options_of_step(), decode, deadline_);
  }
  /// Awaits an operation of a floor below, `start(handler)`, whose handler may be called on any
  /// thread: goes on, on the strand.
  template <class T, class Start>
  [[nodiscard]] static boost::asio::awaitable<result<T>> from_below(Start start) {
    return boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void(result<T>)>(
        [](auto handler, Start begin) {
          const auto executor = boost::asio::get_associated_executor(handler);
          const auto slot = boost::asio::get_associated_cancellation_slot(handler);
          auto resume = [handler = std::move(handler), executor](result<T> got) mutable {
            boost::asio::dispatch(executor,
                                  [handler = std::move(handler), got = std::move(got)]() mutable {
                                    std::move(handler)(std::move(got));
                                  });
          };
          begin(boost::asio::bind_cancellation_slot(slot, std::move(resume)));
        },
        boost::asio::use_awaitable, std::move(start));
  }
  /// Waits, at most as long as is left. \return why the steps cannot go on: the deadline has
  /// passed, or the whole was cancelled.
  [[nodiscard]] boost::asio::awaitable<result<void>> pause(clock::duration time);

  /// Why no further step can be made, if so.
  [[nodiscard]] std::optional<error> over() const;
  [[nodiscard]] bool cancelled() const noexcept { return cancelled_; }
  /// `time_point::max()` when there is none.
  [[nodiscard]] clock::time_point deadline() const noexcept { return deadline_; }
  [[nodiscard]] client_impl& client() const noexcept { return *client_; }
  /// The strand the steps run on.
  [[nodiscard]] const boost::asio::any_io_executor& strand() const noexcept { return *strand_; }
  /// What the strand stands on: the completion handler's executor for those that call functions of
  /// the caller's, else the client's.
  [[nodiscard]] const boost::asio::any_io_executor& base_executor() const noexcept { return base_; }

  void cancel() override;
  void cancel_by_client() override {
    if (ended_) return;
    count_as_cancelled();
    cancel();
  }

 protected:
  /// \param options of each step. \param timeout of the whole; zero: none
  composed_base(std::shared_ptr<client_impl> client, call_options&& options,
                std::chrono::milliseconds timeout);

  /// \param base the executor under the strand
  void make_strand(const boost::asio::any_io_executor& base);
  /// Lists the operation with its client. False when that is closed.
  [[nodiscard]] bool begin(boost::asio::cancellation_slot slot);

  std::atomic<bool> ended_{false};
  boost::asio::cancellation_signal cancel_;  // connected, emitted and used on the strand

 private:
  void refuse_when_over(result<api::operation>& step) const;
  [[nodiscard]] call_options options_of_step() const;
  [[nodiscard]] call_options options_elsewhere() const;

  const call_options options_;
  const std::chrono::milliseconds timeout_;
  boost::asio::any_io_executor base_;
  std::optional<boost::asio::any_io_executor> strand_;
  clock::time_point deadline_{};
  std::atomic<bool> cancelled_{false};
};

/// Keeps a second reader of a sequence out while one is at it.
class exclusive_use {
 public:
  explicit exclusive_use(std::atomic<bool>& busy) noexcept
      : busy_(busy), granted_(!busy.exchange(true)) {}
  exclusive_use(const exclusive_use&) = delete;
  exclusive_use& operator=(const exclusive_use&) = delete;
  ~exclusive_use() {
    if (granted_) busy_ = false;
  }
  [[nodiscard]] bool granted() const noexcept { return granted_; }

 private:
  std::atomic<bool>& busy_;
  const bool granted_;
};

/// Where the steps of a composed operation run.
enum class steps_run {
  on_client,   ///< On a strand of the client's executor.
  on_handler,  ///< On a strand of the completion handler's, since they call the caller's functions.
};

/// An operation of several calls, written as a coroutine. To the client and to the caller it is one
/// operation. What its steps throw leaves the context's `run()`, with the handler destroyed
/// uncalled.
template <class T>
class composed final : public composed_base, public detail::startable<T> {
 public:
  using handler_type = typename detail::startable<T>::handler_type;
  using steps = std::function<boost::asio::awaitable<result<T>>(composed_base&)>;

  /// With the options' timeout, or the client's, for the whole.
  composed(const std::shared_ptr<client_impl>& client, call_options&& options, steps what)
      : composed(
            client, std::move(options), std::move(what),
            options.timeout().count() > 0 ? options.timeout() : client->config.timeouts.total) {}
  /// \param timeout of the whole; zero: none
  composed(std::shared_ptr<client_impl> client, call_options&& options, steps what,
           std::chrono::milliseconds timeout, steps_run where = steps_run::on_client)
      : composed_base(std::move(client), std::move(options), timeout),
        steps_(std::move(what)),
        where_(where) {}

  [[nodiscard]] const boost::asio::any_io_executor& executor() const noexcept override {
    return client_->executor;
  }

  void start(detail::handler_executor executor_of_handler, boost::asio::cancellation_slot slot,
             handler_type&& handler) override {
    const auto* io = std::get_if<boost::asio::any_io_executor>(&executor_of_handler);
    make_strand(where_ == steps_run::on_handler && io != nullptr ? *io : executor());
    completion_.emplace(executor(), std::move(executor_of_handler), std::move(handler));
    const auto self = std::static_pointer_cast<composed>(shared_from_this());
    const bool admitted = begin(slot);
    try {
      boost::asio::post(strand(), [self, admitted] { self->spawn(admitted); });
    } catch (...) {
      leave();
      throw;
    }
  }

 private:
  /// On the strand, as all that has to do with `cancel_`.
  void spawn(bool admitted) {
    const auto self = std::static_pointer_cast<composed>(shared_from_this());
    auto completed = [self](const std::exception_ptr& thrown, result<T> outcome) {
      self->complete(thrown, std::move(outcome));
    };
    boost::asio::co_spawn(
        strand(), run(*this, admitted),
        boost::asio::bind_cancellation_slot(
            cancel_.slot(), boost::asio::bind_executor(strand(), std::move(completed))));
  }

  static boost::asio::awaitable<result<T>> run(composed& self, bool admitted) {
    if (!admitted) co_return errc::client_closed;
    co_await boost::asio::this_coro::reset_cancellation_state(
        boost::asio::enable_total_cancellation());
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    const steps what = std::exchange(self.steps_, nullptr);  // destroyed before the completion
    co_return co_await what(self);
  }

  void complete(const std::exception_ptr& thrown, result<T>&& outcome) {
    if (thrown) std::rethrow_exception(thrown);
    ended_ = true;
    (*completion_)(std::move(outcome));
    leave();
  }

  steps steps_;
  const steps_run where_;
  std::optional<completion<result<T>>> completion_;
};

}  // namespace upsun::calls
