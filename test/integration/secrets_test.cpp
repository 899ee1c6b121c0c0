// Secrets planted wherever one can be, and calls that fail in every way: no text of the client's
// own holds one. (The watch of harness.hpp reads those of all other integration tests, too.)

#include <gtest/gtest-spi.h>
#include <upsun/codec.hpp>

#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "integration/secrets.hpp"
#include "support/planned_server.hpp"
#include "support/scripted_server.hpp"
#include "support/temporary_directory.hpp"

namespace upsun::testing {
namespace secrets_test {

namespace act = upsun::test;
using asio::awaitable;
using test::planned_reply;
using test::planned_server;

TEST_F(Secrets, AreNoticedWhereTheyAre) {
  const secret_watch other;
  EXPECT_NONFATAL_FAILURE(other.read("a text with " + token), "a planted secret");
  error_details details;
  details.cause = "refused " + token;
  const error leaking(errc::connect_failed, std::move(details));
  EXPECT_NONFATAL_FAILURE(other.read(leaking.message()), "a planted secret");
}

// A server that sends back what it was sent, at every place where a response has text, well-formed
// and not.
TEST_F(Secrets, AreInNoErrorWhateverAServerEchoes) {
  const std::string ok = "200 OK";
  const std::string type = "\r\nContent-Type: ";
  const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::vector<std::string> echoes{
      token + "\r\n",
      "HTTP/1." + token + " 200 OK\r\n\r\n",
      response(token, "{}"),
      response("500 " + token, token),
      response("200 " + token, token),
      response("404 " + token, R"({"message":")" + token + R"(","detail":{"x":")" + token + "\"}}"),
      response(
          "401 No" + type + "application/json\r\nWWW-Authenticate: Bearer realm=\"" + token + '"',
          R"({"error":")" + token + "\"}"),
      response("429 Slow\r\nRetry-After: " + token, ""),
      response("302 Found\r\nLocation: https://" + token, ""),
      response("502 Bad" + type + "text/html", "<p>" + token),
      response(ok + type + token, "{}"),
      response(ok + type + "text/" + token, "x"),
      response(ok + "\r\nContent-Encoding: " + token, "x"),
      response(ok + "\r\nX-Request-Id: " + token, "[]"),
      response(ok + "\r\nX-Request-Id: " + token + type + "text/" + token, ""),
      response(ok + "\r\n" + token, "{}"),
      response(ok + "\r\n" + token + " : x", "{}"),
      response(ok + "\r\nX: y\r\n " + token, "{}"),
      response(ok + "\r\nX: \x01" + token, "{}"),
      response(ok + "\r\nConnection: \"" + token, "{}"),
      response(ok + "\r\nKeep-Alive: timeout=" + token + "\r\nX: " + std::string(100'000, 'x'),
               "{}"),
      "HTTP/1.1 200 OK\r\nContent-Length: " + token + "\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: " + token + "\r\n\r\n",
      "HTTP/1.1 101 " + token + "\r\nUpgrade: " + token + "\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n" + token,
      chunked + token + "\r\n",
      chunked + "2;" + token + "=\"\r\n{}\r\n0\r\n\r\n",
      chunked + "2\r\n{}\r\n0\r\n" + token + "\r\n\r\n",
      chunked + "2\r\n{}\r\n0\r\nContent-Length: " + token + "\r\n\r\n",
      response(ok, token),
      response(ok, '"' + token + '"'),
      response(ok, R"({"type":7,"x":")" + token + "\"}"),
      response(ok, R"({"type":"webhook","url":7,"shared_key":")" + token + "\"}"),
      response(ok, R"({"type":"webhook","url":"https://a","shared_key":{"a":")" + token + "\"}}"),
      response(ok, R"({"type":"webhook","url":"https://a","shared_key":")" + token),
      response(ok, R"({"type":"webhook","created_at":")" + token +
                       R"(","url":"https://a","shared_key":null})"),
      response(ok,
               R"({"type":"httplog","url":"https://a","headers":{"X":{"a":")" + token + "\"}}}"),
      response(ok, R"({"type":"newrelic","url":"https://a","license_key":[")" + token + "\"]}"),
  };
  asio::io_context io(1);
  std::string current;
  planned_server server(io, [&](std::string_view) {
    return planned_reply{current, planned_reply::ending::close};
  });
  asio::co_spawn(
      io,
      [&]() -> awaitable<void> {
        for (const decode_policy policy : {decode_policy::strict, decode_policy::tolerant}) {
          client_config config = config_for(server.url());
          config.decode_policy = policy;
          client client(io.get_executor(), config);
          for (const std::string& each : echoes) {
            current = each;
            const auto got = co_await fetch(client, with_secret_header());
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
  for (const std::string& url :
       {nowhere, std::string("https://no-such-host.invalid"), "https" + nowhere.substr(4)}) {
    with_client(config_for(url), [&](client& client) -> awaitable<void> {
      EXPECT_FALSE(co_await fetch(client, with_secret_header()));
      for (const std::string& value : {mark + "\r\n", mark + '\0'}) {
        EXPECT_EQ((co_await fetch(client, call_options().header("X-Api-Key", value))).error(),
                  errc::invalid_argument);
      }
      EXPECT_EQ((co_await fetch(client, call_options().header("Authorization", token))).error(),
                errc::invalid_argument);
    });
  }
  EXPECT_GT(watch->texts(), 0u);
}

TEST_F(Secrets, AreInNoErrorOfAProxy) {
  const std::vector<std::string> responses{
      "HTTP/1.1 407 " + proxy_password + "\r\nProxy-Authenticate: Basic realm=\"" +
          proxy_credentials + "\"\r\n\r\n",
      "HTTP/1.1 502 " + proxy_password + "\r\n\r\n", proxy_credentials + "\r\n\r\n", ""};
  for (const std::string& each : responses) {
    const test::scripted_server proxy({act::read_head(), act::send(each), act::close()});
    client_config config = config_for("https://localhost:1");
    config.proxy.url =
        secret("http://user:" + proxy_password + "@127.0.0.1:" + std::to_string(proxy.port()));
    EXPECT_FALSE(fetch_once(config, with_secret_header()));
    EXPECT_NE(proxy.received().find(proxy_credentials), std::string::npos)
        << "it was sent, so it could have leaked";
  }
  EXPECT_GT(watch->texts(), 0u);
}

TEST_F(Secrets, AreInNoPrintOfADocument) {
  for (const char* document :
       {R"({"type":"webhook","url":"https://a","shared_key":"s3cr3t"})",
        R"({"type":"httplog","url":"https://a","headers":{"X":"s3cr3t"}})",
        R"({"type":"newrelic","url":"https://a","license_key":"s3cr3t"})",
        R"({"type":"splunk","url":"https://a","index":"i","token":"s3cr3t"})",
        R"({"type":"health.pagerduty","routing_key":"s3cr3t"})",
        R"({"type":"not.known","password":"s3cr3t"})"}) {
    const auto got = decode_integration(document, {.policy = decode_policy::tolerant}, nullptr);
    ASSERT_TRUE(got) << got.error();
    watch->read_print(*got);
    std::visit([&](const auto& settings) { watch->read_print(settings); }, got->settings);
  }
}

TEST_F(Secrets, AreInNoRefusalOfASetting) {
  const test::made_certificate& own = identity();
  const test::made_certificate other = test::make_certificate({.common_name = "another service"});
  const test::temporary_directory files;
  const std::string begin = "-----BEGIN PRIVATE KEY-----\n";
  const std::string end = "-----END PRIVATE KEY-----\n";
  const std::string cut = own.key_pem().substr(0, own.key_pem().size() / 2);
  const std::string damaged = own.key_pem().replace(60, 8, "AAAAAAAA");
  using mistake = std::function<void(client_config&)>;
  const auto base_url = [](const std::string& text) -> mistake {
    return [text](client_config& c) { c.base_url = text; };
  };
  const auto credentials = [](const upsun::credentials& given) -> mistake {
    return [given](client_config& c) { c.credentials = given; };
  };
  const auto proxy = [](const std::string& text) -> mistake {
    return [text](client_config& c) { c.proxy.url = secret(text); };
  };
  const auto tls = [](const tls_options& options) -> mistake {
    return [options](client_config& c) { c.tls = options; };
  };
  const auto key = [&](const std::string& certificate, const std::string& pem) {
    return tls({.client_certificate_pem = certificate, .client_key_pem = secret(pem)});
  };
  const std::vector<mistake> mistakes{
      base_url("https://user:" + mark + "@api.example"),
      base_url("ftp://" + mark),
      base_url("https://a/?key=" + mark),
      credentials(bearer_token(mark + "\r\n")),
      credentials(bearer_token(mark + " " + mark)),
      credentials(api_token(mark + "\r\n")),
      credentials(api_token(mark + " " + mark)),
      credentials(api_token(mark, "ftp://" + mark)),
      credentials(api_token(mark, "https://user:" + mark + "@auth")),
      credentials(api_token(mark, "https://auth/?key=" + mark)),
      credentials(api_token(mark, "http://auth.example")),
      [](client_config& c) {
        c.base_url = "http://api.example";
        c.allow_plain_http = true;
      },
      proxy("http://user:" + mark + "@"),
      proxy("socks5://user:" + mark + "@proxy"),
      proxy("http://user:" + mark + "@proxy:" + mark),
      proxy("http://user:" + mark + "%zz@proxy"),
      proxy("http://user:" + mark + "@proxy/" + mark),
      proxy(mark),
      key(own.pem(), mark),
      key(own.pem(), begin + mark + "\n" + end),
      key(own.pem(), cut),
      key(own.pem(), damaged),
      key(own.pem(), own.encrypted_key_pem(mark)),
      key(other.pem(), own.key_pem()),
      key(own.key_pem(), own.key_pem()),
      tls({.client_key_pem = secret(own.key_pem())}),
      tls({.client_key_file = files.write("own.key", own.key_pem()),
           .client_key_pem = secret(own.key_pem())}),
      tls({.client_key_file = files.write("cut.key", cut), .client_certificate_pem = own.pem()}),
      tls({.client_key_file = files.write("wrong.key", own.key_pem()),
           .client_certificate_pem = other.pem()}),
      tls({.client_certificate_file = files.write("mixed.pem", own.key_pem()),
           .client_key_pem = secret(own.key_pem())}),
      tls({.ca_pem = own.key_pem()}),
      tls({.crl_pem = own.key_pem()}),
      tls({.pinned_keys = lines_of(own.key_pem())}),
  };
  asio::io_context io;
  for (std::size_t i = 0; i < mistakes.size(); ++i) {
    client_config config = config_for("https://localhost");
    mistakes[i](config);
    if (config.tls.ca_pem.empty()) config.tls.ca_pem = own.pem();  // the system's take long to load
    try {
      const client refused(io.get_executor(), config);
      ADD_FAILURE() << "mistake " << i << " was not noticed";
    } catch (const std::exception& e) {
      watch->read(e.what());
    }
  }
}

TEST_F(Secrets, AreInNoRefusalOfTheEnvironment) {
  for (const char* name : {"UPSUN_API_URL", "UPSUN_DEFAULT_TIMEOUT", "UPSUN_ACCESS_TOKEN",
                           "UPSUN_CLI_TOKEN", "HTTPS_PROXY", "ALL_PROXY"}) {
    ASSERT_EQ(::setenv(name, ("ftp://user:" + mark + "@\r\nx").c_str(), 1), 0);
    try {
      client_config::from_environment().validate();
      ADD_FAILURE() << name;
    } catch (const config_error& e) {
      watch->read(e.what());
    }
    ::unsetenv(name);
  }
}

}  // namespace secrets_test
}  // namespace upsun::testing
