#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <upsun/testing/fake_transport.hpp>
#include <upsun/transport.hpp>

#include <chrono>
#include <string>
#include <utility>

namespace upsun::testing {

/// Responds to every request by a posted function, with what `respond` makes of its target, and
/// keeps nothing: for tests of very many calls.
struct instant_transport final : transport {
  using respond_function = std::string (*)(const std::string& target);

  explicit instant_transport(boost::asio::any_io_executor on,
                             respond_function respond = &an_integration)
      : executor(std::move(on)), body_for(respond) {}
  boost::asio::any_io_executor executor;
  respond_function body_for;

  static std::string an_integration(const std::string&) {
    return R"({"id":"i","type":"health.slack","channel":"#ops","role":"","created_at":null,"updated_at":null})";
  }

  void async_send(http_request request, send_handler handler) override {
    boost::asio::post(executor,
                      [this, h = std::move(handler), at = std::move(request.target)]() mutable {
                        std::move(h)(fake_transport::json(body_for(at)));
                      });
  }
  void async_close(std::chrono::milliseconds, close_handler handler) override {
    boost::asio::post(executor,
                      [h = std::move(handler)]() mutable { std::move(h)(close_report{}); });
  }
  void shutdown() noexcept override {}
  [[nodiscard]] pool_statistics statistics() const override { return {}; }
};

}  // namespace upsun::testing
