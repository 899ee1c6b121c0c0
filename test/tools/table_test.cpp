#include "upsun-integrations/table.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace {

using upsun::tool::printable;
using upsun::tool::table;

std::string printed(const table& rows) {
  std::ostringstream out;
  rows.print(out);
  return out.str();
}

TEST(Table, HasColumnsAsWideAsTheirWidestCell) {
  table rows;
  rows.add({"ID", "KIND", "X"});
  rows.add({"a-long-id", "k", "1"});
  EXPECT_EQ(printed(rows), "ID         KIND  X\na-long-id  k     1\n");
}

TEST(Table, LeavesNoBlanksAtTheEndOfALine) {
  table rows;
  rows.add({"a", "b"});
  rows.add({"long", ""});
  EXPECT_EQ(printed(rows), "a     b\nlong\n");
}

TEST(Table, ContinuesACellOfSeveralLinesInItsColumn) {
  table rows;
  rows.add({"script", "one\ntwo", "z"});
  EXPECT_EQ(printed(rows), "script  one  z\n        two\n");
}

TEST(Table, CountsCharactersAndNotBytes) {
  table rows;
  rows.add({"\xc3\xa4\xe2\x82\xac", "x"});
  rows.add({"abc", "y"});
  EXPECT_EQ(printed(rows), "\xc3\xa4\xe2\x82\xac   x\nabc  y\n");
}

TEST(Table, GivesWideCharactersTheirTwoColumns) {
  table rows;
  rows.add({"\xe6\x97\xa5", "x"});
  rows.add({"abc", "y"});
  EXPECT_EQ(printed(rows), "\xe6\x97\xa5   x\nabc  y\n");
}

TEST(Table, ShortensTheWidestCellsThatMayBe) {
  table rows;
  rows.add({"ID", "TITLE", "TARGET"});
  rows.add({"an-identifier", "a title of some length", "target of length"});
  rows.fit(40, {1, 2});
  EXPECT_EQ(printed(rows),
            "ID             TITLE        TARGET\n"
            "an-identifier  a title of\u2026  target of l\u2026\n");
  rows.fit(10, {1, 2});
  EXPECT_EQ(printed(rows),
            "ID             TITLE     TARGET\nan-identifier  a title\u2026  target \u2026\n")
      << "to eight columns and no further";
}

TEST(Table, KeepsWhatFits) {
  table rows;
  rows.add({"ID", "TITLE"});
  rows.add({"a", "two\nlines"});
  const std::string before = printed(rows);
  rows.fit(9, {1});
  rows.fit(0, {1});
  rows.fit(5, {});
  EXPECT_EQ(printed(rows), before);
  table().fit(5, {0});
}

TEST(Table, IsSortedBelowItsHead) {
  table rows;
  rows.add({"Z", "X"});
  rows.add({"b", "1"});
  rows.add({"a", "2"});
  rows.add({"a", "1"});
  rows.sort({0, 1});
  EXPECT_EQ(printed(rows), "Z  X\na  1\na  2\nb  1\n");
}

TEST(Table, PrintsNothingWithoutRows) { EXPECT_EQ(printed(table()), ""); }

TEST(Printable, EscapesWhatATerminalWouldObey) {
  EXPECT_EQ(printable("\x1b[2J\x07"
                      "a\x7f\r"),
            "\\x1b[2J\\x07"
            "a\\x7f\\x0d");
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m"),
            "\\x9b31m");
}

TEST(Printable, KeepsTextLineBreaksAndTabs) {
  EXPECT_EQ(printable("\xc3\xa9\t\n\xc2\xa0"), "\xc3\xa9\t\n\xc2\xa0");
}

}  // namespace
