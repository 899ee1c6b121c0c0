#include "api/trace_context.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "util/ascii.hpp"

namespace upsun::api {
namespace {

// "00-" trace id "-" parent id "-" flags
constexpr std::size_t trace_id_at = 3;
constexpr std::size_t trace_id_size = 32;
constexpr std::size_t parent_id_at = trace_id_at + trace_id_size + 1;
constexpr std::size_t parent_id_size = 16;
constexpr std::size_t flags_at = parent_id_at + parent_id_size + 1;
constexpr std::size_t traceparent_size = flags_at + 2;

constexpr std::size_t max_tracestate_size = 512;
constexpr std::size_t max_members = 32;

bool is_lower_hex(char c) noexcept { return util::is_hex_digit(c) && util::to_lower(c) == c; }
bool is_key_char(char c) noexcept {
  return util::is_lower(c) || util::is_digit(c) || c == '_' || c == '-' || c == '*' || c == '/';
}
bool is_value_char(char c) noexcept { return c >= ' ' && c <= '~' && c != ',' && c != '='; }

bool is_lower_hex(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) { return is_lower_hex(c); });
}

bool is_id(std::string_view text) noexcept {
  return is_lower_hex(text) && text.find_first_not_of('0') != std::string_view::npos;
}

bool is_key_part(std::string_view text, std::size_t max_size, bool digit_first) noexcept {
  return !text.empty() && text.size() <= max_size &&
         (util::is_lower(text[0]) || (digit_first && util::is_digit(text[0]))) &&
         std::all_of(text.begin(), text.end(), is_key_char);
}

bool is_key(std::string_view key) noexcept {
  const std::size_t at = key.find('@');
  if (at == std::string_view::npos) return is_key_part(key, 256, false);
  return is_key_part(key.substr(0, at), 241, true) && is_key_part(key.substr(at + 1), 14, false);
}

bool is_value(std::string_view value) noexcept {
  return !value.empty() && value.size() <= 256 && value.back() != ' ' &&
         std::all_of(value.begin(), value.end(), is_value_char);
}

bool is_traceparent(std::string_view text) noexcept {
  return text.size() == traceparent_size && text.starts_with("00-") &&
         text[parent_id_at - 1] == '-' && text[flags_at - 1] == '-' &&
         is_id(text.substr(trace_id_at, trace_id_size)) &&
         is_id(text.substr(parent_id_at, parent_id_size)) && is_lower_hex(text.substr(flags_at));
}

bool is_tracestate(std::string_view text) noexcept {
  if (text.size() > max_tracestate_size) return false;
  std::array<std::string_view, max_members> keys;
  std::size_t count = 0;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view member = util::trim(text.substr(0, comma), " ");
    text.remove_prefix(std::min(comma + 1, text.size()));
    if (member.empty()) continue;
    const std::size_t equals = member.find('=');
    if (equals == std::string_view::npos || count == max_members) return false;
    const std::string_view key = member.substr(0, equals);
    if (!is_key(key) || !is_value(member.substr(equals + 1)) ||
        std::find(keys.begin(), keys.begin() + count, key) != keys.begin() + count)
      return false;
    keys.at(count++) = key;
  }
  return true;
}

}  // namespace

std::optional<std::string> refuse_trace(std::string_view traceparent, std::string_view tracestate) {
  if (traceparent.empty())
    return tracestate.empty() ? std::nullopt
                              : std::optional<std::string>("a tracestate without a traceparent");
  if (!is_traceparent(traceparent)) return "the traceparent is not one of version 00";
  if (!is_tracestate(tracestate)) return "the tracestate is not well-formed";
  return std::nullopt;
}

void append_trace(http_request& request, std::string_view traceparent, std::string_view tracestate,
                  std::uint64_t dice) {
  if (traceparent.empty()) return;
  std::string own(traceparent);
  std::uint64_t id = dice != 0 ? dice : 1;
  for (std::size_t i = parent_id_size; i-- > 0; id >>= 4U)
    own[parent_id_at + i] = "0123456789abcdef"[id & 0xFU];
  request.headers.emplace_back("traceparent", std::move(own));
  if (!tracestate.empty()) request.headers.emplace_back("tracestate", tracestate);
}

}  // namespace upsun::api
