#include "calls/operation_under_way.hpp"

#include <utility>

#include "calls/client_impl.hpp"

namespace asio = boost::asio;

namespace upsun::calls {

operation_under_way::operation_under_way(std::shared_ptr<client_impl> client)
    : client_(std::move(client)) {}

/// Still listed when its execution context was destroyed under it.
operation_under_way::~operation_under_way() { leave(); }

std::optional<admission> operation_under_way::admit(asio::cancellation_slot slot,
                                                    clock::time_point now,
                                                    const hedge_options* hedge) {
  auto admitted = client_->admit(*this, hedge, now);
  if (!admitted) return std::nullopt;
  admitted_ = true;
  if (slot.is_connected()) {
    slot.assign([weak = weak_from_this()](asio::cancellation_type type) {
      const auto self = weak.lock();
      if (self && type != asio::cancellation_type::none) self->cancel();
    });
  }
  return admitted;
}

void operation_under_way::leave() noexcept {
  if (std::exchange(admitted_, false)) client_->leave(*this);
}

}  // namespace upsun::calls
