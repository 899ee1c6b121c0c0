#include "codec/error_body.hpp"

#include <gtest/gtest.h>

#include <string>

namespace error_body_test {

using upsun::field_error;
using upsun::server_message;
using upsun::codec::parse_error_body;

struct body_case {
  const char* body;
  server_message said;
};

TEST(ErrorBody, ReadsEveryDocumentedShape) {
  const body_case cases[] = {
      {R"({"status":"error","code":400,"message":"Invalid integration","detail":{"url":"Required"}})",
       {"Invalid integration", "400", {{"url", "Required"}}}},
      {R"({"status":"error","code":400,"message":"m","detail":{"0":"first","1":"second"}})",
       {"m", "400", {{"0", "first"}, {"1", "second"}}}},
      {R"({"code":400,"message":"m","detail":"Only one integration is allowed"})",
       {"m", "400", {{"", "Only one integration is allowed"}}}},
      {R"({"code":400,"message":"m","detail":["one","two"]})",
       {"m", "400", {{"0", "one"}, {"1", "two"}}}},
      {R"({"code":400,"message":"m","detail":{"headers":{"X":["bad","worse"]},"port":99999}})",
       {"m", "400", {{"headers.X", "bad"}, {"headers.X", "worse"}, {"port", "99999"}}}},
      {R"({"type":"https://api.upsun.com/problems/forbidden","title":"Forbidden","status":403,"detail":"Not yours"})",
       {"Forbidden", "https://api.upsun.com/problems/forbidden", {{"", "Not yours"}}}},
      {R"({"error":"Something went wrong"})", {"Something went wrong", "", {}}},
      {R"({"code":400,"message":"m"})", {"m", "400", {}}},
      {R"({"error":"invalid_grant","error_description":"The token is revoked"})",
       {"The token is revoked", "invalid_grant", {}}},
      {R"({"error":"invalid_grant"})", {"invalid_grant", "invalid_grant", {}}},
      {R"({"message":"Bad gateway"})", {"Bad gateway", "", {}}},
      {R"({"error":{"code":1},"message":null,"title":"t","detail":null,"code":1.5,"type":{}})",
       {"t", "1", {}}},
      {R"({})", {}},
  };
  for (const auto& [body, said] : cases) {
    const server_message read = parse_error_body(body);
    EXPECT_EQ(read.message, said.message) << body;
    EXPECT_EQ(read.code, said.code) << body;
    EXPECT_EQ(read.fields, said.fields) << body;
  }
}

TEST(ErrorBody, ReadsTheShapesOfOtherFrameworks) {
  const body_case cases[] = {
      {R"({"detail":{"url":["Required","Not a URL"]}})",
       {"", "", {{"url", "Required"}, {"url", "Not a URL"}}}},
      {R"({"message":"m","errors":{"url":["Required"],"headers.X":"bad"}})",
       {"m", "", {{"url", "Required"}, {"headers.X", "bad"}}}},
      {R"({"errors":{"headers":{"X":["bad"]}}})", {"", "", {{"headers.X", "bad"}}}},
      {R"({"errors":{"url":{"code":"required","message":"Required"}}})",
       {"", "", {{"url", "Required"}}}},
      {R"({"errors":{"url":[{"message":"Required"},{"message":"Short"}]}})",
       {"", "", {{"url", "Required"}, {"url", "Short"}}}},
      {R"({"errors":"Not valid"})", {"", "", {{"", "Not valid"}}}},
      {R"({"errors":["one",{"message":"two"}]})", {"", "", {{"0", "one"}, {"", "two"}}}},
      {R"({"title":"An error occurred","detail":"url: Required","violations":[{"propertyPath":"url","message":"Required","code":"c1"},{"propertyPath":"","message":"Also this"}]})",
       {"An error occurred", "", {{"", "url: Required"}, {"url", "Required"}, {"", "Also this"}}}},
      {R"({"errors":[{"field":"url","message":"Required","value":"planted"}]})",
       {"", "", {{"url", "Required"}}}},
      {R"({"errors":[{"detail":"must be positive","pointer":"#/extra/age"}]})",
       {"", "", {{"extra.age", "must be positive"}}}},
      {R"({"errors":[{"title":"Invalid","source":{"pointer":"/url"}}]})",
       {"", "", {{"url", "Invalid"}}}},
      {R"({"detail":[{"loc":["body","headers",0],"msg":"field required","type":"missing"}]})",
       {"", "", {{"headers.0", "field required"}}}},
      {R"({"title":"t","invalid-params":[{"name":"age","reason":"too low"}]})",
       {"t", "", {{"age", "too low"}}}},
      {R"({"items":1,"detail":{"items":[{"url":"Required"},{"url":["Short"]}]}})",
       {"", "", {{"items.0.url", "Required"}, {"items.1.url", "Short"}}}},
      {R"({"error":{"code":"E1","message":"Broken"}})", {"Broken", "E1", {}}},
      {R"({"error":{"code":403,"message":"Broken","detail":{"url":"Required"}}})",
       {"Broken", "403", {{"url", "Required"}}}},
      {R"({"error":{"message":"Broken"},"code":400})", {"Broken", "400", {}}},
      {R"({"message":"m","code":400,"error":{"code":"E1","message":"n"}})",
       {"m", "E1", {{"", "n"}}}},
      {R"({"error":{"url":["Required"]}})", {"", "", {{"url", "Required"}}}},
      {R"({"statusCode":400,"message":["url must be a URL"],"error":"Bad Request"})",
       {"Bad Request", "", {{"0", "url must be a URL"}}}},
      {R"({"message":{"url":"Required"}})", {"", "", {{"url", "Required"}}}},
      {R"({"detail":{"url":"Required"},"errors":{"url":["Required","Short"]},"violations":[{"propertyPath":"url","message":"Short"}]})",
       {"", "", {{"url", "Required"}, {"url", "Short"}}}},
      {R"({"message":"m","code":400.0,"detail":{"port":1.5}})", {"m", "400", {{"port", "1.5"}}}},
      {R"({"message":"caf\udce9","x":1e99999999999})", {"caf\xef\xbf\xbd", "", {}}},
  };
  for (const auto& [body, said] : cases) {
    const server_message read = parse_error_body(body);
    EXPECT_EQ(read.message, said.message) << body;
    EXPECT_EQ(read.code, said.code) << body;
    EXPECT_EQ(read.fields, said.fields) << body;
  }
}

TEST(ErrorBody, SaysNothingOfWhatIsNoJsonObject) {
  for (const char* body :
       {"", " ", "<html><body>502 Bad Gateway</body></html>", "[]", "[\"message\"]", "\"message\"",
        "42", "null", "{\"message\":\"m\"", "{\"message\":\"m\"} x", "{\"message\":\"\xff\"}",
        "upstream connect error"}) {
    EXPECT_EQ(parse_error_body(body), server_message()) << body;
  }
}

TEST(ErrorBody, BlanksControlCharacters) {
  EXPECT_EQ(
      parse_error_body(R"({"message":"a\r\nb\u001b[31m\u007fc\u0000d","detail":{"x\ny":"z\t"}})"),
      (server_message{"a  b [31m c d", "", {{"x y", "z "}}}));
}

TEST(ErrorBody, IsBoundedInEveryDirection) {
  const std::string longer(5000, 'x');
  const server_message said =
      parse_error_body(R"({"message":")" + longer + R"(","error":")" + longer + R"(","detail":{")" +
                       longer + R"(":")" + longer + R"("}})");
  EXPECT_EQ(said.message.size(), 1024U);
  EXPECT_EQ(said.code.size(), 1024U);
  ASSERT_EQ(said.fields.size(), 1U);
  EXPECT_EQ(said.fields[0].field.size(), 1024U);
  EXPECT_EQ(said.fields[0].message.size(), 1024U);

  std::string many = R"({"detail":[)";
  for (int i = 0; i < 1000; ++i) many += "\"e\",";
  many.back() = ']';
  EXPECT_EQ(parse_error_body(many + '}').fields.size(), 64U);
  std::string named = R"({"errors":[)";
  for (int i = 0; i < 1000; ++i)
    named += R"({"message":"m","field":")" + std::to_string(i) + "\"},";
  named.back() = ']';
  EXPECT_EQ(parse_error_body(named + '}').fields.size(), 64U);

  EXPECT_EQ(parse_error_body(R"({"message":"m","detail":)" + std::string(1000, '[') +
                             std::string(1000, ']') + '}'),
            server_message());
  EXPECT_EQ(parse_error_body(R"({"message":"m","x":")" + std::string(300'000, 'x') + "\"}"),
            server_message());
}

TEST(ErrorBody, CutsBetweenCharacters) {
  std::string text(1023, 'x');
  EXPECT_EQ(parse_error_body(R"({"message":")" + text + "\xc3\xa9\"}").message, text);
}

}  // namespace error_body_test
