#include "http/net/address_book.hpp"

#include <algorithm>

namespace upsun::http {

address_choice address_book::sort(const ip_addresses& addresses, time_point now) const {
  address_choice choice;
  for (const auto& address : addresses) {
    const auto found = failing_.find(address);
    const bool backs_off = found != failing_.end() && now < found->second.until;
    (backs_off ? choice.last_resort : choice.first).push_back(address);
  }
  return choice;
}

void address_book::failed(const boost::asio::ip::address& address, time_point now, double dice) {
  record& r = failing_[address];
  if (now < r.until) return;
  constexpr unsigned enough_doublings = 6;  // 2^6 is more than sixty
  const auto whole = std::min<std::chrono::duration<double>>(
      first_back_off * (1U << std::min(r.failures, enough_doublings)), longest_back_off);
  r.until = now + std::chrono::duration_cast<time_point::duration>(whole * (1 - dice / 2));
  ++r.failures;
}

void address_book::succeeded(const boost::asio::ip::address& address) { failing_.erase(address); }

void address_book::keep_only(const ip_addresses& addresses) {
  std::erase_if(failing_, [&](const auto& entry) {
    return std::find(addresses.begin(), addresses.end(), entry.first) == addresses.end();
  });
}

}  // namespace upsun::http
