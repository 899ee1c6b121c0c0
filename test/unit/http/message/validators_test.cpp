#include "http/message/validators.hpp"

#include <gtest/gtest.h>

#include <string>

namespace upsun::http {
namespace validators_test {

TEST(Validators, KnowAnEntityTag) {
  for (const char* tag : {R"("a")", R"("")", R"(W/"a")", R"("a,b/\'")", "\"\xc3\xa4\""})
    EXPECT_TRUE(is_entity_tag(tag)) << tag;
  for (const char* other : {"", "a", "\"", "\"a", "a\"", R"(w/"a")", R"(W/a)", R"("a b")",
                            R"("a"b")", "\"a\tb\"", "\"\x7f\"", R"(W/ "a")"}) {
    EXPECT_FALSE(is_entity_tag(other)) << other;
  }
  EXPECT_TRUE(is_entity_tag('"' + std::string(1022, 'a') + '"'));
  EXPECT_FALSE(is_entity_tag('"' + std::string(1023, 'a') + '"'));
}

TEST(Validators, FindNoStoreAmongTheDirectives) {
  for (const char* yes : {"no-store", "No-Store", " no-store ", "private, no-store",
                          "no-store,max-age=0", "a=\"x,y\" , no-store", ",,no-store"}) {
    EXPECT_TRUE(forbids_storing(yes)) << yes;
  }
  for (const char* no : {"", "no-cache, private", "no-storeX", "xno-store", "no store",
                         "a=\"no-store\"", "a=\"x, no-store, y\"", "a=\"\\\", no-store, \"", ","}) {
    EXPECT_FALSE(forbids_storing(no)) << no;
  }
}

}  // namespace validators_test
}  // namespace upsun::http
