#include "upsun-integrations/output.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

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

TEST(Output, OfALogThatNobodyTakesIsAnError) {
  std::ostringstream results;
  std::ostringstream errors;
  results.setstate(std::ios::badbit);
  output out({}, results, errors);
  EXPECT_THROW(out.print(log_line{.message = "a"}), upsun::tool::write_error);
}

}  // namespace
