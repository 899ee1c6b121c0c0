#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include <upsun/network_options.hpp>

#include "http/net/address_book.hpp"
#include "http/net/name_cache.hpp"
#include "http/pool/pool_core.hpp"

namespace upsun::http {

/// Takes what a lookup found, or why it failed. Called at most once, on any thread, never from
/// within the lookup's beginning.
using lookup_handler = std::function<void(const error_code& failed, const ip_addresses& found)>;

/// Begins to look a host name up. One at a time. Destroying the function drops a lookup that has
/// not begun.
using lookup_function = std::function<void(const std::string& host, lookup_handler handler)>;

/// The system's resolver (`getaddrinfo`), by Asio: on one background thread for each context, where
/// a lookup that runs cannot be interrupted, and keeps the context's `run` from returning until it
/// ends.
[[nodiscard]] lookup_function system_lookup(const boost::asio::any_io_executor& executor);

/// Told when a new answer lacks an address that the last one had. Called without any lock held.
class address_watcher {
 public:
  virtual void on_addresses_gone() = 0;

 protected:
  ~address_watcher() = default;
};

/// The addresses of one host, for all dials of a client: one lookup at a time for any number of
/// them, answers kept as `dns_options` say, failing addresses behind the others. Drives
/// `name_cache` and `address_book`. A host that is an IP address is never looked up.
///
/// A lookup belongs to nobody: who gives up leaves it to the others and to the cache.
///
/// Thread safety: every member may be called from any thread, also with the transport's lock held,
/// which comes before this one's.
class resolver : public std::enable_shared_from_this<resolver> {
 public:
  /// What a lookup came to: addresses, or why there are none.
  struct answer {
    address_choice found;
    error_code failure{};
  };
  using answer_handler = std::function<void(answer)>;

  resolver(std::string host, const dns_options& options, lookup_function lookup);

  /// Whom to tell of addresses that are gone. Once, before the first `find`.
  void report_to(std::weak_ptr<address_watcher> watcher) { watcher_ = std::move(watcher); }

  /// The addresses, if there is a usable answer; otherwise `handler` is called when the lookup
  /// under way ends, on any thread, unless `who` is forgotten first. \throws std::bad_alloc:
  /// `handler` is not called then.
  [[nodiscard]] std::optional<address_choice> find(connection_id who, answer_handler handler);
  /// Calls the handler of `who` no more, unless that is happening just now.
  void forget(connection_id who);

  void failed(const boost::asio::ip::address& address);
  void succeeded(const boost::asio::ip::address& address);
  /// Whether the last answer has the address.
  [[nodiscard]] bool holds(const boost::asio::ip::address& address) const;

  /// Begins no more lookups, and drops one that has not begun.
  void close();

 private:
  void on_answer(const error_code& failed, const ip_addresses& found);

  const std::string host_;
  const std::optional<boost::asio::ip::address> literal_;
  std::weak_ptr<address_watcher> watcher_;

  mutable std::mutex mutex_;
  name_cache cache_;
  address_book book_;
  lookup_function lookup_;
  std::unordered_map<connection_id, answer_handler> waiting_;
};

}  // namespace upsun::http
