#include "util/origin.hpp"

#include <gtest/gtest.h>

#include <string>

namespace upsun::util {
namespace origin_test {

origin parsed(std::string_view url) {
  origin where;
  EXPECT_EQ(util::parse_origin(url, where), std::nullopt) << url;
  return where;
}

struct good_url {
  const char* url;
  bool tls;
  const char* host;
  std::uint16_t port;
  const char* prefix;
  bool loopback;
  const char* host_header;
};

TEST(Origin, ParsesBaseUrls) {
  const good_url table[] = {
      {"https://api.upsun.com", true, "api.upsun.com", 443, "", false, "api.upsun.com"},
      {"HTTPS://API.Upsun.COM/", true, "api.upsun.com", 443, "", false, "api.upsun.com"},
      {"https://api.upsun.com:443", true, "api.upsun.com", 443, "", false, "api.upsun.com"},
      {"https://api.upsun.com:8443/v1/api/", true, "api.upsun.com", 8443, "/v1/api", false,
       "api.upsun.com:8443"},
      {"http://localhost", false, "localhost", 80, "", true, "localhost"},
      {"http://LocalHost:443", false, "localhost", 443, "", true, "localhost:443"},
      {"http://127.0.0.1:8080/x", false, "127.0.0.1", 8080, "/x", true, "127.0.0.1:8080"},
      {"http://127.255.0.9", false, "127.255.0.9", 80, "", true, "127.255.0.9"},
      {"http://128.0.0.1", false, "128.0.0.1", 80, "", false, "128.0.0.1"},
      {"http://api.LOCALHOST:1", false, "api.localhost", 1, "", true, "api.localhost:1"},
      {"http://notlocalhost", false, "notlocalhost", 80, "", false, "notlocalhost"},
      {"http://localhost.example.com", false, "localhost.example.com", 80, "", false,
       "localhost.example.com"},
      {"http://127.0.0.1.example.com", false, "127.0.0.1.example.com", 80, "", false,
       "127.0.0.1.example.com"},
      {"https://[::1]", true, "::1", 443, "", true, "[::1]"},
      {"https://[2001:DB8::1]:8443", true, "2001:db8::1", 8443, "", false, "[2001:db8::1]:8443"},
      {"https://host_name-1/a%20b/c@d:e;f=g", true, "host_name-1", 443, "/a%20b/c@d:e;f=g", false,
       "host_name-1"},
      {"https://api.upsun.com.", true, "api.upsun.com", 443, "", false, "api.upsun.com"},
      {"http://localhost.:8080", false, "localhost", 8080, "", true, "localhost:8080"},
      {"http://127.0.0.1.", false, "127.0.0.1", 80, "", true, "127.0.0.1"},
      {"https://h:/", true, "h", 443, "", false, "h"},
      {"http://[::1]:", false, "::1", 80, "", true, "[::1]"},
      {"https://h:65535", true, "h", 65535, "", false, "h:65535"},
  };
  for (const good_url& expected : table) {
    SCOPED_TRACE(expected.url);
    const origin where = parsed(expected.url);
    EXPECT_EQ(where.tls, expected.tls);
    EXPECT_EQ(where.host, expected.host);
    EXPECT_EQ(where.port, expected.port);
    EXPECT_EQ(where.prefix, expected.prefix);
    EXPECT_EQ(where.loopback, expected.loopback);
    EXPECT_EQ(where.host_header, expected.host_header);
  }
}

TEST(Origin, RefusesWhatIsNoBaseUrlAndSaysWhy) {
  const std::pair<std::string, const char*> table[] = {
      {"", "begin"},
      {"api.upsun.com", "begin"},
      {"//api.upsun.com", "begin"},
      {"https:api.upsun.com", "begin"},
      {"ftp://api.upsun.com", "begin"},
      {"https://", "host"},
      {"https:///path", "host"},
      {"https://:443", "host"},
      {"https://.upsun.com", "host"},
      {"https://upsun.com..", "host"},
      {"https://.", "host"},
      {"https://api..upsun.com", "host"},
      {"https://api%2eupsun.com", "host"},
      {"https://api\\upsun.com", "host"},
      {"https://" + std::string(254, 'a'), "host"},
      {"https://user@api.upsun.com", "user info"},
      {"https://user:secret@api.upsun.com", "user info"},
      {"https://api.upsun.com?x=1", "query"},
      {"https://api.upsun.com/?x=1", "query"},
      {"https://api.upsun.com/#top", "fragment"},
      {"https://api.upsun.com:0", "port"},
      {"https://api.upsun.com:65536", "port"},
      {"https://api.upsun.com:-1", "port"},
      {"https://api.upsun.com:+1", "port"},
      {"https://api.upsun.com:80x", "port"},
      {"https://api.upsun.com:1:2", "port"},
      {"https://::1", "host"},
      {"https://[::1", "host"},
      {"https://[]", "IPv6"},
      {"https://[::1]x", "host"},
      {"https://[127.0.0.1]", "IPv6"},
      {"https://[fe80::1%25eth0]", "IPv6"},
      {"https://api.upsun.com/a b", "space"},
      {" https://api.upsun.com", "space"},
      {"https://api.upsun.com\r\n", "control"},
      {std::string("https://api\0.upsun.com", 22), "control"},
      {"https://\xc3\xa4pi.upsun.com", "non-ASCII"},
      {"https://api.upsun.com/a//b", "segment"},
      {"https://api.upsun.com/../b", "segment"},
      {"https://api.upsun.com/a/.", "segment"},
      {"https://api.upsun.com/a//", "segment"},
      {"https://api.upsun.com//", "segment"},
      {"https://api.upsun.com/%2e%2e/b", "segment"},
      {"https://api.upsun.com/.%2E", "segment"},
      {"https://api.upsun.com/%zz", "path"},
      {"https://api.upsun.com/%4", "path"},
      {"https://api.upsun.com/a\\b", "path"},
      {"https://api.upsun.com/<a>", "path"},
  };
  for (const auto& [url, reason] : table) {
    origin where;
    where.host = "untouched";
    const auto problem = util::parse_origin(url, where);
    ASSERT_TRUE(problem) << url;
    EXPECT_NE(problem->find(reason), std::string::npos) << url << ": " << *problem;
    EXPECT_EQ(problem->find("secret"), std::string::npos);
    EXPECT_EQ(where.host, "untouched");
  }
}

}  // namespace origin_test
}  // namespace upsun::util
