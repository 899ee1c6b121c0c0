#pragma once

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/cancellation_type.hpp>

#include <utility>

namespace upsun::util {

/// Calls `cancel` when the handler's associated cancellation slot is signalled, by whatever type.
template <class Handler, class Cancel>
void on_cancel(const Handler& handler, Cancel cancel) {
  auto slot = boost::asio::get_associated_cancellation_slot(handler);
  if (!slot.is_connected()) return;
  slot.assign([cancel = std::move(cancel)](boost::asio::cancellation_type type) {
    if (type != boost::asio::cancellation_type::none) cancel();
  });
}

}  // namespace upsun::util
