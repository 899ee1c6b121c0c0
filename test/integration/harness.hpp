#pragma once

#include <gtest/gtest.h>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <upsun/client.hpp>
#include <upsun/testing/sandbox.hpp>

#include <exception>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "integration/secret_watch.hpp"
#include "support/joining_thread.hpp"

namespace upsun::testing {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// With what the test leaves open: an eye on secrets, and time enough for a machine that is busy or
/// slow.
inline client_config prepared(client_config config) {
  if (!config.observer) config.observer = std::make_shared<secret_watch>();
  const timeout_options defaults;
  for (auto timeout :
       {&timeout_options::total, &timeout_options::attempt, &timeout_options::connect}) {
    if (config.timeouts.*timeout == defaults.*timeout) config.timeouts.*timeout = 10min;
  }
  if (config.pool.acquire_timeout == pool_options().acquire_timeout)
    config.pool.acquire_timeout = 10min;
  return config;
}

/// A configuration that reaches the sandbox, trusts it and holds its token. One attempt a call, so
/// that a test sees the failure it provoked.
inline client_config config_for(const sandbox& server) {
  return prepared({.base_url = server.url(),
                   .credentials = bearer_token(server.token()),
                   .tls = {.ca_pem = server.ca_pem()},
                   .retry = {.max_attempts = 1},
                   .observer = std::make_shared<secret_watch>(
                       std::vector{server.token(), server.api_token()})});
}

/// Runs a coroutine to its end on a context of its own, and everything it left behind.
template <class F>
void run(F body) {
  asio::io_context io(1);
  std::exception_ptr thrown;
  asio::co_spawn(io, std::move(body), [&](std::exception_ptr e) { thrown = std::move(e); });
  io.run();
  if (thrown) std::rethrow_exception(thrown);
}

/// Runs a context on several threads until it has nothing more to do.
inline void run_on_threads(asio::io_context& io, int count) {
  std::vector<upsun::test::joining_thread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back([&io] { io.run(); });
}

/// Runs a coroutine that gets a client of this configuration, and everything it left behind.
template <class F>
void with_client(const client_config& config, F body) {
  run([&]() -> asio::awaitable<void> {
    client client(co_await asio::this_coro::executor, prepared(config));
    co_await body(client);
  });
}

/// Lets the other handlers of this executor run until `holds()`.
template <class Condition>
asio::awaitable<void> until(Condition holds) {
  const auto executor = co_await asio::this_coro::executor;
  while (!holds()) co_await asio::post(executor, asio::use_awaitable);
}

/// Tries something with a time limit and with twice that until `enough(limit)`, since a slow
/// machine may not come far enough within the first.
template <class F>
void with_growing_limit(std::chrono::milliseconds limit, F enough) {
  while (!enough(limit)) {
    limit *= 2;
    ASSERT_LT(limit, 60s) << "never comes far enough";
  }
}

inline project_id project(std::size_t n = 0) { return project_id("project-" + std::to_string(n)); }
inline integration_id integration_number(std::size_t n) {
  return integration_id("integration-" + std::to_string(n));
}

/// Fetches an integration of the first project, to be awaited.
inline auto fetch(client& from, const integration_id& id, const call_options& options = {}) {
  return from.async_get_integration({project(), id}, options);
}
inline auto fetch(client& from, const call_options& options = {}) {
  return fetch(from, integration_number(0), options);
}

/// The same, with a handler or another token.
template <class Token>
auto start_fetch(client& from, const integration_id& id, Token&& token) {
  return from.async_get_integration({project(), id}, std::forward<Token>(token));
}
template <class Token>
auto start_fetch(client& from, Token&& token) {
  return start_fetch(from, integration_number(0), std::forward<Token>(token));
}

/// The same, with a handler whose call `cancel` can cancel.
template <class Handler>
void start_fetch(client& from, asio::cancellation_signal& cancel, Handler&& handler) {
  start_fetch(from, asio::bind_cancellation_slot(cancel.slot(), std::forward<Handler>(handler)));
}

/// What becomes of one fetch by a client of its own.
inline result<integration> fetch_once(const client_config& config,
                                      const call_options& options = {}) {
  result<integration> outcome = errc::cancelled;
  with_client(config, [&](client& client) -> asio::awaitable<void> {
    outcome = co_await fetch(client, options);
  });
  return outcome;
}

}  // namespace upsun::testing
