#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include <upsun/network_options.hpp>

#include "http/net/clock.hpp"
#include "http/net/name_cache.hpp"

namespace upsun::http {

/// Takes what a lookup found, or why it failed. Called at most once, on any thread, never from
/// within the lookup's beginning.
using lookup_handler = std::function<void(const error_code& failed, const ip_addresses& found)>;

/// Begins to look a host name up. One at a time. Destroying the function drops a lookup that has
/// not begun.
using lookup_function = std::function<void(const std::string& host, lookup_handler handler)>;

/// The system's resolver (`getaddrinfo`), by Asio: on one background thread for each context, where
/// a lookup that runs cannot be interrupted, and keeps the context's `run` from returning until it
/// ends. It is not asked for "localhost" and the names below it, which are the loopback addresses
/// whatever it says (RFC 6761 section 6.3).
[[nodiscard]] lookup_function system_lookup(const boost::asio::any_io_executor& executor);

/// The addresses of one host, for all dials of a client: one lookup at a time for any number of
/// them, results cached as `dns_options` say, failing addresses behind the others. Drives
/// `name_cache`. A host that is an IP address is never looked up.
///
/// A lookup belongs to nobody: a dial that ends leaves it to the others and to the cache.
///
/// Thread safety: every member may be called from any thread, also with the transport's lock held,
/// which comes before this one's.
class resolver : public std::enable_shared_from_this<resolver> {
 public:
  /// Addresses, or why there are none.
  struct lookup_outcome {
    address_choice addresses;
    error_code failure{};
  };
  using outcome_handler = std::function<void(lookup_outcome)>;

  resolver(std::string host, const dns_options& options, lookup_function lookup);

  /// `gone` is called, without any lock held, when a lookup lacks an address that the last one had.
  /// Once, before the first `find`.
  void on_addresses_gone(std::function<void()> gone) { on_gone_ = std::move(gone); }

  /// The addresses, if there are usable ones; otherwise `handler` is called when the lookup under
  /// way ends, on any thread, unless `who` is forgotten first.
  [[nodiscard]] std::optional<address_choice> find(connection_id who, outcome_handler handler);
  /// Calls the handler of `who` no more, unless that is happening just now.
  void forget(connection_id who);

  void failed(const boost::asio::ip::address& address);
  void succeeded(const boost::asio::ip::address& address);
  /// Whether the last lookup had the address.
  [[nodiscard]] bool holds(const boost::asio::ip::address& address) const;

  /// Begins no more lookups, and drops one that has not begun.
  void close();

 private:
  void on_looked_up(const error_code& failed, const ip_addresses& found);

  const std::string host_;
  const std::optional<boost::asio::ip::address> literal_;
  std::function<void()> on_gone_;

  mutable std::mutex mutex_;
  name_cache cache_;
  lookup_function lookup_;
  std::unordered_map<connection_id, outcome_handler> waiting_;
};

}  // namespace upsun::http
