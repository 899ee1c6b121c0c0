#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include <upsun/call_options.hpp>
#include <upsun/observer.hpp>
#include <upsun/result.hpp>
#include <upsun/transport.hpp>

#include "api/operation.hpp"
#include "calls/call_core.hpp"
#include "calls/client_impl.hpp"

namespace upsun::calls {

/// An attempt, as events name it.
struct numbered_attempt {
  std::chrono::steady_clock::time_point begun{};
  unsigned number = 0;
  std::uint64_t span_id = 0;  ///< Its parent id in the trace; zero: there is none.
};

/// What becomes known of one call beside its value: to the client's observer, in its
/// `response_info` and in its error. The call guards it.
class call_reporter {
 public:
  using clock = std::chrono::steady_clock;

  /// \param client, operation those of the call, which owns this
  call_reporter(const client_impl& client, const result<api::operation>& operation) noexcept
      : client_(client), operation_(operation) {}

  /// \param number of the call, among those of its client. \param traceparent as it was given;
  /// outlives this
  void begin(std::uint64_t number, std::string_view traceparent) {
    started_ = clock::now();
    number_ = number;
    traceparent_ = traceparent;
  }
  [[nodiscard]] clock::time_point started() const noexcept { return started_; }
  [[nodiscard]] std::uint64_t number() const noexcept { return number_; }

  // Events; only when there is an observer. `response` is null when none came; `attempts`: how many
  // were made; `of_call`: the call has not ended, which on another thread reads the time.
  [[nodiscard]] bool is_observed() const noexcept { return client_.config.observer != nullptr; }
  void hedged(const numbered_attempt& first) const;
  void completed(const numbered_attempt& which, const http_response* response, const error* failure,
                 bool of_call);
  void retried(const numbered_attempt& which, const error& failure,
               const call_action& action) const;

  void ended(const error* failure, const http_response* response, unsigned attempts) const;

  /// The failure with what only the call knows.
  [[nodiscard]] error describe(const error& failure, const http_response* response,
                               unsigned attempts) const;
  void inform(response_info& into, const http_response& response, unsigned attempts) const;

 private:
  [[nodiscard]] attempt_event event_of(attempt_event::kind what,
                                       const numbered_attempt& which) const;

  const client_impl& client_;
  const result<api::operation>& operation_;
  clock::time_point started_{};
  clock::time_point completed_{};  // the last attempt, by an observer's event
  std::uint64_t number_ = 0;
  std::string_view traceparent_;
};

}  // namespace upsun::calls
