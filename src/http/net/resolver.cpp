#include "http/net/resolver.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <new>
#include <utility>

#include "util/random.hpp"

namespace asio = boost::asio;

namespace upsun::http {
namespace {

using clock = std::chrono::steady_clock;

std::optional<asio::ip::address> parse_literal(const std::string& host) {
  error_code no_address;
  const auto address = asio::ip::make_address(host, no_address);
  return no_address ? std::nullopt : std::optional(address);
}

const error_code no_memory = make_error_code(boost::system::errc::not_enough_memory);

void tell(const resolver::answer_handler& handler, const resolver::answer& answer) {
  std::optional<resolver::answer> own;
  try {
    own = answer;
  } catch (const std::bad_alloc&) {
    own.emplace().failure = no_memory;
  }
  handler(*std::move(own));
}

}  // namespace

lookup_function system_lookup(const asio::any_io_executor& executor) {
  using asio::ip::tcp;
  // Without memory for its list of addresses Asio drops the handler, and lets the exception out of
  // the context's `run`.
  struct lookup {
    lookup() = default;
    lookup(const lookup&) = delete;
    lookup& operator=(const lookup&) = delete;
    ~lookup() {
      if (handler) handler(no_memory, {});
    }
    lookup_handler handler;
  };
  return [asking = std::make_shared<tcp::resolver>(executor)](const std::string& host,
                                                              lookup_handler handler) {
    const auto begun = std::make_shared<lookup>();
    begun->handler = std::move(handler);
    try {
      asking->async_resolve(
          host, "", [begun](const error_code& failed, const tcp::resolver::results_type& entries) {
            const lookup_handler told = std::exchange(begun->handler, nullptr);
            ip_addresses found;
            try {
              found.reserve(entries.size());
            } catch (const std::bad_alloc&) {
              return told(no_memory, found);
            }
            for (const auto& entry : entries) found.push_back(entry.endpoint().address());
            told(failed, found);
          });
    } catch (const std::bad_alloc&) {
      begun->handler = nullptr;
      throw;
    }
  };
}

resolver::resolver(std::string host, const dns_options& options, lookup_function lookup)
    : host_(std::move(host)),
      literal_(parse_literal(host_)),
      cache_(options.fresh, options.stale),
      lookup_(std::move(lookup)) {}

std::optional<address_choice> resolver::find(connection_id who, answer_handler handler) {
  if (literal_) return address_choice{.first = {*literal_}, .last_resort = {}};
  std::optional<address_choice> known;
  lookup_function lookup;
  {
    const std::scoped_lock lock(mutex_);
    const auto now = clock::now();
    if (cache_.usable(now)) {
      known = book_.sort(cache_.last(), now);
    } else {
      waiting_.emplace(who, std::move(handler));
    }
    lookup = lookup_;
    if (!cache_.ask(now)) lookup = nullptr;
  }
  if (!lookup) return known;
  try {
    lookup(host_, [self = weak_from_this()](const error_code& failed, const ip_addresses& found) {
      if (const auto alive = self.lock()) alive->on_answer(failed, found);
    });
  } catch (const std::bad_alloc&) {
    forget(who);
    on_answer(no_memory, {});
    if (!known) throw;
  }
  return known;
}

void resolver::on_answer(const error_code& failed, const ip_addresses& found) {
  answer result;
  bool any_gone = false;
  std::unordered_map<connection_id, answer_handler> told;
  {
    const std::scoped_lock lock(mutex_);
    const auto now = clock::now();
    result.failure = failed || !found.empty() ? failed : error_code(asio::error::no_data);
    try {
      if (!result.failure) {
        any_gone = cache_.answered(found, now);
        book_.keep_only(cache_.last());
        result.found = book_.sort(cache_.last(), now);
      }
    } catch (const std::bad_alloc&) {
      result.failure = no_memory;
    }
    if (result.failure) cache_.failed(now);
    told.swap(waiting_);
  }
  for (const auto& [who, handler] : told) tell(handler, result);
  if (!any_gone) return;
  if (const auto watcher = watcher_.lock()) watcher->on_addresses_gone();
}

void resolver::forget(connection_id who) {
  const std::scoped_lock lock(mutex_);
  waiting_.erase(who);
}

void resolver::failed(const asio::ip::address& address) {
  const std::scoped_lock lock(mutex_);
  book_.failed(address, clock::now(), util::roll());
}

void resolver::succeeded(const asio::ip::address& address) {
  const std::scoped_lock lock(mutex_);
  book_.succeeded(address);
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
