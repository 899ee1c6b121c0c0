// Three ways to stop waiting for a response: the call's deadline, a race against another operation,
// and a cancellation signal. The server is a sandbox that reads requests and never responds.
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_future.hpp>

#include <chrono>
#include <exception>
#include <iostream>

#include <upsun/client.hpp>
#include <upsun/testing/sandbox.hpp>

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

const upsun::project_id project("project-0");
const upsun::integration_id integration("integration-0");

asio::awaitable<void> stop_by_deadline(upsun::client& client) {
  const auto got = co_await client.async_get_integration({project, integration},
                                                         upsun::call_options().timeout(50ms));
  std::cout << "deadline: " << got.error() << '\n';
}

asio::awaitable<void> stop_by_race(upsun::client& client) {
  using namespace asio::experimental::awaitable_operators;
  asio::steady_timer timer(client.get_executor(), 50ms);
  const auto first = co_await (client.async_get_integration({project, integration}) ||
                               timer.async_wait(asio::use_awaitable));
  std::cout << "race: " << (first.index() == 0 ? "the response" : "the timer") << " came first\n";
}

void stop_by_signal(upsun::client& client, asio::cancellation_signal& signal) {
  client.async_get_integration(
      {project, integration},
      asio::bind_cancellation_slot(signal.slot(), [](const upsun::result<upsun::integration>& got) {
        std::cout << "signal: " << got.error() << '\n';
      }));
  // Slots and signals are not thread-safe: emit on the client's executor.
  asio::post(client.get_executor(), [&signal] { signal.emit(asio::cancellation_type::terminal); });
}

asio::awaitable<void> stop_in_three_ways(upsun::client client, asio::cancellation_signal& signal) {
  co_await stop_by_deadline(client);
  co_await stop_by_race(client);
  stop_by_signal(client, signal);
  const auto closed = co_await client.async_close(1s);
  std::cout << "closed, " << closed.value().cancelled << " calls were still under way\n";
}

}  // namespace

int main() {
  try {
    upsun::testing::sandbox api;
    api.inject({.kind = upsun::testing::fault_kind::silent}, 0);

    asio::io_context io;
    asio::cancellation_signal signal;
    upsun::client client(io, {.base_url = api.url(),
                              .credentials = upsun::bearer_token(api.token()),
                              .tls = {.ca_pem = api.ca_pem()}});
    auto stopped =
        asio::co_spawn(io, stop_in_three_ways(std::move(client), signal), asio::use_future);
    io.run();
    stopped.get();
    return 0;
  } catch (const std::exception& e) {
    std::cerr << "cancel_and_deadline: " << e.what() << '\n';
    return 1;
  }
}
