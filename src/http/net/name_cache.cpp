#include "http/net/name_cache.hpp"

#include <algorithm>

namespace upsun::http {
namespace {

bool contains(const ip_addresses& addresses, const boost::asio::ip::address& one) noexcept {
  return std::find(addresses.begin(), addresses.end(), one) != addresses.end();
}

}  // namespace

bool name_cache::usable(time_point now) const noexcept {
  return !last_.empty() && now < found_at_ + fresh_ + stale_;
}

bool name_cache::ask(time_point now) noexcept {
  const bool fresh = !last_.empty() && now < found_at_ + fresh_;
  if (asking_ || fresh || (usable(now) && now < ask_after_)) return false;
  asking_ = true;
  return true;
}

bool name_cache::looked_up(const ip_addresses& found, time_point now) {
  ip_addresses next;
  for (const auto& address : found) {
    if (!contains(next, address)) next.push_back(address);
  }
  last_.swap(next);
  found_at_ = now;
  asking_ = false;
  std::erase_if(failing_, [&](const auto& entry) { return !holds(entry.first); });
  return std::any_of(next.begin(), next.end(),
                     [&](const auto& address) { return !holds(address); });
}

void name_cache::lookup_failed(time_point now) noexcept {
  asking_ = false;
  ask_after_ = now + refresh_pause;
}

bool name_cache::holds(const boost::asio::ip::address& address) const noexcept {
  return contains(last_, address);
}

address_choice name_cache::choice(time_point now) const {
  address_choice sorted;
  for (const auto& address : last_) {
    const auto found = failing_.find(address);
    const bool backs_off = found != failing_.end() && now < found->second.until;
    (backs_off ? sorted.last_resort : sorted.first).push_back(address);
  }
  return sorted;
}

void name_cache::address_failed(const boost::asio::ip::address& address, time_point now,
                                double dice) {
  back_off& r = failing_[address];
  if (now < r.until) return;
  constexpr unsigned enough_doublings = 6;  // 2^6 is more than sixty
  const auto whole = std::min<std::chrono::duration<double>>(
      first_back_off * (1U << std::min(r.failures, enough_doublings)), longest_back_off);
  r.until = now + std::chrono::duration_cast<duration>(whole * (1 - dice / 2));
  ++r.failures;
}

}  // namespace upsun::http
