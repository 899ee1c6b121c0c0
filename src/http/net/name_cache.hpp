#pragma once

#include <boost/asio/ip/address.hpp>

#include <chrono>
#include <vector>

#include <upsun/error.hpp>

namespace upsun::http {

/// IP addresses, in the resolver's order of preference.
using ip_addresses = std::vector<boost::asio::ip::address>;

/// The last answer for one name, and whether to ask again. An answer is *fresh*, then *stale*:
/// still used, while one lookup asks anew. Failures are not kept beyond those who waited for them:
/// without a usable answer the next to need one asks again. Pure: times are arguments.
class name_cache {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = std::chrono::steady_clock::duration;

  name_cache(duration fresh, duration stale) noexcept : fresh_(fresh), stale_(stale) {}

  /// Whether `last()` may be used: fresh or stale.
  [[nodiscard]] bool usable(time_point now) const noexcept;
  /// Somebody needs the addresses. \return whether to begin a lookup, whose end is to be told; at
  /// most one is under way.
  [[nodiscard]] bool ask(time_point now) noexcept;
  /// The lookup found addresses. Duplicates are dropped. \return whether it lacks one that the last
  /// answer had.
  bool answered(const ip_addresses& found, time_point now);
  /// The lookup failed; the last answer stays what it is. While that is usable, asking anew pauses
  /// for `refresh_pause`.
  void failed(time_point now) noexcept;

  /// The last answer, however old; empty when there was none.
  [[nodiscard]] const ip_addresses& last() const noexcept { return last_; }
  [[nodiscard]] bool holds(const boost::asio::ip::address& address) const noexcept;

 private:
  const duration fresh_;
  const duration stale_;
  ip_addresses last_;
  time_point answered_at_{};
  time_point ask_after_ = time_point::min();
  bool asking_ = false;
};

/// Between a refresh that failed and the next one: a resolver in trouble is not asked by every
/// dial.
inline constexpr std::chrono::seconds refresh_pause{1};

}  // namespace upsun::http
