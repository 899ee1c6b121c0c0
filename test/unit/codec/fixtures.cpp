#include "fixtures.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace upsun::testing {

std::string fixture(std::string_view kind, std::string_view name) {
  std::ifstream file(
      std::string(UPSUN_FIXTURES "/").append(kind).append("/").append(name).append(".json"),
      std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(file), {});
  EXPECT_FALSE(text.empty()) << kind << '/' << name;
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

}  // namespace upsun::testing
