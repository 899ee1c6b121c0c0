#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <upsun/testing/fake_transport.hpp>
#include <upsun/transport.hpp>

#include <chrono>
#include <utility>

namespace upsun::testing {

/// Answers every request alike, by a posted function, and keeps nothing: for tests of very many
/// calls.
struct instant_transport final : transport {
  explicit instant_transport(boost::asio::any_io_executor on) : executor(std::move(on)) {}
  boost::asio::any_io_executor executor;

  void async_send(http_request, send_handler handler) override {
    boost::asio::post(executor, [h = std::move(handler)]() mutable {
      std::move(h)(fake_transport::json(
          R"({"id":"i","type":"health.slack","channel":"#ops","role":"","created_at":null,"updated_at":null})"));
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
