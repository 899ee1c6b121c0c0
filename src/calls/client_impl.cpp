#include "calls/client_impl.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>
#include <variant>

#include "http/http1/request_head.hpp"
#include "http/pool/http_transport.hpp"
#include "transports/caching_transport.hpp"
#include "util/random.hpp"

namespace asio = boost::asio;

namespace upsun::calls {
namespace {

/// Far enough away for "never", near enough for sums.
constexpr std::chrono::hours longest_grace(24 * 365);

}  // namespace

client_impl::client_impl(asio::any_io_executor io, config::client_settings settings)
    : executor(std::move(io)),
      config(std::move(settings)),
      prefix(config.network.where.prefix),
      request_room(http::prepare_head(config.network).size() + 64),
      decoding(config.decoding),
      network(config.transport ? config.transport : http::make_transport(executor, config.network)),
      server_address(config.network.where.host),
      server_port(config.network.where.port),
      retries_(config.retry),
      hedges_(config.hedge) {
  if (config.auth) {
    if (!config.transport && std::holds_alternative<secret>(config.auth->from))
      auth_network = http::make_transport(
          executor, upsun::config::for_peer(config.network, config.auth->server,
                                            upsun::config::peer_kind::token_server));
    tokens =
        auth::make_token_provider(executor, *config.auth, auth_network ? auth_network : network);
  }
  const auto& [coalesce, cache] = config.sharing;
  if (coalesce || cache.max_entries > 0) {
    caching = std::make_shared<transports::caching_transport>(
        network, executor,
        transports::caching_transport::settings{.coalesce = coalesce,
                                                .max_entries = cache.max_entries,
                                                .max_bytes = cache.max_bytes,
                                                .ttl = cache.ttl});
    network = caching;
  }
}

void client_impl::watch_context() { http::end_with_context(executor, shared_from_this()); }

std::optional<admission> client_impl::admit(operation_under_way& operation,
                                            const hedge_options* hedge, clock::time_point now) {
  const std::scoped_lock lock(mutex_);
  if (closing_) return std::nullopt;
  if (under_way_.empty()) busy_ = asio::prefer(executor, asio::execution::outstanding_work.tracked);
  under_way_.push_back(operation);
  admission admitted;
  admitted.paused_for = retries_.pause(now, 0);
  if (hedge != nullptr) admitted.hedge_after = hedges_.call_begins(*hedge);
  return admitted;
}

retry::decision client_impl::decide(const retry::attempt_outcome& outcome, const error& failure,
                                    retry::call_state& call, const retry_options& options,
                                    clock::time_point deadline) {
  const std::scoped_lock lock(mutex_);
  return retries_.decide(outcome, failure.details().retry_after, call, options, clock::now(),
                         deadline, util::roll());
}

std::chrono::nanoseconds client_impl::pause(clock::time_point now, std::chrono::nanoseconds left) {
  const std::scoped_lock lock(mutex_);
  return retries_.paused(now) ? retries_.pause(now, util::roll(), left)
                              : std::chrono::nanoseconds(0);
}

bool client_impl::may_hedge() {
  const std::scoped_lock lock(mutex_);
  return !retries_.paused(clock::now()) && hedges_.take();
}

void client_impl::attempt_succeeded(retry::call_state& call,
                                    std::optional<std::chrono::nanoseconds> latency) {
  if (!latency && retries_.has_full_budget()) return;
  const std::scoped_lock lock(mutex_);
  retries_.succeeded(call);
  if (latency) hedges_.answered(*latency);
}

void client_impl::leave(operation_under_way& operation) noexcept {
  bool last = false;
  std::optional<asio::any_io_executor> no_longer_busy;
  {
    const std::scoped_lock lock(mutex_);
    under_way_.erase(under_way_.iterator_to(operation));
    if (closing_) ++(operation.cancelled_by_client() ? report_.cancelled : report_.drained);
    last = closing_ && under_way_.empty();
    if (under_way_.empty()) no_longer_busy.swap(busy_);
  }
  if (!last) return;
  close_network();
  asio::post(executor, [self = shared_from_this()] { self->complete_close(); });
}

// ---- closing: no more operations; the end of those under way, by themselves or by us; then the
// connections

void client_impl::async_close(std::chrono::milliseconds grace, close_handler handler) {
  bool over = grace.count() <= 0;
  {
    const std::scoped_lock lock(mutex_);
    if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected()) {
      slot.assign([weak = weak_from_this()](asio::cancellation_type type) {
        const auto self = weak.lock();
        if (self && type != asio::cancellation_type::none) self->cancel_operations();
      });
    }
    closing_ = true;
    close_handlers_.emplace_back().swap(handler);
    over = over || under_way_.empty();
    if (!over) set_grace(clock::now() + std::min<std::chrono::milliseconds>(grace, longest_grace));
  }
  if (over) cancel_operations();
  asio::post(executor, [self = shared_from_this()] { self->complete_close(); });
}

