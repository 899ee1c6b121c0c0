#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <upsun/export.hpp>
#include <upsun/transport.hpp>

namespace upsun::testing {

/// A transport without a network, for tests of services: it records requests and responds as the
/// test says. Goes into `client_config::transport`.
///
/// \code
/// auto transport = std::make_shared<fake_transport>(io.get_executor());
/// transport->push(fake_transport::json(
///     R"({"id":"x","type":"health.slack","channel":"#ops","role":"",)"
///     R"("created_at":null,"updated_at":null})"));
/// upsun::client client(io.get_executor(), {.transport = transport});
/// \endcode
/// Deadlines, cancellation and closing work as with a real transport.
///
/// Thread safety: every member may be called from any thread, also at the same time.
class UPSUN_EXPORT fake_transport : public upsun::transport {
 public:
  /// Makes the response to a request. Called on the thread that sends, or that calls `release`,
  /// with no lock held.
  using responder = std::function<result<http_response>(const http_request&)>;

  /// \param executor runs timers, and handlers that have no executor of their own
  /// \param respond responds to requests for which `push` has queued nothing. Empty: they end with
  /// `errc::connect_failed`
  explicit fake_transport(boost::asio::any_io_executor executor, responder respond = {});
  /// As `shutdown`.
  ~fake_transport() override;

  /// Queues the outcome of one request. Queued outcomes go before the responder.
  void push(result<http_response> response);
  /// A JSON response, to push or to return.
  [[nodiscard]] static http_response json(std::string body, int status = 200);

  /// Holds back all responses from now on. Requests end by `release`, cancellation or their
  /// deadline.
  void hold();
  /// Responds to every request that is held back, in their order, and holds back no more.
  void release();
  /// The number of requests under way.
  [[nodiscard]] std::size_t pending() const;
  /// Every request so far, those included that were refused because the transport was closed.
  [[nodiscard]] std::vector<http_request> requests() const;

  void async_send(http_request request, send_handler handler) override;
  void async_close(std::chrono::milliseconds grace, close_handler handler) override;
  void shutdown() noexcept override;
  /// `leased` has the requests under way, `leases` all that were admitted; the rest is zero.
  [[nodiscard]] pool_statistics statistics() const override;

 private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace upsun::testing
