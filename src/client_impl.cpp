#include "client_impl.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <random>
#include <utility>

#include "http/http_transport.hpp"
#include "http/origin.hpp"

namespace asio = boost::asio;

namespace upsun::detail {
namespace {

double roll() {
  thread_local std::minstd_rand dice{std::random_device{}()};
  return std::uniform_real_distribution<>(0.0, 1.0)(dice);
}

}  // namespace

client_impl::client_impl(asio::any_io_executor io, client_config settings)
    : executor(std::move(io)), config(std::move(settings)), retries_(config.retry), hedges_(config.hedge) {
  config.validate();
  http::origin origin;
  (void)http::parse_origin(config.base_url, origin);
  prefix = origin.prefix;
  server_address = origin.host;
  server_port = origin.port;
  decoding = {.policy = config.decode_policy, .max_depth = config.limits.json_depth, .max_bytes = config.limits.body_bytes};
  network = config.transport ? config.transport : http::make_transport(executor, config, origin);
  if (const auto* token = std::get_if<api_token>(&config.credentials); token != nullptr && !config.transport) {
    http::origin auth_origin;
    (void)http::parse_origin(token->auth_url(), auth_origin);
    client_config auth_config = config;
    auth_config.credentials = {};
    auth_config.observer.reset();
    auth_config.pool.min_connections = 0;
    auth_config.unix_socket.clear();
    auth_network = http::make_transport(executor, auth_config, auth_origin);
  }
  tokens = auth::make_token_provider(executor, config, auth_network ? auth_network : network);
}

void client_impl::watch_context() { http::end_with_context(executor, shared_from_this()); }

std::optional<client_impl::admission> client_impl::admit(call_under_way& call, const hedge_options* hedge, clock::time_point now) {
  const std::scoped_lock lock(mutex_);
  if (closing_) return std::nullopt;
  under_way_.push_back(call);
  admission admitted;
  admitted.paused_for = retries_.pause(now, 0);
  if (hedge != nullptr) admitted.hedge_after = hedges_.call_begins(*hedge);
  return admitted;
}

retry::decision client_impl::decide(const retry::attempt_outcome& outcome, const error& failure, retry::call_state& call, const retry_options& options,
                                    clock::time_point deadline) {
  const std::scoped_lock lock(mutex_);
  return retries_.decide(outcome, failure.details().retry_after, call, options, clock::now(), deadline, roll());
}

std::chrono::nanoseconds client_impl::pause(clock::time_point now, std::chrono::nanoseconds left) {
  const std::scoped_lock lock(mutex_);
  return retries_.paused(now) ? retries_.pause(now, roll(), left) : std::chrono::nanoseconds(0);
}

bool client_impl::may_hedge() {
  const std::scoped_lock lock(mutex_);
  return !retries_.paused(clock::now()) && hedges_.take();
}

void client_impl::answered(retry::call_state& call, std::optional<std::chrono::nanoseconds> latency) {
  const std::scoped_lock lock(mutex_);
  retries_.succeeded(call);
  if (latency) hedges_.answered(*latency);
}

void client_impl::leave(call_under_way& call) noexcept {
  bool last = false;
  {
    const std::scoped_lock lock(mutex_);
    if (!call.is_linked()) return;  // it was never admitted
    under_way_.erase(under_way_.iterator_to(call));
    if (closing_) ++(call.ended_by_client() ? report_.cancelled : report_.drained);
    last = closing_ && under_way_.empty();
  }
  if (!last) return;
  close_network();
  complete_close();
}

// ---- closing: no more calls; the end of those under way, by themselves or by us; then the connections

void client_impl::async_close(std::chrono::milliseconds grace, close_handler handler) {
  bool over = grace.count() <= 0;
  {
    const std::scoped_lock lock(mutex_);
    closing_ = true;
    if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected()) {
      slot.assign([self = weak_from_this()](asio::cancellation_type type) {
        if (const auto alive = self.lock(); alive && type != asio::cancellation_type::none) alive->end_calls();
      });
    }
    close_handlers_.emplace_back().swap(handler);
    over = over || under_way_.empty();
    if (!over) set_grace(clock::now() + std::min<std::chrono::milliseconds>(grace, std::chrono::hours(24 * 365)));
  }
  if (over) end_calls();
  complete_close();
}

void client_impl::set_grace(clock::time_point over) {
  if (grace_ && over >= grace_->expiry()) return;
  if (!grace_) grace_.emplace(executor);
  grace_->expires_at(over);
  grace_->async_wait([self = weak_from_this()](const error_code& ec) {
    if (const auto alive = self.lock(); alive && !ec) alive->end_calls();
  });
}

/// Ends what is not at the transport: that ends the rest.
void client_impl::end_calls() {
  std::vector<std::shared_ptr<call_under_way>> all;
  {
    const std::scoped_lock lock(mutex_);
    all.reserve(under_way_.size());
    for (call_under_way& call : under_way_) {
      if (auto alive = call.lock()) all.push_back(std::move(alive));
    }
  }
  for (const auto& call : all) call->end();
  close_network();
}

void client_impl::close_network() {
  {
    const std::scoped_lock lock(mutex_);
    if (close_handlers_.empty()) return;  // the client was destroyed, for which a shutdown is enough
    if (std::exchange(network_closing_, true)) return;
    networks_open_ = auth_network ? 2 : 1;
    if (grace_) grace_->cancel();
  }
  if (tokens) tokens->shutdown();
  for (auto* one : {&network, &auth_network}) {
    if (!*one) continue;
    (*one)->async_close({}, [self = shared_from_this()](const close_report& closed) {
      {
        const std::scoped_lock lock(self->mutex_);
        self->report_.connections_closed += closed.connections_closed;
        --self->networks_open_;
      }
      self->complete_close();
    });
  }
}

void client_impl::complete_close() {
  std::vector<close_handler> handlers;
  close_report report;
  {
    const std::scoped_lock lock(mutex_);
    if (!network_closing_ || networks_open_ != 0 || !under_way_.empty() || close_handlers_.empty()) return;
    handlers.swap(close_handlers_);
    report = std::exchange(report_, {});
  }
  for (auto& handler : handlers) {
    asio::post(executor, [handler = std::move(handler), report]() mutable { std::move(handler)(report); });
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
  return now;
}

}  // namespace upsun::detail
