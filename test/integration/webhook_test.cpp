// Signed webhooks from the sandbox to a listener, which verifies them.

#include <upsun/webhook.hpp>

#include <optional>
#include <stdexcept>
#include <string>

#include "integration/harness.hpp"
#include "support/scripted_server.hpp"

namespace upsun::testing {
namespace webhook_test {

using test::scripted_server;

const std::string body = R"({"id":"abc","type":"environment.push","text":"pushed \"caf\u00e9\""})";

struct WebhookDelivery : ::testing::Test {
  sandbox server{{.integrations = 0}};
  scripted_server listener{{test::read_head(), test::read_bytes(body.size()),
                            test::send("HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\nok")}};

  void put(const std::string& url, std::optional<secret> key) {
    webhook_settings settings;
    settings.shared_key = std::move(key);
    settings.url = url;
    server.put("project-0", "hook", {.type = "webhook", .settings = settings});
  }
  /// What the listener has got in a header; empty when it was not there.
  std::string header(const std::string& name) const {
    const std::string request = listener.received();
    const std::size_t at = request.find("\r\n" + name + ": ");
    if (at == std::string::npos) return {};
    const std::size_t begin = at + name.size() + 4;
    return request.substr(begin, request.find("\r\n", begin) - begin);
  }
  std::string received_body() const {
    const std::string request = listener.received();
    return request.substr(request.find("\r\n\r\n") + 4);
  }
};

TEST_F(WebhookDelivery, IsVerifiedByItsListener) {
  const secret key("planted-secret-of-a-webhook");
  put(listener.url() + "/hooks/upsun?x=1", key);
  EXPECT_EQ(server.deliver_webhook("project-0", "hook", body), 202);
  EXPECT_TRUE(listener.received().starts_with("POST /hooks/upsun?x=1 HTTP/1.1\r\n"));
  EXPECT_EQ(header("Content-Type"), "application/json");
  EXPECT_EQ(received_body(), body);
  EXPECT_TRUE(verify_webhook(received_body(), header("X-JWS-Signature"), key));
  EXPECT_FALSE(verify_webhook(received_body() + " ", header("X-JWS-Signature"), key));
  EXPECT_FALSE(verify_webhook(received_body(), header("X-JWS-Signature"), secret("another")));
  EXPECT_EQ(listener.received().find("planted"), std::string::npos);
}

TEST_F(WebhookDelivery, IsSignedWithTheKeyThatWasSetLast) {
  const secret key("a-newer-key");
  put(listener.url(), secret("a-first-key"));
  with_client(config_for(server), [&](client& client) -> asio::awaitable<void> {
    auto updated = co_await client.async_update_integration(
        integration_ref(project(), integration_id("hook")), webhook_patch().shared_key(key));
    EXPECT_TRUE(updated);
  });
  EXPECT_EQ(server.deliver_webhook("project-0", "hook", body), 202);
  EXPECT_TRUE(verify_webhook(received_body(), header("X-JWS-Signature"), key));
}

TEST_F(WebhookDelivery, IsUnsignedWithoutAKey) {
  put(listener.url(), std::nullopt);
  EXPECT_EQ(server.deliver_webhook("project-0", "hook", body), 202);
  EXPECT_EQ(header("X-JWS-Signature"), "");
}

TEST_F(WebhookDelivery, IsMadeToThisMachineOnly) {
  for (const char* url : {"http://hooks.acme.example/", "https://127.0.0.1:1/", "http://10.0.0.1/",
                          "", "http://", "http://[::1", "127.0.0.1"}) {
    put(url, secret("key"));
    EXPECT_THROW(server.deliver_webhook("project-0", "hook", body), std::invalid_argument) << url;
  }
  server.put("project-0", "other",
             {.type = "health.slack", .settings = slack_settings{.channel = "#ops"}});
  EXPECT_THROW(server.deliver_webhook("project-0", "other", body), std::invalid_argument);
  EXPECT_THROW(server.deliver_webhook("project-0", "none", body), std::out_of_range);
}

TEST_F(WebhookDelivery, FailsWithoutAnHttpResponse) {
  put("http://127.0.0.1:1/", secret("key"));
  EXPECT_THROW(server.deliver_webhook("project-0", "hook", body), boost::system::system_error);
  scripted_server garbage({test::read_head(), test::send("220 mail.example ESMTP\r\n")});
  put(garbage.url(), secret("key"));
  EXPECT_THROW(server.deliver_webhook("project-0", "hook", body), boost::system::system_error);
  scripted_server mute({test::read_head(), test::drop()});
  put(mute.url(), secret("key"));
  EXPECT_THROW(server.deliver_webhook("project-0", "hook", body), boost::system::system_error);
}

}  // namespace webhook_test
}  // namespace upsun::testing
