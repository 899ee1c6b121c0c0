// Secrets planted wherever one can be, and calls that fail in every way: no text of the client's own holds one. (The watch of harness.hpp reads those of all
// other integration tests, too.)

#include <gtest/gtest-spi.h>
#include <upsun/codec.hpp>

#include <cstdlib>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "integration/harness.hpp"
#include "integration/secret_watch.hpp"
#include "support/planned_server.hpp"
#include "support/scripted_server.hpp"

namespace upsun::testing {
namespace {

namespace act = upsun::test;
using asio::awaitable;
using test::planned_reply;
using test::planned_server;

/// In every planted secret.
const std::string mark = "s3cr3t";
const std::string token = mark + "-token";
const std::string proxy_password = mark + "-proxy";
/// base64 of "user:s3cr3t-proxy", as it goes to the proxy.
const std::string proxy_credentials = "dXNlcjpzM2NyM3QtcHJveHk";

class Secrets : public ::testing::Test {
 protected:
  const std::shared_ptr<secret_watch> watch = std::make_shared<secret_watch>(std::vector<std::string>{mark, proxy_credentials});

  [[nodiscard]] client_config config_for(std::string url) const {
    client_config config;
    config.base_url = std::move(url);
    config.credentials = bearer_token(token);
    config.retry.max_attempts = 1;
    config.observer = watch;
    return config;
  }
  [[nodiscard]] static call_options with_secret_header() { return call_options().header("X-Api-Key", mark + "-header").timeout(10s); }
};

std::string answer(const std::string& head, const std::string& body) {
  return "HTTP/1.1 " + head + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

TEST_F(Secrets, AreNoticedWhereTheyAre) {
  const secret_watch other({mark});
  EXPECT_NONFATAL_FAILURE(other.read("a text with " + token), "a planted secret");
  error_details details;
  details.cause = "refused " + token;
  const error leaking(errc::connect_failed, std::move(details));
  EXPECT_NONFATAL_FAILURE(other.read(leaking.message()), "a planted secret");
}

// A server that sends back what it was sent, at every place where a response has text, well-formed and not.
TEST_F(Secrets, AreInNoErrorWhateverAServerEchoes) {
  const std::string ok = "200 OK";
  const std::string type = "\r\nContent-Type: ";
  const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::vector<std::string> echoes{
      token + "\r\n",
      "HTTP/1." + token + " 200 OK\r\n\r\n",
      answer(token, "{}"),
      answer("500 " + token, token),
      answer("200 " + token, token),
      answer("404 " + token, R"({"message":")" + token + R"(","detail":{"x":")" + token + "\"}}"),
      answer("401 No" + type + "application/json\r\nWWW-Authenticate: Bearer realm=\"" + token + '"', R"({"error":")" + token + "\"}"),
      answer("429 Slow\r\nRetry-After: " + token, ""),
      answer("302 Found\r\nLocation: https://" + token, ""),
      answer("502 Bad" + type + "text/html", "<p>" + token),
      answer(ok + type + token, "{}"),
      answer(ok + "\r\nX-Request-Id: " + token, "[]"),
      answer(ok + "\r\nX-Request-Id: " + token + type + "text/" + token, ""),
      answer(ok + "\r\n" + token, "{}"),
      answer(ok + "\r\n" + token + " : x", "{}"),
      answer(ok + "\r\nX: y\r\n " + token, "{}"),
      answer(ok + "\r\nX: \x01" + token, "{}"),
      answer(ok + "\r\nConnection: \"" + token, "{}"),
      answer(ok + "\r\nKeep-Alive: timeout=" + token + "\r\nX: " + std::string(100'000, 'x'), "{}"),
      "HTTP/1.1 200 OK\r\nContent-Length: " + token + "\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: " + token + "\r\n\r\n",
      "HTTP/1.1 101 " + token + "\r\nUpgrade: " + token + "\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n" + token,
      chunked + token + "\r\n",
      chunked + "2;" + token + "=\"\r\n{}\r\n0\r\n\r\n",
      chunked + "2\r\n{}\r\n0\r\n" + token + "\r\n\r\n",
      chunked + "2\r\n{}\r\n0\r\nContent-Length: " + token + "\r\n\r\n",
      answer(ok, token),
      answer(ok, '"' + token + '"'),
      answer(ok, R"({"type":7,"x":")" + token + "\"}"),
      answer(ok, R"({"type":"webhook","url":7,"shared_key":")" + token + "\"}"),
      answer(ok, R"({"type":"webhook","url":"https://a","shared_key":{"a":")" + token + "\"}}"),
      answer(ok, R"({"type":"webhook","url":"https://a","shared_key":")" + token),
      answer(ok, R"({"type":"webhook","created_at":")" + token + R"(","url":"https://a","shared_key":null})"),
      answer(ok, R"({"type":"httplog","url":"https://a","headers":{"X":{"a":")" + token + "\"}}}"),
      answer(ok, R"({"type":"newrelic","url":"https://a","license_key":[")" + token + "\"]}"),
  };
  asio::io_context io(1);
  std::string current;
  planned_server server(io, [&](std::string_view) { return planned_reply{current, planned_reply::ending::close}; });
  asio::co_spawn(
      io,
      [&]() -> awaitable<void> {
        for (const decode_policy policy : {decode_policy::strict, decode_policy::tolerant}) {
          client_config config = config_for(server.url());
          config.decode_policy = policy;
          client client(io.get_executor(), config);
          for (const std::string& each : echoes) {
            current = each;
            const auto got = co_await client.async_get_integration(project(), integration_number(0), with_secret_header());
            EXPECT_TRUE(!got || policy == decode_policy::tolerant) << each;
            if (got) {
              watch->read_print(*got);
            } else {
              watch->read(got.error());
            }
          }
        }
        server.close();
      },
      [](std::exception_ptr thrown) { EXPECT_FALSE(thrown); });
  io.run();
  EXPECT_GT(watch->texts(), 2 * echoes.size());
}

TEST_F(Secrets, AreInNoErrorOfACallThatIsNeverSent) {
  std::string nowhere;
  {
    const test::scripted_server gone({act::close()});
    nowhere = gone.url();
  }
  run([&]() -> awaitable<void> {
    const auto executor = co_await asio::this_coro::executor;
    for (const std::string& url : {nowhere, std::string("https://no-such-host.invalid"), "https" + nowhere.substr(4)}) {
      client client(executor, config_for(url));
      EXPECT_FALSE(co_await client.async_get_integration(project(), integration_number(0), with_secret_header()));
      for (const std::string& value : {mark + "\r\n", mark + '\0'}) {
        EXPECT_EQ((co_await client.async_get_integration(project(), integration_number(0), call_options().header("X-Api-Key", value))).error(),
                  errc::invalid_argument);
      }
      EXPECT_EQ((co_await client.async_get_integration(project(), integration_number(0), call_options().header("Authorization", token))).error(),
                errc::invalid_argument);
    }
  });
  EXPECT_GT(watch->texts(), 0u);
}

TEST_F(Secrets, AreInNoErrorOfAProxy) {
  const std::vector<std::string> answers{"HTTP/1.1 407 " + proxy_password + "\r\nProxy-Authenticate: Basic realm=\"" + proxy_credentials + "\"\r\n\r\n",
                                         "HTTP/1.1 502 " + proxy_password + "\r\n\r\n", proxy_credentials + "\r\n\r\n", ""};
  for (const std::string& each : answers) {
    const test::scripted_server proxy({act::read_head(), act::send(each), act::close()});
    run([&]() -> awaitable<void> {
      client_config config = config_for("https://localhost:1");
      config.proxy.url = secret("http://user:" + proxy_password + "@127.0.0.1:" + std::to_string(proxy.port()));
      client client(co_await asio::this_coro::executor, config);
      EXPECT_FALSE(co_await client.async_get_integration(project(), integration_number(0), with_secret_header()));
    });
    EXPECT_NE(proxy.received().find(proxy_credentials), std::string::npos) << "it was sent, so it could have leaked";
  }
  EXPECT_GT(watch->texts(), 0u);
}

TEST_F(Secrets, AreInNoPrintOfADocument) {
  for (const char* document :
       {R"({"type":"webhook","url":"https://a","shared_key":"s3cr3t"})", R"({"type":"httplog","url":"https://a","headers":{"X":"s3cr3t"}})",
        R"({"type":"newrelic","url":"https://a","license_key":"s3cr3t"})", R"({"type":"splunk","url":"https://a","index":"i","token":"s3cr3t"})",
        R"({"type":"health.pagerduty","routing_key":"s3cr3t"})", R"({"type":"not.known","password":"s3cr3t"})"}) {
    const auto got = decode_integration(document, {.policy = decode_policy::tolerant}, nullptr);
    ASSERT_TRUE(got) << got.error();
    watch->read_print(*got);
    std::visit([&](const auto& settings) { watch->read_print(settings); }, got->settings);
  }
}

TEST_F(Secrets, AreInNoRefusalOfASetting) {
  const std::vector<std::function<void(client_config&)>> mistakes{
      [](client_config& c) { c.base_url = "https://user:" + mark + "@api.example"; },
      [](client_config& c) { c.base_url = "ftp://" + mark; },
      [](client_config& c) { c.base_url = "https://a/?key=" + mark; },
      [](client_config& c) { c.credentials = bearer_token(mark + "\r\n"); },
      [](client_config& c) { c.credentials = bearer_token(mark + " " + mark); },
      [](client_config& c) { c.proxy.url = secret("http://user:" + mark + "@"); },
      [](client_config& c) { c.proxy.url = secret("socks5://user:" + mark + "@proxy"); },
      [](client_config& c) { c.proxy.url = secret("http://user:" + mark + "@proxy:" + mark); },
  };
  asio::io_context io;
  for (std::size_t i = 0; i < mistakes.size(); ++i) {
    client_config config = config_for("https://localhost");
    mistakes[i](config);
    try {
      const client refused(io.get_executor(), config);
      ADD_FAILURE() << "mistake " << i << " was not noticed";
    } catch (const std::exception& e) {
      watch->read(e.what());
    }
  }
}

TEST_F(Secrets, AreInNoRefusalOfTheEnvironment) {
  for (const char* name : {"UPSUN_API_URL", "UPSUN_DEFAULT_TIMEOUT", "UPSUN_ACCESS_TOKEN", "HTTPS_PROXY"}) {
    ASSERT_EQ(::setenv(name, ("ftp://user:" + mark + "@\r\n").c_str(), 1), 0);
    try {
      client_config::from_environment().validate();
      ADD_FAILURE() << name;
    } catch (const config_error& e) {
      watch->read(e.what());
    }
    ::unsetenv(name);
  }
}

}  // namespace
}  // namespace upsun::testing
