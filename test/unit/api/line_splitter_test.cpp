#include "api/log_core.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace upsun::api {
namespace line_splitter_test {

using lines = std::vector<std::string>;

/// What is ready; "!" for a line that is too long.
lines ready(line_splitter& from) {
  lines all;
  while (const auto line = from.next())
    all.push_back(line->too_long ? "!" : std::string(line->text));
  return all;
}

/// The same however the bytes are cut, and complete at their end.
lines split(std::string_view bytes, std::size_t longest) {
  std::optional<lines> first;
  for (std::size_t size = 1; size <= bytes.size() + 1; ++size) {
    line_splitter splitter(longest);
    lines all;
    for (std::size_t at = 0; at < bytes.size(); at += size) {
      splitter.feed(bytes.substr(at, size));
      for (std::string& line : ready(splitter)) all.push_back(std::move(line));
    }
    splitter.end(true);
    for (std::string& line : ready(splitter)) all.push_back(std::move(line));
    if (!first) first = all;
    EXPECT_EQ(all, *first) << "in pieces of " << size;
  }
  return *first;
}

TEST(LineSplitter, FindsLinesHoweverTheBytesAreCut) {
  EXPECT_EQ(split("one\ntwo\r\n\n\r\nthree\rfour\n", 100), (lines{"one", "two", "three\rfour"}));
  EXPECT_EQ(split("one\nlast without an end", 100), (lines{"one", "last without an end"}));
  EXPECT_EQ(split("", 100), lines{});
  EXPECT_EQ(split("\n", 100), lines{});
}

TEST(LineSplitter, PassesOverALineThatIsTooLong) {
  EXPECT_EQ(split("one\nfour5\nfour\n", 4), (lines{"one", "!", "four"}));
  EXPECT_EQ(split("a very long line indeed\nx\n", 4), (lines{"!", "x"}));
  EXPECT_EQ(split("a very long line indeed", 4), lines{"!"});
  EXPECT_EQ(split("abcde\nabcde\nx", 4), (lines{"!", "!", "x"}));
}

TEST(LineSplitter, SaysThatALineIsTooLongBeforeItEnds) {
  line_splitter splitter(4);
  splitter.feed("12345");
  EXPECT_EQ(ready(splitter), lines{"!"});
  splitter.feed("678");
  splitter.feed("9\nx\n");
  EXPECT_EQ(ready(splitter), lines{"x"});
}

TEST(LineSplitter, DropsAPartOfALineWhenTheStreamBroke) {
  line_splitter splitter(100);
  splitter.feed("one\ntw");
  splitter.end(false);
  EXPECT_EQ(ready(splitter), lines{"one"});
  splitter.feed("two\n");
  EXPECT_EQ(ready(splitter), lines{"two"});
  splitter.feed("th");
  EXPECT_EQ(ready(splitter), lines{});
  splitter.end(false);
  splitter.feed("three\n");
  EXPECT_EQ(ready(splitter), lines{"three"});
}

TEST(LineSplitter, BeginsAnewBehindABrokenLineThatWasTooLong) {
  line_splitter splitter(4);
  splitter.feed("123456");
  EXPECT_EQ(ready(splitter), lines{"!"});
  splitter.end(false);
  splitter.feed("x\n");
  EXPECT_EQ(ready(splitter), lines{"x"}) << "of another stream";
}

}  // namespace line_splitter_test
}  // namespace upsun::api
