#include "http/net/name_cache.hpp"

#include <algorithm>

namespace upsun::http {

bool name_cache::usable(time_point now) const noexcept {
  return !last_.empty() && now < found_at_ + fresh_ + stale_;
}

bool name_cache::ask(time_point now) noexcept {
  const bool fresh = !last_.empty() && now < found_at_ + fresh_;
  if (asking_ || fresh || (usable(now) && now < ask_after_)) return false;
  asking_ = true;
  return true;
}

bool name_cache::succeeded(const ip_addresses& found, time_point now) {
  ip_addresses next;
  for (const auto& address : found) {
    if (std::find(next.begin(), next.end(), address) == next.end()) next.push_back(address);
  }
  last_.swap(next);
  found_at_ = now;
  asking_ = false;
  return std::any_of(next.begin(), next.end(),
                     [&](const auto& address) { return !holds(address); });
}

void name_cache::failed(time_point now) noexcept {
  asking_ = false;
  ask_after_ = now + refresh_pause;
}

bool name_cache::holds(const boost::asio::ip::address& address) const noexcept {
  return std::find(last_.begin(), last_.end(), address) != last_.end();
}

}  // namespace upsun::http
