#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "api/operation.hpp"
#include "calls/call_core.hpp"
#include "calls/call_reporter.hpp"
#include "calls/client_impl.hpp"
#include "calls/operation_under_way.hpp"

namespace upsun::calls {

/// One call, from admission to its handler: drives a `call_core` with the floors below. What the
/// response becomes is the derived class's.
///
/// Any number of threads may bring events: the caller's cancellation, a response, a timer. Each is
/// handled under the call's lock, also what it starts below: no floor below calls back from within.
class call_base : public operation_under_way {
 public:
  void cancel() override;
  void cancel_by_client() override;

 protected:
  /// \param latest when the call ends at the latest, whatever its options say
  call_base(std::shared_ptr<client_impl> client, result<api::operation>&& operation,
            call_options&& options, clock::time_point latest);

  /// Once. `slot` is the caller's. The handler is never called from within, and never at all when
  /// this throws.
  void begin(boost::asio::cancellation_slot slot);
  /// Makes the call's outcome and calls the handler, without any lock. \param checked whether
  /// `response`, which is null when none came, is one that the operation succeeds with
  virtual void complete(const result<void>& checked, const http_response* response) = 0;

  // For `complete`, just before the handler: report the outcome.
  void succeed(const http_response& response) const;
  /// \return the error with what only the call knows
  [[nodiscard]] error fail(const error& why, const http_response* response) const;

 private:
  /// An attempt as it goes through the transport.
  struct attempt : numbered_attempt {
    boost::asio::cancellation_signal cancel;
  };

  struct response_handler;
  struct token_handler;

  [[nodiscard]] unsigned attempts_made() const noexcept { return core_ ? core_->attempts() : 0; }
  [[nodiscard]] std::shared_ptr<call_base> self() {
    return std::static_pointer_cast<call_base>(shared_from_this());
  }
  void admit_and_perform(boost::asio::cancellation_slot slot);
  /// Completes the call from within the initiating function, where the handler must not be called.
  void complete_later(error why);
  void finish(const result<void>& checked, const http_response* response);
  /// Whether the caller is the one to finish the call.
  [[nodiscard]] bool claim_end() noexcept { return !std::exchange(ending_, true); }
  [[nodiscard]] http_request make_request(attempt& one) const;
  [[nodiscard]] const request_progress* progress_of_first() const;
  [[nodiscard]] std::optional<clock::time_point> leased() const;
  [[nodiscard]] clock::duration hedge_early() const;

  void on_token(result<auth::token>&& token);
  void on_response(unsigned which, result<http_response>&& got);
  void on_timer(std::uint64_t generation);
  // Under the lock.
  [[nodiscard]] call_action on_success(unsigned which, const http_response& response);
  [[nodiscard]] call_action on_failure(unsigned which, const error& failure,
                                       const http_response* response);
  [[nodiscard]] bool was_retried_by_another(unsigned which, const error& failure,
                                            const http_response* response) const;

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
  [[nodiscard]] attempt_verdict judge(const error& failure) const;
  [[nodiscard]] attempt_verdict judge(unsigned which, const error& failure) const;
  [[nodiscard]] retry::decision decide(const error& failure);

  const call_options options_;
  const clock::time_point latest_;
  clock::time_point deadline_{};
  result<api::operation> operation_;
  call_reporter reporter_;
  bool hedged_ = false;
  clock::duration hedge_after_{};               // after the lease of the first attempt
  std::shared_ptr<request_progress> progress_;  // of the first attempt; null: it is not hedged

  std::recursive_mutex mutex_;     // an observer may cancel the call from within an event
  std::optional<call_core> core_;  // from admission on
  bool ending_ = false;            // somebody finishes the call
  bool out_of_time_ = false;       // another attempt would not fit the deadline
  bool wait_cancelled_ = false;    // a pause between attempts, whose timer finishes the call
  std::array<attempt, 2> attempts_;
  boost::asio::cancellation_signal cancel_token_;
  auth::token token_;
  std::unique_ptr<boost::asio::steady_timer> timer_;  // most calls need none
  std::uint64_t timer_generation_ = 0;
  retry::call_state retries_;
};

/// A call whose response becomes a `T`.
template <class T>
class call final : public call_base, public detail::startable<T> {
 public:
  using handler_type = typename detail::startable<T>::handler_type;
  /// What a response's body becomes.
  using decoder = result<T> (*)(const client_impl&, const http_response&);

  call(std::shared_ptr<client_impl> client, result<api::operation>&& operation,
       call_options&& options, decoder decode, clock::time_point latest = clock::time_point::max())
      : call_base(std::move(client), std::move(operation), std::move(options), latest),
        decode_(decode) {}

  [[nodiscard]] const boost::asio::any_io_executor& executor() const noexcept override {
    return client_->executor;
  }
  void start(detail::handler_executor executor_of_handler, boost::asio::cancellation_slot slot,
             handler_type&& handler) override {
    completion_.emplace(executor(), std::move(executor_of_handler), std::move(handler));
    begin(slot);
  }

 private:
  void complete(const result<void>& checked, const http_response* response) override {
    result<T> outcome = checked ? decode_(*client_, *response) : result<T>(checked.error());
    if (outcome)
      succeed(*response);
    else
      outcome = fail(outcome.error(), response);
    (*completion_)(std::move(outcome));
  }

  const decoder decode_;
  std::optional<completion<result<T>>> completion_;
};

}  // namespace upsun::calls
