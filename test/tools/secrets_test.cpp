#include "upsun-integrations/secrets.hpp"

#include <gtest/gtest.h>

#include <string>

#include <upsun/codec.hpp>

namespace {

std::string shown(upsun::integration_settings settings) {
  upsun::integration value{.id = "i", .type = "t", .settings = std::move(settings)};
  return encode_integration(upsun::tool::hide_secrets(std::move(value)));
}

TEST(Secrets, AreHiddenWhereverTheyStand) {
  upsun::webhook_settings hook;
  hook.shared_key = upsun::secret("planted");
  hook.url = "u";
  upsun::httplog_settings logs;
  logs.headers.emplace("X-Key", "planted");
  upsun::blackfire_settings blackfire;
  blackfire.environments_credentials["main"].server_uuid = "id";
  blackfire.environments_credentials["main"].server_token = upsun::secret("planted");
  for (const std::string& text : {shown(hook), shown(logs), shown(blackfire),
                                  shown(upsun::pagerduty_settings{upsun::secret("planted")})}) {
    EXPECT_EQ(text.find("planted"), std::string::npos) << text;
    EXPECT_NE(text.find("\"***\""), std::string::npos) << text;
  }
  EXPECT_NE(shown(hook).find(R"("url":"u")"), std::string::npos);
  EXPECT_NE(shown(blackfire).find(R"("server_uuid":"id")"), std::string::npos);
}

TEST(Secrets, ThatAreNullStayNull) {
  EXPECT_NE(shown(upsun::webhook_settings()).find(R"("shared_key":null)"), std::string::npos);
}

TEST(Secrets, OfAnUnknownKindMayBeAnyOfItsMembers) {
  EXPECT_EQ(
      shown(upsun::unknown_settings{
          R"({"id":"i","type":"new","key":"planted","deep":{"key":"planted"},"_links":{"self":"planted"}})"}),
      R"({"id":"i","type":"new","key":"***","deep":"***"})");
  EXPECT_EQ(shown(upsun::unknown_settings{"planted"}), R"({"raw":"***"})");
  EXPECT_EQ(shown(upsun::unknown_settings{R"({})"}), R"({"raw":"***"})");
}

TEST(Secrets, OfAnUnknownKindAreHiddenHoweverItIsWritten) {
  const std::string deep = std::string(50, '[') + R"("planted")" + std::string(50, ']');
  EXPECT_EQ(
      shown(upsun::unknown_settings{
          R"({ "\u0069d" : 1e400 , "type":"new","created_at":null,"a\"b": "pl\"anted,}","deep":)" +
          deep + R"(,"\udce9":"planted" , "n":1e99999999999,"id":"twice"})"}),
      R"({"\u0069d":1e400,"type":"new","created_at":null,"a\"b":"***","deep":"***",)"
      R"("\udce9":"***","n":"***","id":"twice"})");
}

}  // namespace
