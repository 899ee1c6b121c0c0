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
#include <string>

#include "auth/token_core.hpp"

namespace upsun::auth {

/// One request for a token under way, to the token endpoint or to the user's source. It starts and
/// is cancelled on its strand, so the two never run at once. Thread safety: every member but
/// `slot`, from any thread.
class token_request : public std::enable_shared_from_this<token_request> {
 public:
  using strand_type = boost::asio::strand<boost::asio::any_io_executor>;
  using completion = std::function<void(result<issued_token>&&)>;

  /// \param done is called with the outcome, at most once.
  token_request(strand_type strand, completion done)
      : strand_(std::move(strand)), done_(std::move(done)) {}

  [[nodiscard]] const strand_type& strand() const noexcept { return strand_; }
  /// For the operation that gets the token. On the strand only.
  [[nodiscard]] boost::asio::cancellation_slot slot() noexcept { return cancel_.slot(); }

  /// Reports the outcome. Only the first call counts.
  void complete(result<issued_token>&& outcome) {
    if (!completed_.exchange(true)) done_(std::move(outcome));
  }
  /// Has the operation cancelled, later.
  void cancel();

 private:
  const strand_type strand_;
  boost::asio::cancellation_signal cancel_;
  const completion done_;
  std::atomic<bool> completed_{false};
};

/// Starts a request, which it completes later. Called on the request's strand.
using start_function = std::function<void(const std::shared_ptr<token_request>&, const token_grant&,
                                          std::chrono::steady_clock::time_point deadline)>;

/// Requests to the token endpoint. \param prefix the path before `/oauth2/token`.
[[nodiscard]] start_function start_exchanges(std::shared_ptr<transport> network, std::string prefix,
                                             secret api_token, std::chrono::milliseconds timeout);

/// Calls of the user's function.
[[nodiscard]] start_function start_source_calls(token_source source);

}  // namespace upsun::auth
