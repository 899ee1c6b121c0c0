#include "config/settings.hpp"

#include <gtest/gtest.h>
#include <upsun/client_config.hpp>
#include <upsun/observer.hpp>

#include <memory>
#include <string_view>

namespace upsun::config {
namespace settings_test {

using namespace std::chrono_literals;

util::origin origin_of(std::string_view url) {
  util::origin where;
  EXPECT_EQ(util::parse_origin(url, where), std::nullopt);
  return where;
}

client_config full_config() {
  return {.base_url = "https://api.example:8443/v1",
          .credentials = bearer_token("abc"),
          .tls = {.ca_file = "ca.pem", .client_certificate_file = "own.pem"},
          .pool = {.max_connections = 7, .min_connections = 3},
          .unix_socket = "/run/sidecar.sock",
          .observer = std::make_shared<observer>()};
}

TEST(Settings, AreThoseOfTheClientWithEveryUrlTakenApart) {
  const client_settings made = make_settings(full_config());
  EXPECT_EQ(made.network.where.host, "api.example");
  EXPECT_EQ(made.network.where.prefix, "/v1");
  EXPECT_EQ(made.network.way.unix_socket, "/run/sidecar.sock");
  EXPECT_EQ(made.network.authorization.reveal(), "Bearer abc");
  EXPECT_EQ(made.network.pool.min_connections, 3u);
  EXPECT_TRUE(made.network.user_agent.starts_with("upsun-cpp/"));
  EXPECT_FALSE(made.network.reads_validators);
  EXPECT_FALSE(made.auth) << "a bearer token never changes";
}

TEST(Settings, NameWhereApiTokensAreExchanged) {
  const client_settings made = make_settings(
      {.credentials = api_token("abc", "https://auth.example/sub"), .timeouts = {.total = 7s}});
  ASSERT_TRUE(made.auth);
  EXPECT_EQ(made.auth->server.host, "auth.example");
  EXPECT_EQ(made.auth->server.prefix, "/sub");
  EXPECT_EQ(made.auth->total_timeout, 7s);
  EXPECT_TRUE(made.network.authorization.empty());
  EXPECT_FALSE(make_settings({}).auth);
}

TEST(Settings, KeepTheTokenAndWarmConnectionsForTheApiOnly) {
  const client_settings made = make_settings(full_config());
  for (const peer_kind who : {peer_kind::api, peer_kind::token_server, peer_kind::stranger}) {
    const auto other = for_peer(made.network, origin_of("https://other.example"), who);
    EXPECT_EQ(other.where.host, "other.example");
    EXPECT_TRUE(other.authorization.empty());
    EXPECT_EQ(other.pool.min_connections, 0u);
    EXPECT_EQ(other.pool.max_connections, 7u);
    EXPECT_EQ(other.tls.ca_file, "ca.pem");
    EXPECT_EQ(other.way.unix_socket.empty(), who != peer_kind::api);
    EXPECT_EQ(other.tls.client_certificate_file.empty(), who == peer_kind::stranger);
    EXPECT_EQ(other.observer == nullptr, who == peer_kind::token_server);
  }
}

TEST(Settings, FindTheWayToEachPeerByTheSameProxyRules) {
  const client_settings made = make_settings(
      {.proxy = {.url = secret("http://proxy.example:3128"), .bypass = {"inside.example"}}});
  EXPECT_TRUE(made.network.way.proxied());
  const auto to = [&](std::string_view url) {
    return for_peer(made, origin_of(url), peer_kind::stranger).network.way;
  };
  EXPECT_TRUE(to("https://other.example").proxied());
  EXPECT_FALSE(to("https://inside.example").proxied());
}

}  // namespace settings_test
}  // namespace upsun::config
