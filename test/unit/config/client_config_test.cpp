#include <gtest/gtest.h>
#include <upsun/client_config.hpp>

#include <cstdlib>
#include <functional>
#include <limits>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace upsun {
namespace client_config_test {

using namespace std::chrono_literals;

struct refusal {
  std::string field;
  std::function<void(client_config&)> change;
};

const std::vector<refusal> refusals{
    {"base_url", [](auto& c) { c.base_url = ""; }},
    {"base_url", [](auto& c) { c.base_url = "api.upsun.com"; }},
    {"base_url", [](auto& c) { c.base_url = "ftp://api.upsun.com"; }},
    {"base_url", [](auto& c) { c.base_url = "https://user:pass@api.upsun.com"; }},
    {"base_url", [](auto& c) { c.base_url = "https://api.upsun.com/?q=1"; }},
    {"base_url", [](auto& c) { c.base_url = "https://api.upsun.com/#f"; }},
    {"base_url", [](auto& c) { c.base_url = "https://api.upsun.com:99999"; }},
    {"base_url", [](auto& c) { c.base_url = "https://api.upsun.com/a\r\nb"; }},
    {"base_url", [](auto& c) { c.base_url = "http://api.upsun.com"; }},
    {"credentials", [](auto& c) { c.credentials = bearer_token(""); }},
    {"credentials", [](auto& c) { c.credentials = bearer_token("a b"); }},
    {"credentials", [](auto& c) { c.credentials = bearer_token("abc\r\nHost: evil"); }},
    {"credentials", [](auto& c) { c.credentials = bearer_token("==="); }},
    {"credentials", [](auto& c) { c.credentials = api_token(""); }},
    {"credentials", [](auto& c) { c.credentials = api_token("abc\n"); }},
    {"credentials", [](auto& c) { c.credentials = api_token("a b"); }},
    {"credentials", [](auto& c) { c.credentials = api_token("caf\xc3\xa9"); }},
    {"credentials", [](auto& c) { c.credentials = api_token("abc", ""); }},
    {"credentials", [](auto& c) { c.credentials = api_token("abc", "auth.upsun.com"); }},
    {"credentials",
     [](auto& c) { c.credentials = api_token("abc", "https://user@auth.upsun.com"); }},
    {"credentials", [](auto& c) { c.credentials = api_token("abc", "http://auth.upsun.com"); }},
    {"credentials",
     [](auto& c) {
       c.credentials = api_token("abc", "http://127.0.0.1");
       c.proxy.url = secret("http://proxy.example");
     }},
    {"credentials",
     [](auto& c) {
       c.credentials = api_token("abc", "http://auth.upsun.com");
       c.unix_socket = "/run/sidecar.sock";
     }},
    {"credentials",
     [](auto& c) {
       c.base_url = "http://api.upsun.com";
       c.allow_plain_http = true;
       c.credentials = api_token("abc");
     }},
    {"credentials",
     [](auto& c) { c.credentials = token_source(token_source::callback_function()); }},
    {"credentials",
     [](auto& c) {
       c.base_url = "http://api.upsun.com";
       c.allow_plain_http = true;
       c.credentials = bearer_token("abc");
     }},
    {"pool.max_connections", [](auto& c) { c.pool.max_connections = 0; }},
    {"pool.max_connections", [](auto& c) { c.pool.max_connections = 70'000; }},
    {"pool.min_connections", [](auto& c) { c.pool.min_connections = c.pool.max_connections + 1; }},
    {"pool.max_waiters",
     [](auto& c) { c.pool.max_waiters = std::numeric_limits<std::size_t>::max(); }},
    {"pool.acquire_timeout", [](auto& c) { c.pool.acquire_timeout = -1ms; }},
    {"pool.idle_timeout", [](auto& c) { c.pool.idle_timeout = 0ms; }},
    {"pool.max_lifetime", [](auto& c) { c.pool.max_lifetime = 1000h; }},
    {"timeouts.total", [](auto& c) { c.timeouts.total = 0ms; }},
    {"timeouts.attempt", [](auto& c) { c.timeouts.attempt = -5ms; }},
    {"timeouts.connect", [](auto& c) { c.timeouts.connect = 25h; }},
    {"limits.header_bytes", [](auto& c) { c.limits.header_bytes = 10; }},
    {"limits.header_fields", [](auto& c) { c.limits.header_fields = 0; }},
    {"limits.informational_responses",
     [](auto& c) { c.limits.informational_responses = 1'000'000; }},
    {"limits.body_bytes", [](auto& c) { c.limits.body_bytes = 0; }},
    {"limits.json_depth", [](auto& c) { c.limits.json_depth = 3; }},
    {"proxy.url", [](auto& c) { c.proxy.url = secret("https://proxy"); }},
    {"proxy.url", [](auto& c) { c.proxy.url = secret("socks5://proxy"); }},
    {"proxy.url", [](auto& c) { c.proxy.url = secret("proxy:3128"); }},
    {"proxy.url", [](auto& c) { c.proxy.url = secret("http://proxy/path"); }},
    {"proxy.bypass",
     [](auto& c) {
       c.proxy.bypass = {"a.example", "10.0.0.0/33"};
     }},
    {"proxy.bypass", [](auto& c) { c.proxy.bypass = {""}; }},
    {"base_url",
     [](auto& c) {
       c.base_url = "http://127.0.0.1";
       c.proxy.url = secret("http://proxy");
     }},
    {"credentials",
     [](auto& c) {
       c.base_url = "http://127.0.0.1";
       c.proxy.url = secret("http://proxy");
       c.allow_plain_http = true;
       c.credentials = bearer_token("abc");
     }},
    {"credentials",
     [](auto& c) {
       c.base_url = "http://api.upsun.com";
       c.allow_plain_http = true;
       c.credentials = api_token("abc");
     }},
    {"unix_socket", [](auto& c) { c.unix_socket = std::string(108, 'a'); }},
    {"unix_socket", [](auto& c) { c.unix_socket = std::string("/a\0b", 4); }},
    {"unix_socket",
     [](auto& c) {
       c.unix_socket = "/run/sidecar";
       c.proxy.url = secret("http://proxy");
     }},
    {"cache.max_entries", [](auto& c) { c.cache.max_entries = 1'000'001; }},
    {"cache.max_bytes", [](auto& c) { c.cache.max_bytes = 0; }},
    {"cache.ttl", [](auto& c) { c.cache.ttl = -1ms; }},
    {"dns.fresh", [](auto& c) { c.dns.fresh = -1ms; }},
    {"dns.stale", [](auto& c) { c.dns.stale = 25h; }},
    {"user_agent", [](auto& c) { c.user_agent = "a\r\nb"; }},
};

/// What `make` throws.
template <class F>
std::optional<config_error> refusal_of(F make) {
  try {
    make();
  } catch (const config_error& e) {
    return e;
  }
  return std::nullopt;
}
std::optional<config_error> refusal_of(const client_config& config) {
  return refusal_of([&config] { config.validate(); });
}
bool shows(const config_error& refused, std::string_view text) {
  return std::string_view(refused.what()).find(text) != std::string_view::npos;
}

TEST(ClientConfig, NamesTheFieldThatCannotBeUsed) {
  for (const refusal& r : refusals) {
    client_config config;
    r.change(config);
    const auto refused = refusal_of(config);
    ASSERT_TRUE(refused) << "accepted a bad " << r.field;
    EXPECT_EQ(refused->field(), r.field) << refused->what();
    EXPECT_TRUE(std::string_view(refused->what()).starts_with(r.field + ": ")) << refused->what();
  }
}

TEST(ClientConfig, DefaultsAreValid) {
  EXPECT_NO_THROW(client_config().validate());
  EXPECT_EQ(client_config().base_url, "https://api.upsun.com");
}

TEST(ClientConfig, DemandsHttp2OnlyOfALibraryThatSpeaksIt) {
  const auto refused = refusal_of({.http = {.version = http_version::http2}});
  EXPECT_EQ(refused.has_value(), !UPSUN_HTTP2);
  if (refused) {
    EXPECT_EQ(refused->field(), "http.version");
  }
  EXPECT_NO_THROW((client_config{.http = {.version = http_version::http1}}.validate()));
}

TEST(ClientConfig, AllowsATokenOnPlainHttpOnlyToLoopback) {
  for (const char* url : {"http://localhost:8080", "http://127.0.0.1/", "http://127.255.0.3:1",
                          "http://[::1]:9/prefix"}) {
    EXPECT_NO_THROW((client_config{.base_url = url, .credentials = bearer_token("abc")}.validate()))
        << url;
  }
  EXPECT_NO_THROW(
      (client_config{.base_url = "http://example.com", .allow_plain_http = true}.validate()));
}

TEST(ClientConfig, AllowsATokenOnPlainHttpOverAUnixSocketAndPastAProxy) {
  EXPECT_NO_THROW((client_config{.base_url = "http://api.upsun.com",
                                 .credentials = bearer_token("abc"),
                                 .unix_socket = std::string(107, 'a')}
                       .validate()));
  EXPECT_NO_THROW(
      (client_config{.base_url = "http://127.0.0.1",
                     .credentials = bearer_token("abc"),
                     .proxy = {.url = secret("http://proxy"), .bypass = {"127.0.0.0/8"}}}
           .validate()));
}

TEST(ClientConfig, NeverShowsTheProxyItRefuses) {
  for (const char* url : {"https://a:hunter2@proxy", "http://a:hunter2@proxy/path",
                          "http://a:hunter2%@proxy", "http://a:hunter2@:x", "hunter2"}) {
    const auto refused = refusal_of(client_config{.proxy = {.url = secret(url)}});
    ASSERT_TRUE(refused) << url;
    EXPECT_FALSE(shows(*refused, "hunter2")) << refused->what();
  }
}

TEST(ClientConfig, NeverShowsTheTokenItRefuses) {
  const auto refused = refusal_of(client_config{.credentials = bearer_token("hunter2 hunter2")});
  ASSERT_TRUE(refused);
  EXPECT_FALSE(shows(*refused, "hunter2"));
  std::ostringstream out;
  out << bearer_token("hunter2").token();
  EXPECT_EQ(out.str(), "[redacted]");
}

class Environment : public ::testing::Test {
 protected:
  Environment() { clear(); }
  ~Environment() override { clear(); }
  static void clear() {
    for (const char* prefix : {"UPSUN_", "PLATFORMSH_"}) {
      for (const char* name :
           {"API_URL", "DEFAULT_TIMEOUT", "ACCESS_TOKEN", "CLI_TOKEN", "AUTH_URL"})
        ::unsetenv((std::string(prefix) + name).c_str());
    }
    for (const char* name : {"HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY",
                             "http_proxy", "NO_PROXY", "no_proxy"})
      ::unsetenv(name);
  }
  static void set(const char* name, const char* value) { ::setenv(name, value, 1); }
};

TEST_F(Environment, WithoutVariablesGivesTheDefaults) {
  const auto config = client_config::from_environment();
  EXPECT_EQ(config.base_url, client_config().base_url);
  EXPECT_TRUE(std::holds_alternative<std::monostate>(config.credentials));
}

TEST_F(Environment, ReadsUrlTokenAndTimeoutAndPrefersUpsun) {
  set("PLATFORMSH_API_URL", "https://old.example");
  set("UPSUN_API_URL", "https://new.example");
  set("PLATFORMSH_ACCESS_TOKEN", "abc");
  set("UPSUN_ACCESS_TOKEN", "");
  set("UPSUN_DEFAULT_TIMEOUT", "2.5");
  set("UPSUN_CLI_TOKEN", "an API token beside an access token is no problem");
  const auto config = client_config::from_environment();
  EXPECT_EQ(config.base_url, "https://new.example");
  EXPECT_EQ(std::get<bearer_token>(config.credentials).token().reveal(), "abc");
  EXPECT_EQ(config.timeouts.total, 2500ms);
}

TEST_F(Environment, RefusesATimeoutThatIsNoNumberAndNamesTheVariable) {
  for (const char* bad : {"soon", "10s", "-1", "0", "nan", "1e9"}) {
    set("UPSUN_DEFAULT_TIMEOUT", bad);
    const auto refused = refusal_of(&client_config::from_environment);
    ASSERT_TRUE(refused) << bad;
    EXPECT_EQ(refused->field(), "timeouts.total");
    EXPECT_TRUE(shows(*refused, "UPSUN_DEFAULT_TIMEOUT"));
  }
  set("UPSUN_DEFAULT_TIMEOUT", "");
  EXPECT_NO_THROW((void)client_config::from_environment()) << "empty counts as not set";
}

TEST_F(Environment, TakesAnApiTokenWhereThereIsNoAccessToken) {
  set("PLATFORMSH_CLI_TOKEN", "hunter2");
  auto token = std::get<api_token>(client_config::from_environment().credentials);
  EXPECT_EQ(token.token().reveal(), "hunter2");
  EXPECT_EQ(token.auth_url(), api_token("").auth_url()) << "the default";

  set("UPSUN_CLI_TOKEN", "newer");
  set("PLATFORMSH_AUTH_URL", "https://auth.example/sub");
  token = std::get<api_token>(client_config::from_environment().credentials);
  EXPECT_EQ(token.token().reveal(), "newer");
  EXPECT_EQ(token.auth_url(), "https://auth.example/sub");

  set("UPSUN_AUTH_URL", "http://127.0.0.1:8080");
  EXPECT_EQ(std::get<api_token>(client_config::from_environment().credentials).auth_url(),
            "http://127.0.0.1:8080");
}

TEST_F(Environment, TrimsALineBreakAtTheEndAndNamesTheVariableOfATokenThatCannotBeUsed) {
  set("UPSUN_CLI_TOKEN", "hunter2\r\n");
  EXPECT_EQ(std::get<api_token>(client_config::from_environment().credentials).token().reveal(),
            "hunter2");
  set("UPSUN_ACCESS_TOKEN", "abc\n");
  EXPECT_EQ(std::get<bearer_token>(client_config::from_environment().credentials).token().reveal(),
            "abc");
  for (const char* name : {"UPSUN_CLI_TOKEN", "UPSUN_ACCESS_TOKEN"}) {
    clear();
    set(name, "hunter2\nhunter3");
    const auto refused = refusal_of(&client_config::from_environment);
    ASSERT_TRUE(refused) << name;
    EXPECT_EQ(refused->field(), "credentials");
    EXPECT_TRUE(shows(*refused, name));
    EXPECT_FALSE(shows(*refused, "hunter"));
  }
}

const std::vector<std::string> loopback{"localhost", "127.0.0.0/8", "::1"};

TEST_F(Environment, TakesTheFirstProxyThatIsSet) {
  EXPECT_TRUE(client_config::from_environment().proxy.url.empty());
  for (const char* name : {"all_proxy", "ALL_PROXY", "https_proxy", "HTTPS_PROXY"}) {
    set(name, (std::string("http://") + (name[0] == 'a' || name[0] == 'h' ? "lower" : "upper") +
               std::to_string(std::string(name).size()))
                  .c_str());
    const auto proxy = client_config::from_environment().proxy;
    EXPECT_EQ(proxy.url.reveal(), std::getenv(name));
    EXPECT_EQ(proxy.bypass, loopback);
  }
  set("HTTPS_PROXY", "");
  EXPECT_EQ(client_config::from_environment().proxy.url.reveal(), "http://lower11")
      << "empty counts as not set";
}

TEST_F(Environment, TakesAProxyWithoutAScheme) {
  set("HTTPS_PROXY", "proxy:3128");
  EXPECT_EQ(client_config::from_environment().proxy.url.reveal(), "http://proxy:3128");
}

TEST_F(Environment, NeverReadsHttpProxy) {
  set("HTTP_PROXY", "http://evil");
  set("http_proxy", "http://evil");
  EXPECT_TRUE(client_config::from_environment().proxy.url.empty());
}

TEST_F(Environment, AddsNoProxyToTheLoopbackAddressesAndPassesOverWhatItDoesNotKnow) {
  set("NO_PROXY", "a.example, .b.example,,10.0.0.0/8\t192.168.*  *:x [::1]:443");
  EXPECT_TRUE(client_config::from_environment().proxy.bypass.empty()) << "nothing to bypass";
  set("HTTPS_PROXY", "http://proxy");
  auto expected = loopback;
  expected.insert(expected.end(), {"a.example", ".b.example", "10.0.0.0/8", "[::1]:443"});
  EXPECT_EQ(client_config::from_environment().proxy.bypass, expected);
  set("NO_PROXY", "");
  set("no_proxy", "*");
  expected = loopback;
  expected.emplace_back("*");
  EXPECT_EQ(client_config::from_environment().proxy.bypass, expected);
  EXPECT_NO_THROW(client_config::from_environment().validate());
}

TEST_F(Environment, NamesTheVariableOfAProxyItRefusesWithoutShowingIt) {
  set("ALL_PROXY", "socks5://a:hunter2@proxy");
  const auto refused = refusal_of([] { client_config::from_environment().validate(); });
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->field(), "proxy.url");
  EXPECT_TRUE(shows(*refused, "ALL_PROXY"));
  EXPECT_FALSE(shows(*refused, "hunter2"));
}

TEST_F(Environment, JudgesAProxyOnlyWhereItIsUsed) {
  set("ALL_PROXY", "socks5h://proxy");
  set("NO_PROXY", "upsun.com");
  auto config = client_config::from_environment();
  config.base_url = "https://api.upsun.com";
  EXPECT_NO_THROW(config.validate());
  config.base_url = "https://127.0.0.1:8443";
  EXPECT_NO_THROW(config.validate());
  config.base_url = "https://other.example";
  EXPECT_THROW(config.validate(), config_error);
}

}  // namespace client_config_test
}  // namespace upsun
