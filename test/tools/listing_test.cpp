#include "upsun-integrations/listing.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "upsun-integrations/output.hpp"

namespace {

using namespace upsun::tool;

const std::vector<column> columns{{"ID"}, {"FULL NAME", true}};

void add(listing& to, const std::string& id, const std::string& name) {
  to.add([&] { return std::vector{id, name}; }, [&] { return "{\"id\":\"" + id + "\"}"; });
}

TEST(Listing, OfCsvGoesOutLineByLineAfterItsHead) {
  std::ostringstream out;
  listing list(out, list_format::csv, columns);
  EXPECT_EQ(out.str(), "id,full_name\n");
  add(list, "1", "a");
  EXPECT_EQ(out.str(), "id,full_name\n1,a\n");
  list.finish();
  EXPECT_EQ(out.str(), "id,full_name\n1,a\n");
}

TEST(Listing, OfCsvThatGoesOnHasNoHead) {
  std::ostringstream out;
  listing list(out, list_format::csv, columns, 0, false, false);
  add(list, "1", "a");
  EXPECT_EQ(out.str(), "1,a\n");
}

TEST(Listing, OfCsvIsQuotedWhereItMustBe) {
  EXPECT_EQ(csv_line({"a b", "", "1,2", "say \"x\"", "two\nlines", "'"}),
            "a b,,\"1,2\",\"say \"\"x\"\"\",\"two\nlines\",'");
}

TEST(Listing, OfCsvOnATerminalHasNothingThatHarms) {
  std::ostringstream out;
  listing list(out, list_format::csv, {{"A"}}, 0, true);
  list.add([] { return std::vector<std::string>{"\x1b[2J"}; }, [] { return std::string(); });
  EXPECT_EQ(out.str(), "a\n\\x1b[2J\n");
}

TEST(Listing, OfJsonHasErrorsInTheirPlaces) {
  std::ostringstream out;
  listing list(out, list_format::json, columns);
  add(list, "1", "a");
  list.add_to_json([] { return std::string("{\"error\":{}}"); });
  list.finish();
  EXPECT_EQ(out.str(), "{\"id\":\"1\"}\n{\"error\":{}}\n");
}

TEST(Listing, AsATableComesAtTheEndSortedAndAsWideAsTheTerminal) {
  std::ostringstream out;
  listing list(out, list_format::table, columns, 16);
  add(list, "2", "a long name that is shortened");
  add(list, "1", "z");
  list.add_to_json([] { return std::string("{}"); });
  EXPECT_EQ(out.str(), "");
  list.finish({0});
  EXPECT_EQ(out.str(), "ID  FULL NAME\n1   z\n2   a long name\u2026\n");
}

TEST(Listing, ThatNobodyTakesIsAnError) {
  std::ostringstream out;
  listing list(out, list_format::json, columns);
  out.setstate(std::ios::badbit);
  EXPECT_THROW(add(list, "1", "a"), write_error);
}

}  // namespace
