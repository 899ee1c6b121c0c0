#include <upsun/client.hpp>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/recycling_allocator.hpp>
#include <upsun/codec.hpp>

#include <optional>

#include "api/integrations.hpp"
#include "call.hpp"
#include "client_impl.hpp"

namespace asio = boost::asio;

namespace upsun {
namespace {

using detail::client_impl;

result<integration> decode_one(const client_impl& client, const http_response& response) {
  std::optional<decode_mismatch> drift;
  auto decoded = decode_integration(response.body, client.decoding, &drift);
  if (drift && client.config.observer) client.config.observer->on_drift({decoded ? std::string_view(decoded->type) : std::string_view(), *drift});
  return decoded;
}

std::shared_ptr<client_impl> make_impl(asio::any_io_executor executor, client_config config) {
  auto made = std::make_shared<client_impl>(std::move(executor), std::move(config));
  made->watch_context();
  return made;
}

}  // namespace

client::client(asio::any_io_executor executor, client_config config) : impl_(make_impl(std::move(executor), std::move(config))) {}
client::client(client&&) noexcept = default;

client& client::operator=(client&& other) noexcept {
  client old(std::move(*this));
  impl_ = std::move(other.impl_);
  return *this;
}

client::~client() {
  if (impl_) impl_->shutdown();
}

asio::any_io_executor client::get_executor() const noexcept { return impl_->executor; }

client_statistics client::statistics() const { return impl_->statistics(); }

void client::start_get_integration(std::shared_ptr<client_impl> impl, project_id project, integration_id integration, call_options options,
                                   handler_for<upsun::integration> handler) {
  const auto allocator = asio::recycling_allocator<void>();
  std::allocate_shared<call<upsun::integration>>(allocator, std::move(impl), std::move(handler), std::move(options), &decode_one)
      ->start(api::get_integration(project, integration));
}

void client::start_close(std::shared_ptr<client_impl> impl, std::chrono::milliseconds grace, handler_for<close_report> handler) {
  const detail::pending_work work(impl->executor, handler);
  const auto slot = asio::get_associated_cancellation_slot(handler);
  impl->async_close(grace, asio::bind_cancellation_slot(slot, [handler = std::move(handler), work](close_report report) mutable {
                      asio::dispatch(work.completion, [handler = std::move(handler), report]() mutable { std::move(handler)(report); });
                    }));
}

}  // namespace upsun
