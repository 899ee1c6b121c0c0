#include "upsun-integrations/members.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "upsun-integrations/exit_status.hpp"

namespace {

using namespace upsun::tool;

given_members gathered(const member_arguments& arguments, const std::string& standard_input = "") {
  std::istringstream in(standard_input);
  return gather_members(arguments, in);
}

using member_changes = std::vector<upsun::tool::member_change>;

TEST(Members, KeepWhatStandsBehindTheFirstEqualsSign) {
  EXPECT_EQ(gathered({.set = {"url=https://example.com/?a=b", "script="}}).changes,
            (member_changes{{"url", "https://example.com/?a=b", true}, {"script", "", true}}));
}

TEST(Members, StandInTheOrderOfTheOptions) {
  EXPECT_EQ(
      gathered({.set = {"url=a", "key=b"}, .files = {"url=-"}, .unset = {"key"}}, "c").changes,
      (member_changes{
          {"url", "a", true}, {"key", "b", true}, {"url", "c"}, {"key", std::nullopt}}));
}

TEST(Members, OfFilesLoseOneLineBreak) {
  EXPECT_EQ(gathered({.files = {"a=-"}}, "x\n").changes, (member_changes{{"a", "x"}}));
  EXPECT_EQ(gathered({.files = {"a=-"}}, "x\r\n").changes, (member_changes{{"a", "x"}}));
  EXPECT_EQ(gathered({.files = {"a=-"}}, "x\n\n").changes, (member_changes{{"a", "x\n"}}));
}

TEST(Members, OfTheDocumentStandApart) {
  const auto given = gathered({.from = "-", .set = {"a=2"}}, "{}\n");
  EXPECT_EQ(given.document, "{}\n");
  EXPECT_EQ(given.changes, (member_changes{{"a", "2", true}}));
}

TEST(Members, ReadStandardInputOnce) {
  EXPECT_THROW((gathered({.from = "-", .files = {"a=-"}}, "{}")), usage_error);
}

TEST(Members, WithoutANameAreRefusedAndNotRepeated) {
  for (const char* argument : {"planted-secret", "=planted-secret"}) {
    try {
      (void)gathered({.set = {argument}});
      ADD_FAILURE() << "it was taken";
    } catch (const usage_error& e) {
      EXPECT_STREQ(e.what(), "--set takes NAME=VALUE");
    }
  }
}

}  // namespace
