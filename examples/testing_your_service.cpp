// How to test a service that uses the client: against the sandbox when the network matters, against
// a fake transport when it does not. The service finds out who is notified by an integration.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <concepts>
#include <exception>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>

#include <upsun/client.hpp>
#include <upsun/testing/fake_transport.hpp>
#include <upsun/testing/sandbox.hpp>

namespace asio = boost::asio;
namespace testing = upsun::testing;

// The service.

struct audience {
  std::string operator()(const upsun::slack_settings& slack) const {
    return "the channel " + slack.channel;
  }
  std::string operator()(const upsun::webhook_settings& hook) const { return hook.url; }
  std::string operator()(const std::derived_from<upsun::source_settings> auto&) const {
    return "a repository";
  }  // all four kinds
  std::string operator()(const auto&) const { return "somebody else"; }
};

asio::awaitable<std::string> find_audience(upsun::client client, std::string integration) {
  const auto got = co_await client.async_get_integration(
      {upsun::project_id("project-0"), upsun::integration_id(std::move(integration))});
  if (got) co_return std::visit(audience{}, got->settings);
  if (got.error() == upsun::condition::not_found) co_return "nobody";
  throw upsun::call_failed(got.error());
}

// Its tests.

std::string audience_of(asio::io_context& io, upsun::client client, std::string integration) {
  auto found = asio::co_spawn(io, find_audience(std::move(client), std::move(integration)),
                              asio::use_future);
  io.run();
  io.restart();
  return found.get();
}

void expect(const std::string& got, const std::string& wanted) {
  if (got != wanted) throw std::logic_error("got \"" + got + "\", wanted \"" + wanted + "\"");
  std::cout << "notified: " << got << '\n';
}

void test_against_the_sandbox() {
  testing::sandbox api;
  api.put("project-0", "to-ops",
          {.type = "health.slack", .settings = upsun::slack_settings{.channel = "#ops"}});
  asio::io_context io;
  const auto new_client = [&] {
    return upsun::client(io, {.base_url = api.url(),
                              .credentials = upsun::bearer_token(api.token()),
                              .tls = {.ca_pem = api.ca_pem()}});
  };

  expect(audience_of(io, new_client(), "to-ops"), "the channel #ops");
  expect(audience_of(io, new_client(), "no-such-integration"), "nobody");

  api.inject({.kind = testing::fault_kind::status,
              .status = 502,
              .body = "<h1>Bad Gateway</h1>",
              .content_type = "text/html"},
             0);
  try {
    audience_of(io, new_client(), "to-ops");
    throw std::logic_error("a failing server went unnoticed");
  } catch (const upsun::call_failed& failure) {
    std::cout << "failed as it should: " << failure.error() << '\n';
  }
}

void test_without_a_network() {
  asio::io_context io;
  const auto transport = std::make_shared<testing::fake_transport>(io.get_executor());
  transport->push(testing::fake_transport::json(
      R"({"type": "a kind of the future", "created_at": null, "updated_at": null, "role": ""})"));
  expect(audience_of(io, upsun::client(io, {.transport = transport}), "any"), "somebody else");
}

int main() {
  try {
    test_against_the_sandbox();
    test_without_a_network();
    return 0;
  } catch (const std::exception& e) {
    std::cerr << "testing_your_service: " << e.what() << '\n';
    return 1;
  }
}
