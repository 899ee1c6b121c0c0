// A service's page /metrics: its client's requests in Prometheus' format. The server is a sandbox,
// whose first response is a 503.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <chrono>
#include <exception>
#include <future>
#include <iostream>
#include <memory>

#include <upsun/client.hpp>
#include <upsun/prometheus.hpp>
#include <upsun/testing/sandbox.hpp>

namespace {

namespace asio = boost::asio;

asio::awaitable<void> work(upsun::client& client) {
  for (const char* id :
       {"integration-0", "integration-1", "integration-2", "no-such-integration"}) {
    const auto got = co_await client.async_get_integration(
        {upsun::project_id("project-0"), upsun::integration_id(id)});
    if (!got && got.error() != upsun::condition::not_found) throw upsun::call_failed(got.error());
  }
}

}  // namespace

int main() {
  try {
    upsun::testing::sandbox api;
    api.inject({.kind = upsun::testing::fault_kind::status, .status = 503});
    asio::io_context io;
    const auto metrics = std::make_shared<upsun::prometheus_metrics>();
    upsun::client client(io, {.base_url = api.url(),
                              .credentials = upsun::bearer_token(api.token()),
                              .tls = {.ca_pem = api.ca_pem()},
                              .observer = metrics});
    auto worked = asio::co_spawn(io, work(client), asio::use_future);
    while (worked.wait_for(std::chrono::seconds(0)) != std::future_status::ready) io.run_one();
    worked.get();
    metrics->write(std::cout, client.statistics());
    return 0;
  } catch (const std::exception& e) {
    std::cerr << "metrics: " << e.what() << '\n';
    return 1;
  }
}
