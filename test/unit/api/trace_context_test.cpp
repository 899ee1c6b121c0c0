#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "api/trace_context.hpp"
#include "config/header_field.hpp"

namespace upsun::api {
namespace trace_context_test {

const std::string good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(Trace, TakesATraceparentOfVersionZeroOnly) {
  EXPECT_FALSE(refuse_trace("", ""));
  for (const std::string& text :
       {good, std::string("00-00000000000000000000000000000001-0000000000000001-00"),
        good.substr(0, 53) + "ff"}) {
    EXPECT_FALSE(refuse_trace(text, "")) << text;
  }
  const std::vector<std::string> bad{
      "00",
      good + "-",
      good + " ",
      " " + good,
      good.substr(0, 54),
      "01" + good.substr(2),
      "ff" + good.substr(2),
      "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
      "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
      "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
      "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
      "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0g",
      "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
      "00-4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7-01",
      "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7_01",
      good.substr(0, 53) + "\r\n",
  };
  for (const std::string& text : bad) EXPECT_TRUE(refuse_trace(text, "")) << text;
}

std::string members(int count) {
  std::string list;
  for (int i = 0; i < count; ++i) list += (i > 0 ? ",k" : "k") + std::to_string(i) + "=v";
  return list;
}

TEST(Trace, TakesATracestateOfTheGrammarOnly) {
  const std::vector<std::string> accepted{
      "a=1",
      "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE",
      "a=1 , b=2",
      "a=1,,b=2,",
      "a_-*/9=x",
      "0tenant@system=x",
      std::string(256, 'k') + "=v",
      std::string(241, 't') + "@" + std::string(14, 's') + "=v",
      "k=" + std::string(256, 'v'),
      "k= leading space",
      "k=!~",
      members(32),
      "k=" + std::string(255, 'v') + "," + "l=" + std::string(252, 'v'),  // 512
  };
  for (const std::string& text : accepted) EXPECT_FALSE(refuse_trace(good, text)) << text;
  const std::vector<std::string> refused{
      "a",
      "=1",
      "a=",
      "A=1",
      "9a=1",
      "a@=1",
      "@a=1",
      "a@b@c=1",
      "a@9=1",
      "a b=1",
      "a =1",
      "a=1=2",
      "a=1\tb",
      "a=1\t",
      "a=1\r\nb: 2",
      std::string("a=\0", 3),
      "a=\x7f",
      "a=\xc3\xa9",
      "a=1,a=2",
      std::string(257, 'k') + "=v",
      std::string(242, 't') + "@s=v",
      "t@" + std::string(15, 's') + "=v",
      "k=" + std::string(257, 'v'),
      members(33),
      "k=" + std::string(255, 'v') + "," + "l=" + std::string(253, 'v'),  // 513
  };
  for (const std::string& text : refused) EXPECT_TRUE(refuse_trace(good, text)) << text;
  EXPECT_TRUE(refuse_trace("", "a=1")) << "a state of no trace";
}

TEST(Trace, NamesNoValueWhenItRefuses) {
  EXPECT_EQ(refuse_trace("planted", "").value().find("planted"), std::string::npos);
  EXPECT_EQ(refuse_trace(good, "planted").value().find("planted"), std::string::npos);
}

TEST(Trace, GivesEachAttemptAParentIdOfItsOwn) {
  std::set<std::string> sent;
  for (const std::uint64_t dice : {1ULL, 0x00f067aa0ba902b8ULL, 0xffffffffffffffffULL}) {
    http_request request;
    append_trace(request, good, "a=1", dice);
    ASSERT_EQ(request.headers.size(), 2u);
    EXPECT_EQ(request.headers[0].first, "traceparent");
    const std::string& own = request.headers[0].second;
    EXPECT_FALSE(refuse_trace(own, ""));
    EXPECT_EQ(own.substr(0, 36), good.substr(0, 36));
    EXPECT_EQ(own.substr(52), good.substr(52));
    EXPECT_EQ(request.headers[1], std::make_pair(std::string("tracestate"), std::string("a=1")));
    sent.insert(own);
  }
  EXPECT_EQ(sent.size(), 3u);
  EXPECT_TRUE(sent.contains("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b8-01"));
}

TEST(Trace, NeverMakesTheParentIdZero) {
  http_request request;
  append_trace(request, good, "", 0);
  ASSERT_EQ(request.headers.size(), 1u);
  EXPECT_EQ(request.headers[0].second, "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000001-01");
}

TEST(Trace, AddsNothingToACallWithoutOne) {
  http_request request;
  append_trace(request, "", "", 7);
  EXPECT_TRUE(request.headers.empty());
}

// Given twice, a trace would be sent twice, and a receiver drops it.
TEST(Trace, IsNotTakenAsAPlainHeader) {
  EXPECT_TRUE(config::refuse_header("traceparent", good));
  EXPECT_TRUE(config::refuse_header("TraceState", "a=1"));
}

}  // namespace trace_context_test
}  // namespace upsun::api
