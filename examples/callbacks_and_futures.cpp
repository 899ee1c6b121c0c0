// A call with other completion tokens than the default: a callback, futures, a deferred operation
// and a tuple.
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <chrono>
#include <exception>
#include <future>
#include <iostream>

#include <upsun/client.hpp>
#include <upsun/testing/sandbox.hpp>
#include <upsun/throw_errors.hpp>

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using integration_result = upsun::result<upsun::integration>;

const upsun::project_id project("project-0");
const upsun::integration_id integration("integration-0");

void print(const char* how, const integration_result& got) {
  if (got) {
    std::cout << how << ": " << got->type << '\n';
  } else {
    std::cout << how << ": " << got.error() << '\n';
  }
}

asio::awaitable<void> fetch_by_tokens_of_coroutines(upsun::client& client) {
  auto operation =
      client.async_get_integration({project, integration}, asio::deferred);  // nothing starts yet
  print("deferred", co_await std::move(operation)(asio::use_awaitable));

  const auto [got] = co_await client.async_get_integration({project, integration},
                                                           asio::as_tuple(asio::use_awaitable));
  print("tuple", got);
}

}  // namespace

int main() {
  try {
    upsun::testing::sandbox api;
    asio::io_context io;
    upsun::client client(io, {.base_url = api.url(),
                              .credentials = upsun::bearer_token(api.token()),
                              .tls = {.ca_pem = api.ca_pem()}});

    // A callback runs on the client's executor, here on the thread below.
    client.async_get_integration({project, integration},
                                 [](integration_result got) { print("callback", got); });
    const auto runner = std::async(std::launch::async, [&io] { io.run(); });

    // A future may be waited for by any thread but the one that runs the context.
    print("future", client.async_get_integration({project, integration}, asio::use_future).get());
    auto throwing =
        client.async_get_integration({project, integration}, upsun::throw_errors(asio::use_future));
    std::cout << "throwing future: " << throwing.get().type << '\n';
    asio::co_spawn(io, fetch_by_tokens_of_coroutines(client), asio::use_future).get();

    client.async_close(1s, asio::use_future)
        .get();  // leaves the context without work, so the thread ends
    return 0;
  } catch (const std::exception& e) {
    std::cerr << "callbacks_and_futures: " << e.what() << '\n';
    return 1;
  }
}
