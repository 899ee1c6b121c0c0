#include "config/proxy.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace upsun::config {
namespace proxy_test {

util::origin origin_of(const std::string& url) {
  util::origin where;
  EXPECT_FALSE(util::parse_origin(url, where)) << url;
  return where;
}

proxy_address proxy_of(const std::string& url) {
  proxy_address via;
  const auto problem = parse_proxy(url, via);
  EXPECT_FALSE(problem) << *problem;
  return via;
}

TEST(Proxy, TakesItsUrlApart) {
  const auto plain = proxy_of("http://Proxy.Example:3128");
  EXPECT_EQ(plain.host, "proxy.example");
  EXPECT_EQ(plain.port, 3128);
  EXPECT_EQ(plain.authority, "proxy.example:3128");
  EXPECT_EQ(plain.authorization, "");
  EXPECT_EQ(proxy_of("HTTP://proxy/").port, 80);
  const auto v6 = proxy_of("http://[::1]:8080/");
  EXPECT_EQ(v6.host, "::1");
  EXPECT_EQ(v6.authority, "[::1]:8080");
}

TEST(Proxy, DecodesItsCredentialsAndKeepsThemOutOfWhatIsShown) {
  const auto via = proxy_of("http://Aladdin:open%20sesame@proxy:3128");
  EXPECT_EQ(via.authorization, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");  // RFC 7617 section 2
  EXPECT_EQ(via.authority, "proxy:3128");
  EXPECT_EQ(proxy_of("http://user@proxy").authorization, "Basic dXNlcjo=");
  EXPECT_EQ(proxy_of("http://a:b:c%40%2F@proxy").authorization, "Basic YTpiOmNALw==") << "a:b:c@/";
}

struct refused_url {
  std::string url;
  std::string reason;
};

TEST(Proxy, RefusesOtherUrlsWithoutShowingThem) {
  const std::vector<refused_url> cases{
      {"https://hunter2@proxy", "https:// proxy"},
      {"socks5://hunter2@proxy", "must begin with http://"},
      {"hunter2:3128", "must begin with http://"},
      {"", "must begin with http://"},
      {"http://", "host"},
      {"http://hunter2@", "host"},
      {"http://proxy/hunter2", "path"},
      {"http://proxy?hunter2", "query"},
      {"http://proxy#hunter2", "fragment"},
      {"http://proxy:hunter2", "port"},
      {"http://hunter2%4@proxy", "percent-encoded"},
      {"http://hunter2%zz@proxy", "percent-encoded"},
      {"http://a:hunter2%0D%0AEvil:1@proxy", "control character"},
      {"http://hunter2%3Aa:b@proxy", "colon"},
      {"http://a:hunter2\r\n@proxy", "control character"},
      {"http://a:hunter2/x@proxy", "port"},
      {"http://pro xy", "space"},
  };
  for (const auto& [url, reason] : cases) {
    proxy_address untouched;
    const auto problem = parse_proxy(url, untouched);
    ASSERT_TRUE(problem) << url;
    EXPECT_NE(problem->find(reason), std::string::npos) << url << ": " << *problem;
    EXPECT_EQ(problem->find("hunter2"), std::string::npos) << *problem;
    EXPECT_TRUE(untouched.host.empty() && untouched.authorization.empty()) << url;
  }
}

struct bypass_case {
  std::string rule;
  std::string url;
  bool expected;
};

TEST(Proxy, IsPassedByForTheHostsItsRulesName) {
  const std::vector<bypass_case> cases{
      {"*", "https://api.upsun.com", true},
      {"upsun.com", "https://upsun.com", true},
      {"upsun.com", "https://api.upsun.com", true},
      {"upsun.com", "https://notupsun.com", false},
      {"upsun.com", "https://upsun.com.evil.example", false},
      {".upsun.com", "https://api.upsun.com", true},
      {".upsun.com", "https://upsun.com", true},
      {"*.upsun.com", "https://api.upsun.com", true},
      {"*.upsun.com", "https://upsun.com", true},
      {"API.Upsun.COM", "https://api.upsun.com", true},
      {"api.upsun.com", "https://upsun.com", false},
      {"com", "https://api.upsun.com", true},
      {"api.upsun.com:443", "https://api.upsun.com", true},
      {"upsun.com:443", "https://api.upsun.com", true},
      {"upsun.com:8443", "https://api.upsun.com", false},
      {"upsun.com:8443", "https://api.upsun.com:8443", true},
      {"*:8443", "https://api.upsun.com:8443", true},
      {"*:8443", "https://api.upsun.com", false},
      {"api.upsun.com.", "https://api.upsun.com", true},
      {".upsun.com.:443", "https://api.upsun.com.", true},
      {"10.0.0.1.", "https://10.0.0.1", true},
      {"upsun.com:0", "https://api.upsun.com", false},
      {"upsun.com:x", "https://api.upsun.com", false},
      {"127.0.0.1", "https://127.0.0.1", true},
      {"127.0.0.1", "https://127.0.0.11", false},
      {"127.0.0.1:443", "https://127.0.0.1", true},
      {"127.0.0.1:444", "https://127.0.0.1", false},
      {"0.0.1", "https://127.0.0.1", false},
      {"10.0.0.0/8", "https://10.255.0.3", true},
      {"10.1.2.3/8", "https://10.255.0.3", true},
      {"10.0.0.0/8", "https://11.0.0.1", false},
      {"10.0.0.0/8:443", "https://10.0.0.1", true},
      {"10.0.0.0/8:1", "https://10.0.0.1", false},
      {"192.168.4.0/23", "https://192.168.5.255", true},
      {"192.168.4.0/23", "https://192.168.6.0", false},
      {"0.0.0.0/0", "https://203.0.113.9", true},
      {"10.0.0.0/33", "https://10.0.0.1", false},
      {"10.0.0.0/", "https://10.0.0.1", false},
      {"10.0.0.0/8", "https://ten.example", false},
      {"::1", "https://[::1]", true},
      {"[::1]", "https://[::1]", true},
      {"[::1]:443", "https://[::1]", true},
      {"[::1]:444", "https://[::1]", false},
      {"0:0:0:0:0:0:0:1", "https://[::1]", true},
      {"fd00::/8", "https://[fd12:3456::1]", true},
      {"fd00::/8", "https://[fe00::1]", false},
      {"::/0", "https://10.0.0.1", false},
      {"::ffff:10.0.0.1", "https://10.0.0.1", true},
      {"10.0.0.0/8", "https://[::ffff:10.0.0.1]", true},
      {"", "https://api.upsun.com", false},
      {".", "https://api.upsun.com", false},
      {"*.", "https://api.upsun.com", false},
      {"a*b", "https://api.upsun.com", false},
  };
  for (const auto& [rule, url, expected] : cases)
    EXPECT_EQ(bypasses_proxy({rule}, origin_of(url)), expected) << rule << " for " << url;
  EXPECT_TRUE(bypasses_proxy({"a.example", "b.example"}, origin_of("https://b.example")));
  EXPECT_FALSE(bypasses_proxy({}, origin_of("https://b.example")));
}

TEST(Proxy, RefusesRulesThatMeanNothing) {
  for (const char* good : {"*", "a", "a.b", ".a", "*.a", "a:1", "1.2.3.4", "1.2.3.4:5", "::1",
                           "[::1]", "[::1]:5", "10.0.0.0/8", "fd00::/8", "a_b-c.d"}) {
    EXPECT_FALSE(refuse_bypass_rule(good)) << good;
  }
  for (const char* bad : {"", ".", "*.", "a..b", "a b", "a:0", "a:70000", "a:", ":1", "10.0.0.0/33",
                          "10.0.0/8", "fd00::/129", "[::1", "http://a", "a,b", "**", "*:1x"}) {
    EXPECT_TRUE(refuse_bypass_rule(bad)) << bad;
  }
}

TEST(Proxy, AsksForATunnelByHostAndPort) {
  EXPECT_EQ(connect_request({}, origin_of("https://api.upsun.com/prefix")),
            "CONNECT api.upsun.com:443 HTTP/1.1\r\nHost: api.upsun.com:443\r\n\r\n");
  EXPECT_EQ(connect_request(proxy_of("http://Aladdin:open%20sesame@proxy"),
                            origin_of("https://[::1]:8443")),
            "CONNECT [::1]:8443 HTTP/1.1\r\nHost: [::1]:8443\r\nProxy-Authorization: Basic "
            "QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n");
}

}  // namespace proxy_test
}  // namespace upsun::config
