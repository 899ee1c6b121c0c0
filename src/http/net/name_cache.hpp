#pragma once

#include <boost/asio/ip/address.hpp>

#include <chrono>
#include <map>
#include <vector>

#include <upsun/error.hpp>

#include "http/net/clock.hpp"
#include "util/age_clock.hpp"

namespace upsun::http {

/// IP addresses, in the resolver's order of preference.
using ip_addresses = std::vector<boost::asio::ip::address>;

/// A host's addresses as they are to be tried: those backing off only after the others.
struct address_choice {
  ip_addresses first;
  ip_addresses last_resort;
};

/// Between a refresh that failed and the next one: a resolver in trouble is not asked by every
/// dial.
inline constexpr std::chrono::seconds refresh_pause{1};
/// The first back-off of a failing address; each further failure doubles it, up to
/// `longest_back_off`.
inline constexpr std::chrono::seconds first_back_off{1};
inline constexpr std::chrono::seconds longest_back_off{60};

/// The addresses that the last lookup of one name found, whether to look it up again, and which of
/// them failed lately. Pure: times and dice are arguments.
///
/// Addresses are *fresh*, then *stale*: still used, while one lookup refreshes them. Failed lookups
/// are not cached beyond the dials that waited: without usable addresses the next one looks the
/// name up again.
///
/// An address that failed goes behind the others for a while: one to sixty seconds, more with each
/// failure in a row, with up to half of it taken off at random, so that many clients do not come
/// back together.
class name_cache {
 public:
  using time_point = util::age_clock::time_point;

  name_cache(duration fresh, duration stale) noexcept : fresh_(fresh), stale_(stale) {}

  /// Whether the addresses may be used: fresh or stale.
  [[nodiscard]] bool usable(time_point now) const noexcept;
  /// A dial needs the addresses. \return whether to begin a lookup; at most one is under way.
  [[nodiscard]] bool ask(time_point now) noexcept;
  /// The lookup found addresses. Duplicates are dropped. \return whether one is missing that was
  /// there before.
  bool looked_up(const ip_addresses& found, time_point now);
  /// The lookup failed; the addresses stay. While they are usable, no lookup begins for
  /// `refresh_pause`.
  void lookup_failed(time_point now) noexcept;

  /// The last addresses found, however old; empty when there were none.
  [[nodiscard]] const ip_addresses& last() const noexcept { return last_; }
  [[nodiscard]] bool holds(const boost::asio::ip::address& address) const noexcept;
  /// The same, sorted; each part in the resolver's order.
  [[nodiscard]] address_choice choice(time_point now) const;

  /// \param dice from 0 to 1. A failure of an address that backs off already changes nothing, so
  /// that many dials that fail together count once.
  void address_failed(const boost::asio::ip::address& address, time_point now, double dice);
  void address_succeeded(const boost::asio::ip::address& address) { failing_.erase(address); }

 private:
  struct back_off {
    unsigned failures = 0;  // in a row
    time_point until{};
  };

  const duration fresh_;
  const duration stale_;
  ip_addresses last_;
  time_point found_at_{};
  time_point ask_after_ = time_point::min();
  bool asking_ = false;
  std::map<boost::asio::ip::address, back_off> failing_;
};

}  // namespace upsun::http
