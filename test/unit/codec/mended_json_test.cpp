#include "codec/mended_json.hpp"

#include <gtest/gtest.h>

#include <string>

namespace upsun::codec {
namespace mended_json_test {

TEST(Mend, ReplacesHalvesOfSurrogatePairs) {
  EXPECT_EQ(mend(R"(["\udce9","\uD83Dx","\ud83d\ude80","\\ud83d"])"),
            R"(["\ufffd","\ufffdx","\ud83d\ude80","\\ud83d"])");
  EXPECT_EQ(mend(R"({"\ud800\ud801\udc00\udc00":1})"), R"({"\ufffd\ud801\udc00\ufffd":1})");
}

TEST(Mend, ReplacesExponentsThatAreTooLong) {
  EXPECT_EQ(mend("[1e99999999999,1E+1234567890,-1e-10000000000]"),
            "[1e00999999999,1E+0999999999,-1e-00999999999]");
  EXPECT_EQ(mend("1e0000000000000400"), "") << "that one fits";
}

TEST(Mend, LeavesEverythingElseAlone) {
  for (const char* text :
       {"", "{}", R"({"e99999999999":"1e99999999999","\\udce9":true})", "e", "1e", "\"\\", R"("\u)",
        R"("\udce)", R"("\ud83d\ude80)", "false", "[1e400]"})
    EXPECT_EQ(mend(text), "") << text;
}

TEST(Mend, KeepsEveryOffset) {
  const std::string text = R"({"a":"\udce9\u00e9","b":[1e123456789012],"c":"\ud83d\ud83d"})";
  for (std::size_t size = 0; size <= text.size(); ++size) {
    const std::string part = text.substr(0, size);  // of its own, so that sanitizers see its end
    const std::string mended = mend(part);
    EXPECT_TRUE(mended.empty() || mended.size() == part.size()) << part;
    EXPECT_EQ(mend(mended), "") << mended;
  }
}

TEST(ParseTree, ReadsWhatTheGrammarAllows) {
  EXPECT_EQ(parse_tree(R"(["\udce9"])", 1)->at(0), "\xef\xbf\xbd");
  EXPECT_FALSE(parse_tree(R"([["\udce9"]])", 1)) << "too deep";
  EXPECT_FALSE(parse_tree(R"(["\udce9")", 1));
}

}  // namespace mended_json_test
}  // namespace upsun::codec
