#include "http/net/connect_race.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <array>

namespace upsun::http {

connect_race::connect_race(const address_choice& addresses, std::uint16_t port)
    : winner_(addresses.first.size() + addresses.last_resort.size()) {
  attempts_.reserve(winner_);
  interleave(addresses.first, port);
  interleave(addresses.last_resort, port);
}

void connect_race::interleave(const ip_addresses& addresses, std::uint16_t port) {
  std::array<ip_addresses, 2> families;
  for (const auto& address : addresses)
    families[address.is_v6() == addresses.front().is_v6() ? 0 : 1].push_back(address);
  for (std::size_t i = 0; i < std::max(families[0].size(), families[1].size()); ++i) {
    for (const ip_addresses& family : families) {
      if (i < family.size()) attempts_.push_back({endpoint(family[i], port)});
    }
  }
}

connect_race::step connect_race::next(time_point now) {
  if (winner_ < attempts_.size()) return {.what = kind::won, .index = winner_};
  if (failed_ == attempts_.size()) return {.what = kind::lost, .index = most_telling()};
  if (started_ == attempts_.size()) return {.what = kind::wait};
  if (now < next_start_) return {.what = kind::wait, .until = next_start_};
  next_start_ = now + connect_stagger;
  attempts_[started_].started = now;
  return {.what = kind::start, .index = started_++};
}

void connect_race::failed(std::size_t index, const error_code& why) {
  attempts_[index].failure = why;
  attempts_[index].ended = true;
  ++failed_;
  next_start_ = time_point::min();
}

void connect_race::succeeded(std::size_t index) {
  attempts_[index].ended = true;
  if (winner_ == attempts_.size()) winner_ = index;
}

bool connect_race::overdue(std::size_t index, time_point now) const {
  const attempt& a = attempts_[index];
  return a.started != time_point::max() && !a.ended && now - a.started >= connect_stagger;
}

/// The first one that comes from the host rather than from a network that this machine does not
/// have, such as IPv6.
std::size_t connect_race::most_telling() const {
  const auto from_host = [](const attempt& a) {
    return a.failure != boost::asio::error::network_unreachable &&
           a.failure != boost::asio::error::address_family_not_supported;
  };
  const auto found = std::find_if(attempts_.begin(), attempts_.end(), from_host);
  return found == attempts_.end() ? 0 : static_cast<std::size_t>(found - attempts_.begin());
}

}  // namespace upsun::http
