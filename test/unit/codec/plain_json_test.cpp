#include "codec/plain_json.hpp"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <upsun/codec.hpp>
#include <upsun/model/kinds.hpp>

#include "codec/reading.hpp"
#include "fixtures.hpp"

namespace plain_json_test {

using upsun::decode_options;
using upsun::integration;
using upsun::testing::fixture;
using upsun::testing::fixture_names;

using reader = bool (*)(std::string_view, const decode_options&, integration&);

/// What a way of reading makes of a text; nothing when it leaves it to another.
std::optional<integration> read_by(reader read, std::string_view json,
                                   const decode_options& options = {}) {
  std::optional<integration> value(std::in_place);
  if (!read(json, options, *value)) value.reset();
  return value;
}

std::optional<integration> plain(std::string_view json, const decode_options& options = {}) {
  return read_by(upsun::codec::read_plain, json, options);
}
std::optional<integration> well_formed(std::string_view json, const decode_options& options = {}) {
  return read_by(upsun::codec::read_well_formed, json, options);
}

/// The text with white space wherever JSON allows it.
std::string spread(std::string_view json) {
  std::string wide = " \r\n";
  bool quoted = false;
  for (const char c : json) {
    if (c == '"') quoted = !quoted;
    const bool structural = !quoted && std::string_view("{}[]:,").find(c) != std::string_view::npos;
    if (structural) wide += "\t ";
    wide += c;
    if (structural) wide += "\n ";
  }
  return wide + '\n';
}

const std::string document =
    R"({"id":12345,"created_at":"2026-12-13T16:06:08.081312+00:00","updated_at":null,"type":"webhook","role":"admin","_links":{"a":[1,-2,{"b":[]}],"c":false},)"
    R"("events":["*","push"],"environments":[],"excluded_environments":["a"],"states":["complete"],"result":"*","shared_key":null,"url":"https://a.example/hook"})";

TEST(PlainJson, IsNearlyEveryDocument) {
  ASSERT_TRUE(plain(document));
  for (const auto kind : upsun::kind_names) EXPECT_TRUE(plain(fixture(kind, "minimal"))) << kind;
}

TEST(PlainJson, IsReadAsBoostReadsIt) {
  for (const auto kind : upsun::kind_names) {
    for (const auto name : fixture_names) {
      const std::string json = fixture(kind, name);
      const auto value = plain(json);
      if (value) {
        EXPECT_EQ(value, well_formed(json)) << kind << ' ' << name;
      }
      EXPECT_EQ(plain(spread(json)), value) << kind << ' ' << name;
    }
  }
}

TEST(PlainJson, IsReadInAnyOrderWhateverTheOrderWasBefore) {
  const boost::json::object members = boost::json::parse(document).as_object();
  const auto expected = plain(document);
  for (const std::size_t step : {1U, 5U, 7U}) {  // none divides the number of members
    ASSERT_TRUE(step == 1 || members.size() % step != 0);
    for (std::size_t first = 0; first < members.size(); ++first) {
      boost::json::object other;
      for (std::size_t i = 0; i < members.size(); ++i)
        other.insert(members.begin()[(first + i * step) % members.size()]);
      const std::string json = boost::json::serialize(other);
      EXPECT_EQ(plain(json), expected) << json;
      EXPECT_EQ(plain(json), expected) << json;  // in the order that is expected now
    }
  }
}

TEST(PlainJson, IsNothingThatIsLeftToBoost) {
  const auto with = [](std::string_view member) {
    return R"({"type":"health.slack","channel":"c",)" + std::string(member) + "}";
  };
  ASSERT_TRUE(plain(with(R"("x":0)")));
  for (const std::string_view member :
       {R"("x":"\n")", R"("\u0078":1)", "\"x\":\"\xc3\xa4\"", R"("role":"\u0061")", R"("x":1.0)",
        R"("x":1e3)", R"("x":1E3)", R"("x":-0)", R"("x":1234567890123456789)",
        R"("x":-1234567890123456789)", R"("x":9999999999999999999)", R"("x":-9999999999999999999)",
        R"("x":99999999999999999999999)"}) {
    EXPECT_FALSE(plain(with(member))) << member;
    EXPECT_TRUE(well_formed(with(member))) << member;
  }
}

TEST(PlainJson, IsNothingThatIsWrong) {
  const auto with = [](std::string_view member) {
    return R"({"type":"health.slack","channel":"c",)" + std::string(member) + "}";
  };
  for (const std::string_view member : {R"("x":01)",
                                        R"("x":-01)",
                                        R"("x":00)",
                                        R"("x":-)",
                                        R"("x":+1)",
                                        R"("x":.5)",
                                        R"("x":0x1)",
                                        R"("x":1.)",
                                        R"("x":tru)",
                                        R"("x":truE)",
                                        R"("x":nul)",
                                        R"("x":fals)",
                                        R"("x":truee)",
                                        R"("x":)",
                                        R"("x")",
                                        R"(x:1)",
                                        R"('x':1)",
                                        R"("x":1,)",
                                        R"("x"1)",
                                        R"("x"::1)",
                                        R"("x":[1,])",
                                        R"("x":[,1])",
                                        R"("x":[1 2])",
                                        R"("x":[1})",
                                        R"("x":{"a":1])",
                                        R"("x":{"a"})",
                                        R"("x":{,})",
                                        R"("x":{"a":1,})",
                                        R"("x":"a)",
                                        R"(,"x":1)",
                                        "\"x\":\"\t\"",
                                        "\"x\":\"\0\"",
                                        R"("x":1}x)",
                                        R"("x":1}})",
                                        R"("x":1}{)",
                                        R"("x":1)"
                                        "\f",
                                        R"("x":1 /**/)",
                                        R"("role":1)",
                                        R"("role":[])",
                                        R"("role":true)",
                                        R"("channel":"d")",
                                        R"("type":"a")",
                                        R"("created_at":"now")"}) {
    EXPECT_FALSE(plain(with(member))) << member;
    EXPECT_FALSE(well_formed(with(member))) << member;
  }
  for (const std::string_view text :
       {"", " ", "{}", "[]", "1", "null", R"("type")", R"({"type":"health.slack"})",
        R"({"type":"other","channel":"c"})", R"({"channel":"c"})",
        R"([{"type":"health.slack","channel":"c"}])"}) {
    EXPECT_FALSE(plain(text)) << text;
  }
}