void client_impl::set_grace(clock::time_point over) {
  if (grace_ && over >= grace_->expiry()) return;
  grace_.emplace(executor, over);
  grace_->async_wait([weak = weak_from_this()](const error_code& ec) {
    if (const auto self = weak.lock(); self && !ec) self->cancel_operations();
  });
}

/// What waits for the transport ends with it; the rest is cancelled here. The references are
/// dropped without the lock.
void client_impl::cancel_operations() {
  std::vector<std::shared_ptr<operation_under_way>> all;
  {
    const std::scoped_lock lock(mutex_);
    all.reserve(under_way_.size());
    for (operation_under_way& each : under_way_) {
      if (auto alive = each.weak_from_this().lock()) all.push_back(std::move(alive));
    }
  }
  for (const auto& each : all) each->cancel_by_client();
  close_network();
}

void client_impl::close_network() {
  {
    const std::scoped_lock lock(mutex_);
    if (close_handlers_.empty())
      return;  // the client was destroyed, for which a shutdown is enough
    if (std::exchange(network_closing_, true)) return;
    networks_open_ = auth_network ? 2 : 1;
    if (grace_) grace_->cancel();
  }
  if (tokens) tokens->shutdown();
  for (const auto& each : {network, auth_network}) {
    if (!each) continue;
    each->async_close({}, [self = shared_from_this()](const close_report& closed) {
      self->network_closed(closed);
    });
  }
}

void client_impl::network_closed(const close_report& closed) {
  {
    const std::scoped_lock lock(mutex_);
    report_.connections_closed += closed.connections_closed;
    --networks_open_;
  }
  asio::post(executor, [self = shared_from_this()] { self->complete_close(); });
}

void client_impl::complete_close() {
  std::vector<close_handler> handlers;
  close_report report;
  {
    const std::scoped_lock lock(mutex_);
    if (!network_closing_ || networks_open_ > 0 || !under_way_.empty()) return;
    if (close_handlers_.empty()) return;
    handlers.swap(close_handlers_);
    report = std::exchange(report_, {});
  }
  for (close_handler& each : handlers) {
    asio::post(executor,
               [handler = std::move(each), report]() mutable { std::move(handler)(report); });
  }
}

void client_impl::shutdown() noexcept {
  if (made_in_.made_here()) return end_here();
  network->shutdown();
  if (auth_network) auth_network->shutdown();
}

void client_impl::end_here() noexcept {
  {
    const std::scoped_lock lock(mutex_);
    closing_ = true;
  }
  cancel_operations();
  if (tokens) tokens->shutdown();
  network->shutdown();
  if (auth_network) auth_network->shutdown();
}

client_statistics client_impl::statistics() const {
  client_statistics now = counters.snapshot(network->statistics());
  if (tokens) {
    const auth::token_statistics of_tokens = tokens->statistics();
    now.token_exchanges = of_tokens.requests;
    now.token_failures = of_tokens.failures;
  }
  if (caching) {
    const auto shared = caching->counted();
    now.attempts = shared.sent;  // without those that joined others or were served from the cache
    now.coalesced = shared.coalesced;
    now.cache_hits = shared.hits;
    now.revalidations = shared.revalidations;
    now.cached = shared.cached;
  }
  return now;
}

}  // namespace upsun::calls
