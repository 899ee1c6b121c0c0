#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <upsun/client_config.hpp>

#include <cstddef>
#include <exception>
#include <memory>
#include <string>
#include <utility>

#include "config/settings.hpp"
#include "http/pool/http_transport.hpp"
#include "integration/secret_watch.hpp"

namespace upsun::http::test {

namespace asio = boost::asio;

inline http_request get(std::string target) {
  http_request request;
  request.target = std::move(target);
  return request;
}

/// A transport as a client of `config` with a secret token has it: one exchange and, for a stale
/// connection, one free replay; no retries.
inline std::shared_ptr<transport> transport_for(asio::io_context& io, client_config config) {
  config.credentials = bearer_token("planted-secret");
  config.observer = std::make_shared<testing::secret_watch>();
  return make_transport(io.get_executor(), config::make_settings(config).network);
}

inline asio::awaitable<result<http_response>> send(transport& to, http_request request) {
  auto got =
      co_await asio::async_initiate<const asio::use_awaitable_t<>, void(result<http_response>)>(
          [&to](auto handler, http_request what) {
            to.async_send(std::move(what), std::move(handler));
          },
          asio::use_awaitable, std::move(request));
  if (!got) testing::secret_watch().read(got.error());
  co_return got;
}

/// Runs `body(0)` to `body(count - 1)` as coroutines, `at_once` of them at a time, then calls
/// `at_end`, and runs the context to its end.
template <class Body, class End>
void run_each(asio::io_context& io, std::size_t count, std::size_t at_once, Body body, End at_end) {
  std::size_t next = 0;
  std::size_t workers = at_once;
  std::exception_ptr thrown;
  for (std::size_t w = 0; w < at_once; ++w) {
    asio::co_spawn(
        io,
        [&]() -> asio::awaitable<void> {
          while (next < count) {
            const std::size_t which = next++;
            co_await body(which);
          }
        },
        [&](std::exception_ptr e) {
          if (e) thrown = std::move(e);
          if (--workers == 0) at_end();
        });
  }
  io.run();
  if (thrown) std::rethrow_exception(thrown);
}

}  // namespace upsun::http::test
