#include "testing/url_text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace upsun::testing {
namespace url_text_test {

TEST(UrlText, DecodesWhatItEncodes) {
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  EXPECT_EQ(percent_decoded(percent_encoded(all)), all);
  EXPECT_EQ(percent_encoded("a/b c%"), "a%2Fb%20c%25");
  for (const char* bad : {"%", "%4", "%4g", "a%", "%%41"})
    EXPECT_FALSE(percent_decoded(bad)) << bad;
}

TEST(UrlText, FindsTheValuesOfAForm) {
  const std::string form = "a=1&empty=&b=x+y%26&flag&=z&a=2";
  EXPECT_EQ(form_value(form, "a"), "1");
  EXPECT_EQ(form_value(form, "b"), "x y&");
  EXPECT_EQ(form_value(form, "empty"), "");
  EXPECT_EQ(form_value(form, "flag"), "");
  EXPECT_FALSE(form_value(form, "c"));
  EXPECT_FALSE(form_value("", "a"));
  EXPECT_FALSE(form_value("a=%zz", "a"));
}

}  // namespace url_text_test
}  // namespace upsun::testing
