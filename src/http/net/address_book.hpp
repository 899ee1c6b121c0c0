#pragma once

#include <boost/asio/ip/address.hpp>

#include <chrono>
#include <map>

#include "http/net/name_cache.hpp"

namespace upsun::http {

/// The first back-off of a failing address; each further failure doubles it, up to
/// `longest_back_off`.
inline constexpr std::chrono::seconds first_back_off{1};
inline constexpr std::chrono::seconds longest_back_off{60};

/// A host's addresses as they are to be tried: those backing off only after the others.
struct address_choice {
  ip_addresses first;
  ip_addresses last_resort;
};

/// Which addresses of a host failed lately. One that did goes behind the others for a while: one to
/// sixty seconds, more with each failure in a row, with up to half of it taken off at random, so
/// that many clients do not come back together. Pure: times and dice are arguments.
class address_book {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Each part in the order of `addresses`.
  [[nodiscard]] address_choice sort(const ip_addresses& addresses, time_point now) const;
  /// \param dice from 0 to 1. A failure of an address that backs off already changes nothing, so
  /// that many dials that fail together count once.
  void failed(const boost::asio::ip::address& address, time_point now, double dice);
  void succeeded(const boost::asio::ip::address& address);
  /// Forgets all other addresses.
  void keep_only(const ip_addresses& addresses);

 private:
  struct record {
    unsigned failures = 0;  // in a row
    time_point until{};
  };
  std::map<boost::asio::ip::address, record> failing_;
};

}  // namespace upsun::http
