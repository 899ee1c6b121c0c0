#include "once_transport.hpp"

#include <utility>

#include "config/settings.hpp"
#include "http/pool/http_transport.hpp"

namespace upsun::load {
namespace {

class once_transport final : public transport {
 public:
  explicit once_transport(std::shared_ptr<transport> inner) : inner_(std::move(inner)) {}

  void async_send(http_request request, send_handler handler) override {
    request.headers.emplace_back("Connection", "close");
    inner_->async_send(std::move(request), std::move(handler));
  }
  void async_close(std::chrono::milliseconds grace, close_handler handler) override {
    inner_->async_close(grace, std::move(handler));
  }
  void shutdown() noexcept override { inner_->shutdown(); }
  [[nodiscard]] pool_statistics statistics() const override { return inner_->statistics(); }

 private:
  const std::shared_ptr<transport> inner_;
};

}  // namespace

std::shared_ptr<transport> make_once_transport(const boost::asio::any_io_executor& executor,
                                               const client_config& config) {
  return std::make_shared<once_transport>(
      http::make_transport(executor, config::make_settings(config).network));
}

}  // namespace upsun::load
