#include "upsun-integrations/output.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

namespace {

using upsun::log_line;
using upsun::tool::output;
using upsun::tool::output_style;

constexpr const char* coloured = "\x1b[32mok\x1b[0m\r\n10 %\r20 %\r\n\x1b[2J\x07";

std::string printed(const output_style& how, const log_line& line) {
  std::ostringstream results;
  std::ostringstream errors;
  output(how, results, errors).print(line);
  EXPECT_EQ(errors.str(), "");
  return results.str();
}

TEST(Output, OfALogInAPipeIsTheTextAsItCame) {
  EXPECT_EQ(printed({}, {.message = coloured}), coloured);
}

TEST(Output, OfALogOnATerminalHasColoursAndNothingThatHarms) {
  EXPECT_EQ(printed({.to_terminal = true}, {.message = coloured}),
            "\x1b[32mok\x1b[0m\n10 %\n20 %\n\\x1b[2J\\x07");
}

TEST(Output, OfAnUnknownKindIsItsText) {
  const upsun::integration value{
      .type = "new", .settings = upsun::unknown_settings{R"({"type":"new","n":1e400})"}};
  std::ostringstream results;
  std::ostringstream errors;
  output(output_style{.json = true, .show_secrets = true}, results, errors).print(value);
  EXPECT_EQ(results.str(), "{\"type\":\"new\",\"n\":1e400}\n");
  EXPECT_EQ(errors.str(), "");
  results.str("");
  output(output_style{.json = true, .show_secrets = true}, results, errors)
      .print(std::vector<upsun::result<upsun::integration>>{value, value});
  EXPECT_EQ(results.str(), "[{\"type\":\"new\",\"n\":1e400},{\"type\":\"new\",\"n\":1e400}]\n");
  output({}, results, errors).print(value);
  EXPECT_EQ(errors.str(), "this version does not know the kind 'new'\n");
}

TEST(Output, OfAnItemThatCannotBeReadIsAnErrorInItsPlace) {
  std::ostringstream results;
  std::ostringstream errors;
  const upsun::error unread = upsun::errc::decode_failed;
  EXPECT_EQ(output({}, results, errors).print_unread(unread), upsun::tool::exit_status::failed);
  EXPECT_EQ(results.str(), "");
  EXPECT_NE(errors.str().find("an item of the log: "), std::string::npos) << errors.str();
  output(output_style{.json = true}, results, errors).print_unread(unread);
  EXPECT_TRUE(results.str().starts_with(R"({"error":{"code":"decode_failed")")) << results.str();
}

TEST(Output, OfALogThatNobodyTakesIsAnError) {
  std::ostringstream results;
  std::ostringstream errors;
  results.setstate(std::ios::badbit);
  output out({}, results, errors);
  EXPECT_THROW(out.print(log_line{.message = "a"}), upsun::tool::write_error);
}

}  // namespace
