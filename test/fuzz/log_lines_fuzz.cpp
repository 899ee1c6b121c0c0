#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "api/log_core.hpp"
#include "fuzz/input.hpp"

namespace {

using namespace upsun;
using api::log_core;

constexpr api::log_rules rules{
    .longest_line = 200, .max_failures = 2, .max_quiet = 2, .backoff = {}};

/// What came of one stream: lines, or the codes of errors in their places.
struct outcome {
  std::vector<result<log_line>> lines;
  bool sealed = false;
};

/// `bytes` in portions.
outcome stream(log_core& core, std::string_view bytes, std::size_t portion) {
  outcome o;
  const auto take = [&] {
    while (auto line = core.next()) o.lines.push_back(std::move(*line));
  };
  core.opened();
  for (; !bytes.empty() && !core.sealed(); bytes.remove_prefix(std::min(portion, bytes.size()))) {
    core.feed(bytes.substr(0, portion));
    take();
  }
  if (!core.sealed()) (void)core.ended(0.5);
  take();
  o.sealed = core.sealed();
  return o;
}

void expect_same(const outcome& a, const outcome& b) {
  EXPECT_EQ(a.sealed, b.sealed);
  ASSERT_EQ(a.lines.size(), b.lines.size());
  for (std::size_t i = 0; i < a.lines.size(); ++i) {
    ASSERT_EQ(a.lines[i].has_value(), b.lines[i].has_value());
    if (a.lines[i]) {
      EXPECT_EQ(*a.lines[i], *b.lines[i]);
    } else {
      EXPECT_EQ(a.lines[i].error().code(), b.lines[i].error().code());
    }
  }
}

}  // namespace

/// A byte for the portions, then what the server sends: once in one piece, once in portions, and
/// after a break all of it again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::input input(data, size);
  const std::size_t portion = input.byte() + 1;
  const std::string_view bytes = input.rest();
  log_core core(rules, "");
  const outcome whole = stream(core, bytes, bytes.size() + 1);
  log_core other(rules, "");
  const outcome in_portions = stream(other, bytes, portion);
  expect_same(whole, in_portions);

  std::set<std::string> ids;
  for (const auto& line : whole.lines) {
    if (!line) {
      EXPECT_TRUE(line.error() == errc::decode_failed || line.error() == errc::body_limit);
    } else if (!line->id.empty()) {
      EXPECT_TRUE(whole.lines.size() > log_core::remembered || ids.insert(line->id).second)
          << "the same twice";
    }
  }
  if (whole.sealed || whole.lines.size() > log_core::remembered) return 0;
  const outcome again = stream(core, bytes, portion);
  for (const auto& line : again.lines) {
    if (line) {
      EXPECT_EQ(line->id, "") << "was given before";
    }
  }
  return 0;
}
