#include "codec/mended_json.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

#include "util/ascii.hpp"

namespace upsun::codec {
namespace {

constexpr std::size_t escape_size = 6;  // of \uXXXX

/// The code unit of the escape `\uXXXX` at a position; nothing when there is none.
std::optional<unsigned> code_unit(std::string_view json, std::size_t at) {
  const std::string_view escape = json.substr(std::min(at, json.size()), escape_size);
  if (escape.size() != escape_size || !escape.starts_with("\\u")) return std::nullopt;
  unsigned unit = 0;
  const auto [end, failure] = std::from_chars(escape.data() + 2, escape.end(), unit, 16);
  return failure == std::errc() && end == escape.end() ? std::optional(unit) : std::nullopt;
}

bool is_high(unsigned unit) { return unit >= 0xd800 && unit <= 0xdbff; }
bool is_low(unsigned unit) { return unit >= 0xdc00 && unit <= 0xdfff; }

/// A copy of a text, made when something in it is replaced.
class mended_text {
 public:
  explicit mended_text(std::string_view text) : text_(text) {}

  void replace(std::size_t at, std::string_view by) {
    if (mended_.empty()) mended_ = text_;
    mended_.replace(at, by.size(), by);
  }
  [[nodiscard]] std::string take() && { return std::move(mended_); }

 private:
  std::string_view text_;
  std::string mended_;
};

/// Mends the escape at a position. \return where the text goes on
std::size_t mend_escape(std::string_view json, std::size_t at, mended_text& out) {
  const auto unit = code_unit(json, at);
  if (!unit) return at + 2;
  if (is_high(*unit)) {
    const auto next = code_unit(json, at + escape_size);
    if (next && is_low(*next)) return at + 2 * escape_size;
  }
  if (is_high(*unit) || is_low(*unit)) out.replace(at, "\\ufffd");
  return at + escape_size;
}

/// Mends the exponent whose letter is at a position. \return where the text goes on
std::size_t mend_exponent(std::string_view json, std::size_t at, mended_text& out) {
  constexpr std::size_t most_digits = 9;  // fits an int, also with the digits of a mantissa added
  std::size_t begin = at + 1;
  if (begin < json.size() && (json[begin] == '+' || json[begin] == '-')) ++begin;
  std::size_t end = begin;
  while (end < json.size() && util::is_digit(json[end])) ++end;
  const std::size_t first = std::min(json.find_first_not_of('0', begin), end);
  if (end - first > most_digits) {
    out.replace(begin, std::string(end - begin - most_digits, '0') + std::string(most_digits, '9'));
  }
  return end;
}

}  // namespace

std::string mend(std::string_view json) {
  mended_text out(json);
  bool in_string = false;
  std::size_t i = 0;
  while (i < json.size()) {
    const char c = json[i];
    if (c == '"') in_string = !in_string;
    if (in_string && c == '\\') {
      i = mend_escape(json, i, out);
    } else if (!in_string && (c == 'e' || c == 'E')) {
      i = mend_exponent(json, i, out);
    } else {
      ++i;
    }
  }
  return std::move(out).take();
}

std::optional<boost::json::value> parse_tree(std::string_view json, std::size_t max_depth) {
  boost::json::parse_options limits;
  limits.max_depth = max_depth;
  boost::system::error_code failure;
  auto tree = boost::json::parse({json.data(), json.size()}, failure, {}, limits);
  if (!failure) return tree;
  const std::string mended = mend(json);
  if (mended.empty()) return std::nullopt;
  tree = boost::json::parse(mended, failure, {}, limits);
  return failure ? std::nullopt : std::optional(std::move(tree));
}

}  // namespace upsun::codec
