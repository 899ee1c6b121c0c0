#include "http/message/validators.hpp"

#include <boost/beast/core/string.hpp>

#include <algorithm>

namespace upsun::http {
namespace {

bool is_tag_char(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte == 0x21 || (byte >= 0x23 && byte != 0x7f);
}

}  // namespace

bool is_entity_tag(std::string_view text) noexcept {
  constexpr std::size_t longest = 1024;
  constexpr std::string_view weak = "W/";
  if (text.size() > longest) return false;
  if (text.starts_with(weak)) text.remove_prefix(weak.size());
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return false;
  text = text.substr(1, text.size() - 2);
  return std::all_of(text.begin(), text.end(), is_tag_char);
}

bool forbids_storing(std::string_view cache_control) noexcept {
  constexpr std::string_view blanks = " \t";
  bool quoted = false;
  std::size_t begin = 0;
  const auto is_it = [&](std::size_t end) {
    std::string_view directive = cache_control.substr(begin, end - begin);
    directive.remove_prefix(std::min(directive.find_first_not_of(blanks), directive.size()));
    directive = directive.substr(0, directive.find_last_not_of(blanks) + 1);
    return boost::beast::iequals(directive, "no-store");
  };
  for (std::size_t i = 0; i < cache_control.size(); ++i) {
    const char c = cache_control[i];
    if (c == '"') quoted = !quoted;
    if (c == '\\' && quoted) ++i;
    if (c != ',' || quoted) continue;
    if (is_it(i)) return true;
    begin = i + 1;
  }
  return is_it(cache_control.size());
}

}  // namespace upsun::http