TEST(PlainJson, EndsWithTheText) {
  for (std::size_t size = 0; size < document.size(); ++size) {
    const auto exact = std::make_unique<char[]>(size);  // so that a sanitizer sees a look beyond
    std::copy_n(document.begin(), size, exact.get());
    EXPECT_FALSE(plain({exact.get(), size})) << size;
  }
}

TEST(PlainJson, AgreesWithBoostWhereverOneCharacterIsAnother) {
  for (std::size_t at = 0; at < document.size(); ++at) {
    for (const char other : {'"', '\\', ',', ':', '{', '}',  '[',  ']',    ' ',    '0',
                             '9', '-',  '.', 'e', 'x', '\0', '\t', '\x7f', '\x80', '\xff'}) {
      std::string changed = document;
      changed[at] = other;
      if (const auto value = plain(changed)) {
        EXPECT_EQ(value, well_formed(changed)) << changed;
      }
    }
  }
}

TEST(PlainJson, IsNoDeeperThanAllowed) {
  for (std::size_t depth = 1; depth < 50; ++depth) {
    const std::string json = R"({"type":"health.slack","channel":"c","x":)" +
                             std::string(depth, '[') + std::string(depth, ']') + '}';
    for (std::size_t most = 1; most < 50; ++most) {
      const decode_options options{.max_depth = most};
      if (plain(json, options)) {
        EXPECT_TRUE(well_formed(json, options)) << depth << ' ' << most;
      }
    }
    EXPECT_EQ(plain(json, {.max_depth = 1'000'000}).has_value(), depth < 31) << depth;
  }
}

TEST(MemberOrder, KnowsWhatCameLast) {
  upsun::codec::member_order order;
  EXPECT_EQ(order.after(0), 0U);
  order.learn(0, 3);
  order.learn(3, 63);
  EXPECT_EQ(order.after(0), 3U);
  EXPECT_EQ(order.after(3), 63U);
  order.learn(0, 1);
  EXPECT_EQ(order.after(0), 1U);
  EXPECT_EQ(order.after(63), 0U);
}

}  // namespace plain_json_test
