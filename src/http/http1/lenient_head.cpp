#include "http/http1/lenient_head.hpp"

#include <algorithm>

#include "config/header_field.hpp"
#include "util/ascii.hpp"

namespace upsun::http {
namespace {

constexpr std::string_view end_of_line = "\r\n";

/// Takes the first line off the front, without its end.
std::string_view take_line(std::string_view& text) noexcept {
  const std::size_t end = text.find(end_of_line);
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + end_of_line.size());
  return line;
}

bool continues_a_line(std::string_view line) noexcept {
  return line.starts_with(' ') || line.starts_with('\t');
}

bool is_one_of(std::string_view name, std::string_view one, std::string_view other) noexcept {
  return util::equal_ignoring_case(name, one) || util::equal_ignoring_case(name, other);
}

bool is_list_of_tokens(std::string_view list) noexcept {
  for (;;) {
    const std::size_t end = std::min(list.find(','), list.size());
    const std::string_view element = util::trim(list.substr(0, end));
    if (!element.empty() && !config::is_token(element)) return false;
    if (end == list.size()) return true;
    list.remove_prefix(end + 1);
  }
}

void append_status_line(std::string& to, std::string_view line) {
  constexpr std::size_t without_reason = std::string_view("HTTP/1.1 200").size();
  to.append(line);
  if (line.size() == without_reason && std::all_of(line.end() - 3, line.end(), util::is_digit))
    to += ' ';
  to.append(end_of_line);
}

/// \param rest the lines behind `line`, of which those are taken that go on with it
void append_field(std::string& to, std::string_view line, std::string_view& rest) {
  const std::string_view name = line.substr(0, line.find(':'));
  const std::size_t begin = to.size();
  to.append(line);
  if (!is_one_of(name, "content-length", "transfer-encoding")) {
    while (continues_a_line(rest)) to.append(" ").append(take_line(rest));
  }
  if (name.size() < line.size() && is_one_of(name, "connection", "proxy-connection") &&
      std::none_of(to.begin() + static_cast<std::ptrdiff_t>(begin), to.end(),
                   util::is_field_control) &&
      !is_list_of_tokens(std::string_view(to).substr(begin + name.size() + 1))) {
    to.resize(begin + name.size());
    to.append(": close");
  }
  to.append(end_of_line);
}

}  // namespace

std::string lenient_head(std::string_view head) {
  std::string mended;
  mended.reserve(head.size() + 1);
  append_status_line(mended, take_line(head));
  if (continues_a_line(head)) return mended.append(head);
  while (!head.empty()) {
    const std::string_view line = take_line(head);
    append_field(mended, line, head);
  }
  return mended;
}

}  // namespace upsun::http
