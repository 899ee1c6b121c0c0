#include "operations/decoders.hpp"

#include <upsun/codec.hpp>

#include <optional>
#include <variant>

namespace upsun::operations {

result<integration> decode_one(const calls::client_impl& client, const http_response& response) {
  std::optional<decode_mismatch> drift;
  auto decoded = decode_integration(response.body, client.decoding, &drift);
  if (drift && client.config.observer)
    client.config.observer->on_drift(
        {decoded ? std::string_view(decoded->type) : std::string_view(), *drift});
  return decoded;
}

result<std::vector<result<integration>>> decode_list(const calls::client_impl& client,
                                                     const http_response& response) {
  std::vector<element_drift> drifts;
  auto decoded = decode_integrations(response.body, client.decoding, &drifts);
  if (client.config.observer && decoded) {
    for (const element_drift& drift : drifts)
      client.config.observer->on_drift({(*decoded)[drift.index]->type, drift.mismatch});
  }
  return decoded;
}

result<accepted_change> decode_change(const calls::client_impl& client,
                                      const http_response& response) {
  accepted_change change = decode_accepted_change(response.body, response.status, client.decoding);
  if (client.config.observer && change.entity &&
      std::holds_alternative<unknown_settings>(change.entity->settings)) {
    for (const error& unread : change.unread) {
      const decode_mismatch* mismatch = unread.decode();
      if (mismatch != nullptr && mismatch->pointer.starts_with("/_embedded/entity"))
        client.config.observer->on_drift({change.entity->type, *mismatch});
    }
  }
  return change;
}

}  // namespace upsun::operations
