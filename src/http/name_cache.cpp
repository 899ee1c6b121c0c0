#include "http/name_cache.hpp"

#include <algorithm>

namespace upsun::http {

name_cache::advice name_cache::need(time_point now) noexcept {
  const bool usable = !last_.empty() && now < answered_at_ + fresh_ + stale_;
  const bool due = last_.empty() || now >= answered_at_ + fresh_;
  const bool ask = due && !asking_ && (!usable || now >= ask_after_);
  asking_ = asking_ || ask;
  return {.usable = usable, .ask = ask};
}

bool name_cache::answered(const ip_addresses& found, time_point now) {
  ip_addresses next;
  for (const auto& address : found) {
    if (std::find(next.begin(), next.end(), address) == next.end()) next.push_back(address);
  }
  last_.swap(next);
  answered_at_ = now;
  asking_ = false;
  return std::any_of(next.begin(), next.end(), [&](const auto& address) { return !holds(address); });
}

void name_cache::failed(time_point now) noexcept {
  asking_ = false;
  ask_after_ = now + refresh_pause;
}

bool name_cache::holds(const boost::asio::ip::address& address) const noexcept { return std::find(last_.begin(), last_.end(), address) != last_.end(); }

}  // namespace upsun::http
