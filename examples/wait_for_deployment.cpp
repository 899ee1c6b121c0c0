// Creates an integration, waits with a progress bar until the activities that this sets off have
// ended, and lists the integration's activities. The server is a sandbox whose activities take half
// a second.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <utility>

#include <upsun/client.hpp>
#include <upsun/testing/sandbox.hpp>

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

void show(const upsun::activity& now) {
  const std::string bar(
      static_cast<std::size_t>(std::clamp<std::int64_t>(now.completion_percent / 5, 0, 20)), '#');
  std::cout << now.type << " [" << bar << std::string(20 - bar.size(), ' ') << "] "
            << now.state.str() << '\n';
}

asio::awaitable<void> deploy(upsun::client client, upsun::project_id project) {
  const auto created = co_await client.async_create_integration(
      project, upsun::webhook_input("https://hooks.acme.example"));
  const upsun::integration_ref ref(
      project, upsun::integration_id(created.value().entity.value().id.value()));

  const auto options = upsun::wait_options().timeout(1min).initial_delay(50ms).on_progress(&show);
  const auto waited = co_await client.async_wait_for_activities(
      ref, *created, options);  // a failed deployment is a value, a passed deadline is an error
  if (waited.value().outcome != upsun::wait_outcome::success)
    throw std::runtime_error("the deployment did not succeed");

  auto history =
      client.activities(ref, upsun::activity_filter().result(upsun::activity_result::success));
  for (;;) {
    const auto next = co_await history.async_next();
    if (!next.value()) break;
    std::cout << (*next)->id << " succeeded\n";
  }
}

}  // namespace

int main() {
  try {
    upsun::testing::sandbox api;
    asio::io_context io;
    upsun::client client(io, {.base_url = api.url(),
                              .credentials = upsun::bearer_token(api.token()),
                              .tls = {.ca_pem = api.ca_pem()}});
    auto deployed = asio::co_spawn(io, deploy(std::move(client), upsun::project_id("project-0")),
                                   asio::use_future);
    io.run();
    deployed.get();
    return 0;
  } catch (const std::exception& e) {
    std::cerr << "wait_for_deployment: " << e.what() << '\n';
    return 1;
  }
}
