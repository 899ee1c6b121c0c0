#include "common/terminal.hpp"

#include <gtest/gtest.h>

namespace {

using upsun::terminal::fitted;
using upsun::terminal::width;

TEST(Terminal, CountsColumnsAndNotBytesOrCharacters) {
  EXPECT_EQ(width(""), 0u);
  EXPECT_EQ(width("abc"), 3u);
  EXPECT_EQ(width("\xc3\xa4\xe2\x82\xac"), 2u) << "a with diaeresis, euro sign";
  EXPECT_EQ(width("e\xcc\x81"), 1u) << "a combining accent";
  EXPECT_EQ(width("\xe6\x97\xa5\xe6\x9c\xac"), 4u) << "two wide characters";
  EXPECT_EQ(width("\xff\xfe"), 2u) << "not UTF-8";
}

TEST(Terminal, CutsWhatDoesNotFitBetweenCharacters) {
  EXPECT_EQ(fitted("abc", 2), "ab");
  EXPECT_EQ(fitted("abc", 3), "abc");
  EXPECT_EQ(fitted("abc", 80), "abc");
  EXPECT_EQ(fitted("\xe6\x97\xa5\xe6\x9c\xac", 3), "\xe6\x97\xa5");
  EXPECT_EQ(fitted("e\xcc\x81x", 1), "e\xcc\x81");
  EXPECT_EQ(fitted("abc", 0), "");
}

}  // namespace
