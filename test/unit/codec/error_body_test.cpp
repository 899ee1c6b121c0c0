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
       {"m", "400", {{"headers.X.0", "bad"}, {"headers.X.1", "worse"}, {"port", "99999"}}}},
      {R"({"type":"https://api.upsun.com/problems/forbidden","title":"Forbidden","status":403,"detail":"Not yours"})",
       {"Forbidden", "https://api.upsun.com/problems/forbidden", {{"", "Not yours"}}}},
      {R"({"error":"Something went wrong"})", {"Something went wrong", "", {}}},
      {R"({"code":400,"message":"m"})", {"m", "400", {}}},
      {R"({"error":"invalid_grant","error_description":"The token is revoked"})",
       {"The token is revoked", "invalid_grant", {}}},
      {R"({"error":"invalid_grant"})", {"invalid_grant", "invalid_grant", {}}},
      {R"({"message":"Bad gateway"})", {"Bad gateway", "", {}}},
      {R"({"error":{"code":1},"message":null,"title":"t","detail":null,"code":1.5})",
       {"t", "", {}}},
      {R"({})", {}},
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
