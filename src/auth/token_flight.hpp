#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/strand.hpp>

#include <upsun/credentials.hpp>
#include <upsun/result.hpp>
#include <upsun/transport.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "auth/issued_token.hpp"
#include "auth/token_core.hpp"

namespace upsun::auth {

/// One request for a token under way, whoever answers it. Thread safety: every member, from any
/// thread.
class token_flight : public std::enable_shared_from_this<token_flight> {
 public:
  using strand_type = boost::asio::strand<boost::asio::any_io_executor>;

  /// \param strand where a user's source runs; none for an exchange, since a strand takes memory at
  /// times when it must not be short. \param done is called with the answer, at most once.
  token_flight(const std::optional<strand_type>& strand,
               std::function<void(result<issued_token>&&)> done)
      : strand_(strand), done_(std::move(done)) {}

  /// Of a source: where the request is made and answered, so that cancelling it never meets it.
  [[nodiscard]] const strand_type& strand() const noexcept { return *strand_; }
  /// Of what is started on the strand, or by `begin`.
  [[nodiscard]] boost::asio::cancellation_slot slot() noexcept { return cancel_.slot(); }
  /// Without a strand: starts the request, unless the flight was stopped. The two never meet.
  template <class Start>
  void begin(Start start) {
    const std::scoped_lock lock(mutex_);
    if (!stopped_) start();
  }

  /// Answers; the first time counts.
  void finish(result<issued_token>&& answer) {
    if (!finished_.exchange(true)) done_(std::move(answer));
  }
  /// Cancels what was started, unless memory is short: its answer is of no use any more anyway.
  /// Returns before that.
  void stop() noexcept;

 private:
  const std::optional<strand_type> strand_;
  std::mutex mutex_;
  bool stopped_ = false;
  boost::asio::cancellation_signal cancel_;
  const std::function<void(result<issued_token>&&)> done_;
  std::atomic<bool> finished_{false};
};

/// Makes a flight's request, and has the flight finish. Called on its strand, if it has one.
using issue_function =
    std::function<void(const std::shared_ptr<token_flight>&, const token_request&,
                       std::chrono::steady_clock::time_point deadline)>;

/// By the token endpoint. \param prefix the path before `/oauth2/token`.
[[nodiscard]] issue_function issue_by_exchange(std::shared_ptr<transport> network,
                                               std::string prefix, secret api_token,
                                               std::chrono::milliseconds timeout);

/// By the user's function.
[[nodiscard]] issue_function issue_by_source(token_source source);

}  // namespace upsun::auth
