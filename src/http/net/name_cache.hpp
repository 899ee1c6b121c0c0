#pragma once

#include <boost/asio/ip/address.hpp>

#include <chrono>
#include <vector>

#include <upsun/error.hpp>

namespace upsun::http {

/// IP addresses, in the resolver's order of preference.
using ip_addresses = std::vector<boost::asio::ip::address>;

/// The addresses that the last lookup of one name found, and whether to look it up again. They are
/// *fresh*, then *stale*: still used, while one lookup refreshes them. Failures are not cached
/// beyond the dials that waited: without usable addresses the next one looks the name up again.
/// Pure: times are arguments.
class name_cache {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = std::chrono::steady_clock::duration;

  name_cache(duration fresh, duration stale) noexcept : fresh_(fresh), stale_(stale) {}

  /// Whether `last()` may be used: fresh or stale.
  [[nodiscard]] bool usable(time_point now) const noexcept;
  /// A dial needs the addresses. \return whether to begin a lookup; at most one is under way.
  [[nodiscard]] bool ask(time_point now) noexcept;
  /// The lookup found addresses. Duplicates are dropped. \return whether one is missing that was
  /// there before.
  bool succeeded(const ip_addresses& found, time_point now);
  /// The lookup failed; the addresses stay. While they are usable, no lookup begins for
  /// `refresh_pause`.
  void failed(time_point now) noexcept;

  /// The last addresses found, however old; empty when there were none.
  [[nodiscard]] const ip_addresses& last() const noexcept { return last_; }
  [[nodiscard]] bool holds(const boost::asio::ip::address& address) const noexcept;

 private:
  const duration fresh_;
  const duration stale_;
  ip_addresses last_;
  time_point found_at_{};
  time_point ask_after_ = time_point::min();
  bool asking_ = false;
};

/// Between a refresh that failed and the next one: a resolver in trouble is not asked by every
/// dial.
inline constexpr std::chrono::seconds refresh_pause{1};

}  // namespace upsun::http
