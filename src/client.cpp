#include <upsun/client.hpp>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/recycling_allocator.hpp>
#include <upsun/codec.hpp>

#include <optional>

#include "api/integrations.hpp"
#include "call.hpp"
#include "client_impl.hpp"
#include "delivery.hpp"

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

result<std::vector<result<integration>>> decode_list(const client_impl& client, const http_response& response) {
  std::vector<element_drift> drifts;
  auto decoded = decode_integrations(response.body, client.decoding, &drifts);
  if (client.config.observer && decoded) {
    for (const element_drift& drift : drifts) client.config.observer->on_drift({(*decoded)[drift.index]->type, drift.mismatch});
  }
  return decoded;
}

result<accepted_change> decode_change(const client_impl& client, const http_response& response) {
  accepted_change change = decode_accepted_change(response.body, response.status, client.decoding);
  if (client.config.observer && change.entity && std::holds_alternative<unknown_settings>(change.entity->settings)) {
    for (const error& unread : change.unread) {
      const decode_mismatch* mismatch = unread.decode();
      if (mismatch != nullptr && mismatch->pointer.starts_with("/_embedded/entity")) client.config.observer->on_drift({change.entity->type, *mismatch});
    }
  }
  return change;
}

template <class T>
void start_call(std::shared_ptr<client_impl>&& impl, result<api::operation> operation, call_options&& options, typename call<T>::handler_type&& handler,
                typename call<T>::decoder decode) {
  const auto allocator = asio::recycling_allocator<void>();
  std::allocate_shared<call<T>>(allocator, std::move(impl), std::move(handler), std::move(options), decode)->start(std::move(operation));
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
  start_call<upsun::integration>(std::move(impl), api::get_integration(project, integration), std::move(options), std::move(handler), &decode_one);
}

void client::start_list_integrations(impl_ptr impl, call_options options, handler_for<integration_list> handler, project_id project) {
  start_call<integration_list>(std::move(impl), api::list_integrations(project), std::move(options), std::move(handler), &decode_list);
}

void client::start_create_integration(impl_ptr impl, call_options options, handler_for<accepted_change> handler, project_id project, integration_input input) {
  start_call<accepted_change>(std::move(impl), api::create_integration(project, input), std::move(options), std::move(handler), &decode_change);
}

void client::start_update_integration(impl_ptr impl, call_options options, handler_for<accepted_change> handler, integration_ref ref, integration_patch patch) {
  start_call<accepted_change>(std::move(impl), api::update_integration(ref, patch), std::move(options), std::move(handler), &decode_change);
}

void client::start_delete_integration(impl_ptr impl, call_options options, handler_for<accepted_change> handler, integration_ref ref) {
  start_call<accepted_change>(std::move(impl), api::delete_integration(ref), std::move(options), std::move(handler), &decode_change);
}

void client::start_close(std::shared_ptr<client_impl> impl, std::chrono::milliseconds grace, handler_for<close_report> handler) {
  const detail::pending_work work(impl->executor, handler);
  const auto slot = asio::get_associated_cancellation_slot(handler);
  impl->async_close(grace, asio::bind_cancellation_slot(slot, [handler = std::move(handler), work](close_report report) mutable {
                      detail::deliver(work, handler, result<close_report>(report));
                    }));
}

}  // namespace upsun
