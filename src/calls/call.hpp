#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <utility>

#include "api/operation.hpp"
#include "calls/call_core.hpp"
#include "calls/client_impl.hpp"
#include "calls/delivery.hpp"

namespace upsun::calls {

/// One call, from admission to its handler: it drives a `call_core` with the floors below. What the
/// answer's value is, and who takes it, is the derived class's.
///
/// Any number of threads may bring events: the caller's cancellation, an answer, a timer. Each is
/// handled under the call's lock, also what it starts below: no floor below ever calls back from
/// within.
class call_base : public call_under_way, public std::enable_shared_from_this<call_base> {
 public:
  call_base(const call_base&) = delete;
  call_base& operator=(const call_base&) = delete;

  /// Cancels the call, whatever it waits for.
  void stop();

  void end() override;
  [[nodiscard]] bool ended_by_client() const noexcept override { return ended_by_client_; }
  [[nodiscard]] std::shared_ptr<call_under_way> lock() noexcept override {
    return weak_from_this().lock();
  }

  /// What is wrong with a call's options, if anything.
  [[nodiscard]] static std::optional<std::string> check(const call_options& options);

 protected:
  /// \param options outlive the call.
  call_base(std::shared_ptr<client_impl> client, result<api::operation>&& operation,
            const call_options& options);
  virtual ~call_base();

  /// Once. `cancel` is the caller's. The handler is never called from within, and never at all when
  /// this throws. The deadline is `latest`, unless the options' is earlier. \throws std::bad_alloc
  void begin(
      boost::asio::cancellation_slot cancel,
      std::chrono::steady_clock::time_point latest = std::chrono::steady_clock::time_point::max());
  /// Makes the call's outcome and calls the handler. `answered`: whether `response`, which is null
  /// when none came, answers the operation. Nothing is locked.
  virtual void complete(const result<void>& answered, const http_response* response) = 0;

  /// Adds to a failure what only the call knows.
  [[nodiscard]] error complete_error(const error& e, const http_response* response) const;
  /// Fills in `call_options::info`. \throws std::bad_alloc
  void inform(const http_response& response) const;
  /// Counts the call's end and tells the observer. Just before the handler.
  void report(const error* failure, const http_response* response) const;
  /// The attempts up to this response, whose own is none when it came from the cache alone.
  [[nodiscard]] unsigned attempts_up_to(const http_response& response) const noexcept {
    return attempts_made() - (response.cached && !response.revalidated ? 1 : 0);
  }

  [[nodiscard]] unsigned attempts_made() const noexcept { return core_ ? core_->attempts() : 0; }

  const std::shared_ptr<client_impl> client_;

  using clock = std::chrono::steady_clock;

 private:
  /// An attempt as it goes through the transport.
  struct attempt {
    boost::asio::cancellation_signal cancel;
    clock::time_point begun{};
    unsigned number = 0;
  };

  struct answer_handler;
  struct token_handler;

  void admit(boost::asio::cancellation_slot cancel, clock::time_point latest);
  /// Completes the call from within the initiating function, where the handler must not be called.
  void complete_later(error why);
  void finish(const result<void>& answered, const http_response* response);
  /// Memory ran out: the call ends with that, unless it has ended.
  void give_up();
  /// Whether the caller is the one to finish the call.
  [[nodiscard]] bool claim_end() noexcept { return !std::exchange(ending_, true); }
  [[nodiscard]] http_request make_request(attempt& one) const;

  void on_token(result<auth::token>&& token);
  void on_answer(unsigned which, result<http_response>&& answer);
  void on_timer(std::uint64_t generation);

  // What an observer is told; only when there is one.
  [[nodiscard]] attempt_event event_of(attempt_event::kind what, unsigned which) const;
  void tell_completed(unsigned which, const http_response* response, const error* failure);
  void tell_retried(unsigned which, const error& failure, const call_action& action) const;

  [[nodiscard]] const retry_options& retry_settings() const noexcept {
    return options_.retry() ? *options_.retry() : client_->config.retry;
  }

