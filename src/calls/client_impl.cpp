#include "calls/client_impl.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <new>
#include <utility>
#include <variant>

#include "http/http1/request_head.hpp"
#include "http/pool/http_transport.hpp"
#include "transports/hub.hpp"
#include "util/random.hpp"

namespace asio = boost::asio;

namespace upsun::calls {
client_impl::client_impl(asio::any_io_executor io, config::client_settings settings)
    : executor(std::move(io)),
      config(std::move(settings)),
      prefix(config.network.where.prefix),
      request_room(http::prepare_head(config.network).size() + 64),
      decoding(config.decoding),
      network(config.transport ? config.transport : http::make_transport(executor, config.network)),
      sharing(transports::hub::make(config.sharing)),
      server_address(config.network.where.host),
      server_port(config.network.where.port),
      retries_(config.retry),
      hedges_(config.hedge) {
  if (!config.auth) return;
  if (!config.transport && std::holds_alternative<secret>(config.auth->from))
    auth_network = http::make_transport(
        executor, upsun::config::for_peer(config.network, config.auth->server,
                                          upsun::config::peer_kind::token_server));
  tokens = auth::make_token_provider(executor, *config.auth, auth_network ? auth_network : network);
}

void client_impl::watch_context() { http::end_with_context(executor, shared_from_this()); }

std::optional<client_impl::admission> client_impl::admit(call_under_way& call,
                                                         const hedge_options* hedge,
                                                         clock::time_point now) {
  const std::scoped_lock lock(mutex_);
  if (closing_) return std::nullopt;
  if (under_way_.empty()) busy_ = asio::prefer(executor, asio::execution::outstanding_work.tracked);
  under_way_.push_back(call);
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

void client_impl::answered(retry::call_state& call,
                           std::optional<std::chrono::nanoseconds> latency) {
  if (!latency && retries_.has_full_budget()) return;
  const std::scoped_lock lock(mutex_);
  retries_.succeeded(call);
  if (latency) hedges_.answered(*latency);
}

void client_impl::leave(call_under_way& call) noexcept {
  bool last = false;
  std::optional<asio::any_io_executor> no_longer_busy;
  {
    const std::scoped_lock lock(mutex_);
    if (!call.is_linked()) return;  // it was never admitted
    under_way_.erase(under_way_.iterator_to(call));
    if (closing_ && !call.inner) ++(call.ended_by_client() ? report_.cancelled : report_.drained);
    last = closing_ && under_way_.empty();
    if (under_way_.empty()) no_longer_busy.swap(busy_);
  }
  if (!last) return;
  close_network();
  complete_close_later();
}

// ---- closing: no more calls; the end of those under way, by themselves or by us; then the
// connections

void client_impl::async_close(std::chrono::milliseconds grace, close_handler handler) {
  bool over = grace.count() <= 0;
  std::list<close_handler> one(1);
  {
    const std::scoped_lock lock(mutex_);
    if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected()) {
      slot.assign([self = weak_from_this()](asio::cancellation_type type) {
        if (const auto alive = self.lock(); alive && type != asio::cancellation_type::none)
          alive->end_calls();
      });
    }
    over = over || under_way_.empty();
    if (!over)
      set_grace(clock::now() +
                std::min<std::chrono::milliseconds>(grace, std::chrono::hours(24 * 365)));
    asio::post(executor, [self = shared_from_this()] {
      self->complete_close();
    });  // should nothing be left that does
    closing_ = true;
    one.front().swap(handler);
    close_handlers_.splice(close_handlers_.end(), one);
  }
  if (over) end_calls();
}

void client_impl::set_grace(clock::time_point over) {
  if (grace_ && over >= grace_->expiry()) return;
  asio::steady_timer sooner(executor, over);
  sooner.async_wait([self = weak_from_this()](const error_code& ec) {
    if (const auto alive = self.lock(); alive && !ec) alive->end_calls();
  });
  grace_ = std::move(sooner);
}

/// Ends what is not at the transport: that ends the rest.
void client_impl::end_calls() noexcept {
  std::unique_lock lock(mutex_);
  const unsigned sweep = ++sweep_;
  while (!under_way_.empty() && under_way_.front().sweep != sweep) {
    call_under_way& next = under_way_.front();
    next.sweep = sweep;
    under_way_.splice(under_way_.end(), under_way_, under_way_.begin());
    const auto alive = next.lock();
    if (!alive) continue;
    lock.unlock();
    alive->end();
    lock.lock();
  }
  lock.unlock();
  close_network();
}

void client_impl::close_network() noexcept {
  {
    const std::scoped_lock lock(mutex_);
    if (close_handlers_.empty())
      return;  // the client was destroyed, for which a shutdown is enough
    if (std::exchange(network_closing_, true)) return;
    networks_open_ = auth_network ? 2 : 1;
    if (grace_) grace_->cancel();
  }
  if (tokens) tokens->shutdown();
  for (auto* one : {&network, &auth_network}) {
    if (!*one) continue;
    try {
      (*one)->async_close({}, [self = shared_from_this()](const close_report& closed) {
        self->network_closed(closed);
      });
    } catch (const std::bad_alloc&) {
      (*one)->shutdown();  // the same, without a report
      network_closed({});
    }
  }
}

void client_impl::network_closed(const close_report& closed) {
  {
    const std::scoped_lock lock(mutex_);
    report_.connections_closed += closed.connections_closed;
    --networks_open_;
  }
  complete_close_later();
}

void client_impl::complete_close_later() noexcept {
  try {
    asio::post(executor, [self = shared_from_this()] { self->complete_close(); });
  } catch (const std::bad_alloc&) {
    complete_close();
  }
}

void client_impl::complete_close() {
  for (;;) {
    std::list<close_handler> one;
    close_report report;
    {
      const std::scoped_lock lock(mutex_);
      if (network_closing_ && networks_open_ == 0 && under_way_.empty() &&
          !close_handlers_.empty()) {
        closed_.splice(closed_.end(), close_handlers_);
        closed_report_ = std::exchange(report_, {});
      }
      if (closed_.empty()) return;
      one.splice(one.end(), closed_, closed_.begin());
      report = closed_report_;
    }
    std::move(one.front())(report);
  }
}

void client_impl::shutdown() noexcept {
  {
    const std::scoped_lock lock(mutex_);
    closing_ = true;
  }
  end_calls();
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
  if (sharing) now.cached = sharing->kept();
  return now;
}

}  // namespace upsun::calls
