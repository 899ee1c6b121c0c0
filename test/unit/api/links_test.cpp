#include "api/links.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace upsun::api {
namespace links_test {

util::origin origin_of(std::string_view url) {
  util::origin where;
  EXPECT_EQ(util::parse_origin(url, where), std::nullopt);
  return where;
}

result<link_target> resolve(std::string_view href, std::string_view base = "/b/c/d?q") {
  return api::resolve({"#validate", std::string(href), 17},
                      {origin_of("https://a.example"), std::string(base)});
}

std::string shown(const link_target& to) {
  return (to.where.tls ? "https://" : "http://") + to.where.host_header + to.target;
}

std::string resolved(std::string_view href, std::string_view base = "/b/c/d?q") {
  const auto to = resolve(href, base);
  return to ? shown(*to) : "refused: " + to.error().decode()->found;
}

TEST(ResolveLink,
     FollowsTheExamplesOfTheStandard) {  // RFC 3986 section 5.4, those that are not refused
  const std::vector<std::pair<std::string_view, std::string_view>> table{
      {"g", "/b/c/g"},         {"./g", "/b/c/g"},
      {"g/", "/b/c/g/"},       {"/g", "/g"},
      {"?y", "/b/c/d?y"},      {"g?y", "/b/c/g?y"},
      {";x", "/b/c/;x"},       {"", "/b/c/d?q"},
      {".", "/b/c/"},          {"./", "/b/c/"},
      {"..", "/b/"},           {"../", "/b/"},
      {"../g", "/b/g"},        {"../..", "/"},
      {"../../g", "/g"},       {"../../../g", "/g"},
      {"/./g", "/g"},          {"/../g", "/g"},
      {"g.", "/b/c/g."},       {"..g", "/b/c/..g"},
      {"./g/.", "/b/c/g/"},    {"g/./h", "/b/c/g/h"},
      {"g/../h", "/b/c/h"},    {"g?y/../x", "/b/c/g?y/../x"},
      {"g;x=1/../y", "/b/c/y"}};
  for (const auto& [href, path] : table)
    EXPECT_EQ(resolved(href), "https://a.example" + std::string(path)) << href;
}

TEST(ResolveLink, TakesAWholeUrl) {
  EXPECT_EQ(resolved("https://eu-5.b.example/x/../y?z=/../1"), "https://eu-5.b.example/y?z=/../1");
  EXPECT_EQ(resolved("HTTP://B.example:8080"), "http://b.example:8080/");
  EXPECT_EQ(resolved("https://b.example:443?x"), "https://b.example/?x");
  EXPECT_EQ(resolved("https://[::1]:8443/x"), "https://[::1]:8443/x");
  EXPECT_EQ(resolved("http:g"), "refused: another scheme than http and https")
      << "left to strict parsers by the standard";
  EXPECT_EQ(resolved("/x:y"), "https://a.example/x:y");
  EXPECT_EQ(resolved("/p%2Fq/%C3%A9"), "https://a.example/p%2Fq/%C3%A9") << "as it was encoded";
}

TEST(ResolveLink, RefusesWhatIsHostile) {
  const std::vector<std::pair<std::string, std::string_view>> table{
      {"//evil.example/x", "a host without a scheme"},
      {"https://user@evil.example/",
       "a URL that has user info; credentials have a setting of their own"},
      {"https://a.example@evil.example/",
       "a URL that has user info; credentials have a setting of their own"},
      {"javascript:alert(1)", "another scheme than http and https"},
      {"file:///etc/passwd", "a URL that must begin with https:// or http://"},
      {"://x", "a URL that must begin with https:// or http://"},
      {":", "another scheme than http and https"},
      {"https://", "a URL that has no valid host name"},
      {"https:///x", "a URL that has no valid host name"},
      {"https://b.example:0/", "a URL that has no valid port: it must be from 1 to 65535"},
      {"https://b.example:99999/", "a URL that has no valid port: it must be from 1 to 65535"},
      {"/x#y", "a fragment"},
      {"#", "a fragment"},
      {"/x\r\nHost: evil", "a control character"},
      {std::string("/x\0y", 4), "a control character"},
      {"/x\x7f", "a control character"},
      {"/x y", "a character that URLs may not hold"},
      {"/x\\..\\y", "a character that URLs may not hold"},
      {"/\xC3\xA9", "a character that URLs may not hold"},
      {"/projects/{projectId}", "a character that URLs may not hold"},
      {"/x[1]", "a character that paths may not hold"},
      {"/x%", "a percent sign without two digits"},
      {"/x%2", "a percent sign without two digits"},
      {"/x%g0", "a percent sign without two digits"},
      {"/x/%2e%2E/y", "a percent-encoded dot segment"},
      {"/x/.%2e", "a percent-encoded dot segment"},
      {"/a//b", "an empty path segment"},
      {"/a/..//b", "an empty path segment"},
      {"https://b.example//x", "an empty path segment"},
      {"x//", "an empty path segment"},
      {"%2e/y", "a percent-encoded dot segment"},
      {"/" + std::string(4096, 'x'), "more than 4096 characters"}};
  for (const auto& [href, found] : table)
    EXPECT_EQ(resolved(href), "refused: " + std::string(found)) << href;
}

TEST(ResolveLink, TakesBracketsInQueriesOnly) {
  EXPECT_EQ(resolved("/x?page[size]=1&page[after]=a"),
            "https://a.example/x?page[size]=1&page[after]=a");
  EXPECT_EQ(resolved("?[]"), "https://a.example/b/c/d?[]");
  EXPECT_EQ(resolved("https://b.example?a[b]"), "https://b.example/?a[b]");
  for (const char* href : {"/x[?y", "x]", "[]?y=1", "https://b.example/x[1]?y[1]", "/[x]/y?z"})
    EXPECT_EQ(resolved(href), "refused: a character that paths may not hold") << href;
}

TEST(ResolveLink, RefusesWithThePlaceAndWithoutTheText) {
  const error refused = resolve("https://evil.example#x").error();
  EXPECT_EQ(refused, errc::decode_failed);
  EXPECT_EQ(*refused.decode(),
            (decode_mismatch{"/_links/#validate/href", "the URL of a resource", "a fragment", 17}));
  EXPECT_EQ(refused.message().find("evil"), std::string::npos);
}

TEST(OwnLink, IsOfTheSameSchemeHostAndPort) {
  const util::origin api = origin_of("https://api.upsun.com");
  const auto own = [&](std::string_view href) { return is_own(resolve(href).value(), api); };
  EXPECT_TRUE(own("https://api.upsun.com/x"));
  EXPECT_TRUE(own("https://API.upsun.com:443/x"));
  EXPECT_FALSE(own("http://api.upsun.com/x"));
  EXPECT_FALSE(own("https://api.upsun.com:8443/x"));
  EXPECT_FALSE(own("https://eu-5.api.upsun.com/x"));
  EXPECT_FALSE(own("https://api.upsun.com.evil.example/x"));
  EXPECT_FALSE(own("/x")) << "relative to another host";
}

TEST(OwnLink, IsBelowThePathOfTheBase) {
  const util::origin api = origin_of("https://a.example/api/v1");
  const auto own = [&](std::string_view href) {
    return is_own(resolve(href, "/api/v1/projects").value(), api);
  };
  EXPECT_TRUE(own("/api/v1/x"));
  EXPECT_TRUE(own("x"));
  EXPECT_FALSE(own("/api/v1"));
  EXPECT_FALSE(own("/api/v12/x"));
  EXPECT_FALSE(own("/other/x"));
  EXPECT_FALSE(own("/api/v1/../x"));
}

TEST(OwnTarget, IsThatOfTheSameResourceAtTheBaseUrl) {
  struct {
    const char* base;
    const char* href;
    const char* target;  // null: the token does not follow the link
  } const cases[] = {
      {"https://api.upsun.com", "https://api.upsun.com/any/thing?x=1", "/any/thing?x=1"},
      {"https://api.upsun.com", "https://eu-5.platform.sh/api/projects/p/x?y=1",
       "/projects/p/x?y=1"},
      {"https://api.upsun.com", "https://eu-5.platform.sh:8443/projects/p", "/projects/p"},
      {"https://api.upsun.com", "http://api.upsun.com/projects/p", "/projects/p"},
      {"https://api.upsun.com", "https://a.example/api/v1/projects/p", nullptr},
      {"https://api.upsun.com", "https://a.example/projects", "/projects"},
      {"https://api.upsun.com", "https://a.example/projects/../users/x", "/users/x"},
      {"https://api.upsun.com", "https://a.example/projects/../x", nullptr},
      {"https://api.upsun.com", "https://a.example/oauth2/token", nullptr},
      {"https://api.upsun.com", "https://a.example/apiprojects/p", nullptr},
      {"https://proxy.example/api/v1", "https://eu-5.platform.sh/api/projects/p",
       "/api/v1/projects/p"},
      {"https://proxy.example/api/v1", "https://a.example/api/v1/projects/p", "/api/v1/projects/p"},
      {"https://proxy.example/api/v1", "/projects/p", "/api/v1/projects/p"},
      {"https://proxy.example/api/v1", "/elsewhere/p", nullptr},
      {"https://proxy.example/api", "https://a.example/api/projects/p", "/api/projects/p"},
      {"https://api.upsun.com", "https://a.example/organizations", "/organizations"},
      {"https://api.upsun.com", "https://a.example/organizations?page[after]=x",
       "/organizations?page[after]=x"},
      {"https://api.upsun.com", "https://a.example/api/users/u/extended-access",
       "/users/u/extended-access"},
      {"https://api.upsun.com", "https://a.example/ref/projects?in=p&sig=s",
       "/ref/projects?in=p&sig=s"},
      {"https://api.upsun.com", "https://a.example/organizationsx", nullptr},
      {"https://api.upsun.com", "https://a.example/usersx/u", nullptr},
      {"https://api.upsun.com", "https://a.example/x?/projects", nullptr},
      {"https://api.upsun.com", "https://a.example/api?/users", nullptr},
      {"https://proxy.example/api/v1", "/organizations?x", "/api/v1/organizations?x"},
      {"https://proxy.example/api/v1", "https://proxy.example/api/organizations?x",
       "/api/v1/organizations?x"}};
  for (const auto& each : cases) {
    const util::origin api = origin_of(each.base);
    const auto target = own_target(resolve(each.href).value(), api, every_resource);
    EXPECT_EQ(target.value_or("none"), each.target ? each.target : "none")
        << each.base << ' ' << each.href;
  }
}

TEST(OwnTarget, OfADocumentsLinkIsThatOfAProject) {
  const util::origin api = origin_of("https://api.upsun.com");
  EXPECT_TRUE(own_target(resolve("https://a.example/projects/p").value(), api));
  for (const char* href : {"https://a.example/users/me", "https://a.example/organizations",
                           "https://a.example/ref/projects"})
    EXPECT_FALSE(own_target(resolve(href).value(), api)) << href;
}

TEST(OwnTargetOf, ResolvesAgainstTheTargetOfADocument) {
  const util::origin api = origin_of("https://proxy.example/api/v1");
  const auto own = [&](const std::string& href) {
    const auto target = own_target_of(href, "/api/v1/users/u/x?page[after]=a", api);
    return target ? *target : "refused: it " + target.error().details().cause;
  };
  EXPECT_EQ(own("?b"), "/api/v1/users/u/x?b");
  EXPECT_EQ(own(""), "/api/v1/users/u/x?page[after]=a");
  EXPECT_EQ(own("y?c"), "/api/v1/users/u/y?c");
  EXPECT_EQ(own("/users/u/x?d"), "/api/v1/users/u/x?d");
  EXPECT_EQ(own("/api/v1/any"), "/api/v1/any");
  EXPECT_EQ(own("/api/v1"),
            "refused: it leads to elsewhere than the API, which must not see the token");
  EXPECT_EQ(own("../../../../x"),
            "refused: it leads to elsewhere than the API, which must not see the token");
  EXPECT_EQ(own("/a b"),
            "refused: it is not the URL of a resource: a character that URLs may not hold");
}

}  // namespace links_test
}  // namespace upsun::api
