#include "transports/resource_key.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace upsun::transports {
namespace resource_key_test {

http_request get(std::string target) {
  http_request made;
  made.target = std::move(target);
  return made;
}

TEST(ResourceKey, DiffersWithWhateverChangesTheResponse) {
  http_request plain = get("/p/i?a=b");
  EXPECT_EQ(resource_key(plain), "/p/i\n?a=b");
  EXPECT_NE(resource_key(plain), resource_key(get("/p/i?a=c")));
  EXPECT_NE(resource_key(plain), resource_key(get("/p/i")));
  http_request with_header = plain;
  with_header.headers = {{"X-A", "b"}};
  EXPECT_NE(resource_key(plain), resource_key(with_header));
  http_request traced = plain;
  traced.headers = {{"traceparent", "00-1-2-01"}, {"tracestate", "a=b"}};
  EXPECT_EQ(resource_key(plain), resource_key(traced));
}

/// What is left of a few resources after a request.
std::string left_after(std::string_view method, std::string_view target) {
  std::map<std::string, char> known{
      {"/v/p\n", 'p'},         {"/v/p/i\n", 'l'},          {"/v/p/i\n?a=b", 'q'},
      {"/v/p/i/1\n", '1'},     {"/v/p/i/1\n\nX-A:b", 'h'}, {"/v/p/i/1/a\n", 'a'},
      {"/v/p/i/1/a/7\n", '7'}, {"/v/p/i/12\n", '2'},       {"/v/q/i\n", 'o'}};
  for_each_changed(known, change_by(method, target), [&](auto at) { known.erase(at); });
  std::string left;
  for (const auto& [key, name] : known) left += name;
  return left;
}

TEST(ResourceKey, AChangeConcernsTheResourceTheListAndWhatIsBeneath) {
  EXPECT_EQ(left_after("PATCH", "/v/p/i/1"), "2o");
  EXPECT_EQ(left_after("DELETE", "/v/p/i/1?really"), "2o");
  EXPECT_EQ(left_after("POST", "/v/p/i"), "1ha72o") << "what is created has nothing beneath it";
  EXPECT_EQ(left_after("POST", "/v/p/i/1/a/7/cancel"), "2o");
  EXPECT_EQ(left_after("PATCH", "/v/x"), "plq1ha72o");
  EXPECT_EQ(left_after("PATCH", "nonsense"), "plq1ha72o");
}

}  // namespace resource_key_test
}  // namespace upsun::transports
