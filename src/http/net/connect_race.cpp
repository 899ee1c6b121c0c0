#include "http/net/connect_race.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>

namespace upsun::http {

connect_race::connect_race(const std::vector<endpoint>& resolved,
                           const std::vector<endpoint>& last_resort)
    : winner_(resolved.size() + last_resort.size()) {
  attempts_.reserve(winner_);
  interleave(resolved);
  interleave(last_resort);
}

void connect_race::interleave(const std::vector<endpoint>& addresses) {
  if (addresses.empty()) return;
  const bool first_is_v6 = addresses.front().address().is_v6();
  const auto next_of = [&](std::vector<endpoint>::const_iterator from, bool v6) {
    return std::find_if(from, addresses.end(),
                        [v6](const endpoint& e) { return e.address().is_v6() == v6; });
  };
  auto preferred = next_of(addresses.begin(), first_is_v6);
  auto other = next_of(addresses.begin(), !first_is_v6);
  while (preferred != addresses.end() || other != addresses.end()) {
    if (preferred != addresses.end()) {
      attempts_.push_back({*preferred});
      preferred = next_of(preferred + 1, first_is_v6);
    }
    if (other != addresses.end()) {
      attempts_.push_back({*other});
      other = next_of(other + 1, !first_is_v6);
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

bool connect_race::unanswered(std::size_t index, time_point now) const {
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