  // Under the lock.
  [[nodiscard]] host_pause pause() const;
  // `at`: the time, if it is known.
  void perform(const call_action& action, clock::time_point at = {});
  void get_token(clock::time_point at);
  void send(const call_action& action, clock::time_point at);
  void set_timer(clock::duration delay);
  void stop_timer();
  void end_wait();
  void cancel_all();
  [[nodiscard]] retry::attempt_outcome outcome_of(const error& failure) const;
  [[nodiscard]] answer_kind judge(const error& failure) const;
  [[nodiscard]] retry::decision decide(const error& failure);

  const call_options& options_;
  clock::time_point started_{};
  clock::time_point deadline_{};
  result<api::operation> operation_;
  bool hedged_ = false;
  std::uint64_t number_ = 0;
  clock::time_point completed_{};  // the last attempt, as an observer was told

  std::recursive_mutex mutex_;     // an observer may cancel the call it is told about
  std::optional<call_core> core_;  // from admission on
  bool ending_ = false;            // somebody finishes the call
  bool wait_cancelled_ = false;    // a pause between attempts, whose timer finishes the call
  std::atomic<bool> ended_by_client_{false};
  std::array<attempt, 2> attempts_;
  boost::asio::cancellation_signal cancel_token_;
  auth::token token_;
  std::unique_ptr<boost::asio::steady_timer> timer_;  // most calls need none
  std::uint64_t timer_generation_ = 0;
  retry::call_state retries_;
};

/// A call whose answer becomes a `T`, which the derived class takes.
template <class T>
class typed_call : public call_base {
 public:
  /// What a response's body becomes.
  using decoder = result<T> (*)(const client_impl&, const http_response&);

 protected:
  typed_call(std::shared_ptr<client_impl> client, result<api::operation>&& operation,
             const call_options& options, decoder decode)
      : call_base(std::move(client), std::move(operation), options), decode_(decode) {}

  virtual void take(result<T>&& outcome) = 0;

 private:
  void complete(const result<void>& answered, const http_response* response) final {
    result<T> outcome = conclude(answered, response);
    if (outcome) {
      report(nullptr, response);
    } else {
      const error failure = outcome.error();
      report(&failure, response);
    }
    take(std::move(outcome));
  }

  result<T> conclude(const result<void>& answered, const http_response* response) const {
    result<T> outcome = answered ? decoded(*response) : result<T>(answered.error());
    try {
      if (!outcome) {
        outcome = complete_error(outcome.error(), response);
      } else {
        inform(*response);
      }
    } catch (const std::bad_alloc&) {
      if (outcome) outcome = error(errc::out_of_memory);  // else it lacks what only the call knows
    }
    return outcome;
  }
  result<T> decoded(const http_response& response) const {
    try {
      return decode_(*client_, response);
    } catch (const std::bad_alloc&) {
      return error(errc::out_of_memory);
    }
  }

  const decoder decode_;
};

/// Constructed before the call that refers to them.
struct own_options {
  const call_options options;
};

/// A call with options and a handler of its own.
template <class T>
class call final : private own_options, public typed_call<T>, public detail::startable<T> {
 public:
  using handler_type = typename detail::startable<T>::handler_type;
  using typename typed_call<T>::decoder;

  call(std::shared_ptr<client_impl> client, result<api::operation>&& operation,
       call_options&& given, decoder decode)
      : own_options{std::move(given)},
        typed_call<T>(std::move(client), std::move(operation), options, decode) {}

  [[nodiscard]] const boost::asio::any_io_executor& executor() const noexcept override {
    return this->client_->executor;
  }
  void start(detail::handler_executor where, boost::asio::cancellation_slot cancel,
             handler_type&& handler) override {
    pending_.emplace(executor(), std::move(where));
    handler_.swap(handler);  // its move assignment recurses without end in Boost 1.81
    this->begin(cancel);
  }

 private:
  void take(result<T>&& outcome) override { deliver(*pending_, handler_, std::move(outcome)); }

  std::optional<pending_handler> pending_;
  handler_type handler_;
};

}  // namespace upsun::calls
