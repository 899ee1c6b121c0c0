#pragma once

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
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

namespace upsun::testing {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// With an eye on secrets, unless somebody observes already.
inline client_config watched(client_config config) {
  if (!config.observer) config.observer = std::make_shared<secret_watch>();
  return config;
}

/// A configuration that reaches the sandbox, trusts it and holds its token. One attempt a call, so
/// that a test sees the failure it provoked, and time enough for thousands of calls on a machine
/// that is busy or slow.
inline client_config config_for(const sandbox& server) {
  return {
      .base_url = server.url(),
      .credentials = bearer_token(server.token()),
      .tls = {.ca_pem = server.ca_pem()},
      .pool = {.acquire_timeout = 10min},
      .timeouts = {.total = 10min, .attempt = 10min, .connect = 10min},
      .retry = {.max_attempts = 1},
      .observer = std::make_shared<secret_watch>(std::vector{server.token(), server.api_token()})};
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
  std::vector<std::jthread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back([&io] { io.run(); });
}

inline project_id project(std::size_t n = 0) { return project_id("project-" + std::to_string(n)); }
inline integration_id integration_number(std::size_t n) {
  return integration_id("integration-" + std::to_string(n));
}

}  // namespace upsun::testing
