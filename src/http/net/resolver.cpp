#include "http/net/resolver.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

#include <utility>

#include "util/origin.hpp"
#include "util/random.hpp"

namespace asio = boost::asio;

namespace upsun::http {
namespace {

std::optional<asio::ip::address> parse_literal(const std::string& host) {
  error_code no_address;
  const auto address = asio::ip::make_address(host, no_address);
  return no_address ? std::nullopt : std::optional(address);
}

}  // namespace

lookup_function system_lookup(const asio::any_io_executor& executor) {
  using asio::ip::tcp;
  return [lookups = std::make_shared<tcp::resolver>(executor)](const std::string& host,
                                                               lookup_handler handler) {
    if (util::is_localhost(host)) {
      asio::post(lookups->get_executor(), [handler = std::move(handler)] {
        handler({}, {asio::ip::address_v4::loopback(), asio::ip::address_v6::loopback()});
      });
      return;
    }
    lookups->async_resolve(
        host, "",
        [handler = std::move(handler)](const error_code& failed,
                                       const tcp::resolver::results_type& entries) {
          ip_addresses found;
          found.reserve(entries.size());
          for (const auto& entry : entries) found.push_back(entry.endpoint().address());
          handler(failed, found);
        });
  };
}

resolver::resolver(std::string host, const dns_options& options, lookup_function lookup)
    : host_(std::move(host)),
      literal_(parse_literal(host_)),
      cache_(options.fresh, options.stale),
      lookup_(std::move(lookup)) {}

std::optional<address_choice> resolver::find(connection_id who, outcome_handler handler) {
  if (literal_) return address_choice{.first = {*literal_}, .last_resort = {}};
  std::optional<address_choice> known;
  lookup_function lookup;
  {
    const std::scoped_lock lock(mutex_);
    const auto now = util::age_clock::now();
    if (cache_.usable(now)) {
      known = cache_.choice(now);
    } else {
      waiting_.emplace(who, std::move(handler));
    }
    lookup = lookup_;
    if (!cache_.ask(now)) lookup = nullptr;
  }
  if (!lookup) return known;
  try {
    lookup(host_, [self = weak_from_this()](const error_code& failed, const ip_addresses& found) {
      if (const auto alive = self.lock()) alive->on_looked_up(failed, found);
    });
  } catch (...) {
    forget(who);
    on_looked_up(make_error_code(boost::system::errc::not_enough_memory), {});
    if (!known) throw;
  }
  return known;
}

void resolver::on_looked_up(const error_code& failed, const ip_addresses& found) {
  lookup_outcome outcome;
  bool any_gone = false;
  std::unordered_map<connection_id, outcome_handler> waiting;
  {
    const std::scoped_lock lock(mutex_);
    const auto now = util::age_clock::now();
    outcome.failure = failed || !found.empty() ? failed : error_code(asio::error::no_data);
    if (outcome.failure) {
      cache_.lookup_failed(now);
    } else {
      any_gone = cache_.looked_up(found, now);
      outcome.addresses = cache_.choice(now);
    }
    waiting.swap(waiting_);
  }
  for (const auto& [who, handler] : waiting) handler(outcome);
  if (any_gone && on_gone_) on_gone_();
}

void resolver::forget(connection_id who) {
  const std::scoped_lock lock(mutex_);
  waiting_.erase(who);
}

void resolver::failed(const asio::ip::address& address) {
  const std::scoped_lock lock(mutex_);
  cache_.address_failed(address, util::age_clock::now(), util::roll());
}

void resolver::succeeded(const asio::ip::address& address) {
  const std::scoped_lock lock(mutex_);
  cache_.address_succeeded(address);
}

bool resolver::holds(const asio::ip::address& address) const {
  if (literal_) return true;
  const std::scoped_lock lock(mutex_);
  return cache_.holds(address);
}

void resolver::close() {
  lookup_function dropped;
  const std::scoped_lock lock(mutex_);
  dropped.swap(lookup_);
}

}  // namespace upsun::http
