#include "config/header_field.hpp"

#include <algorithm>
#include <array>

#include "util/ascii.hpp"

namespace upsun::config {
namespace {

// Set by the client, or meaningful only between it and the next hop.
constexpr std::array<std::string_view, 19> own_fields{"accept",
                                                      "accept-encoding",
                                                      "authorization",
                                                      "connection",
                                                      "content-encoding",
                                                      "content-length",
                                                      "content-type",
                                                      "expect",
                                                      "host",
                                                      "keep-alive",
                                                      "proxy-authorization",
                                                      "proxy-connection",
                                                      "te",
                                                      "traceparent",
                                                      "tracestate",
                                                      "trailer",
                                                      "transfer-encoding",
                                                      "upgrade",
                                                      "user-agent"};

bool is_token_char(char c) noexcept {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return util::is_alphanumeric(c) || marks.find(c) != std::string_view::npos;
}

}  // namespace

bool is_token(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char);
}

std::optional<std::string> refuse_header(std::string_view name, std::string_view value) {
  if (!is_token(name)) return "the name is not a token";
  if (std::any_of(own_fields.begin(), own_fields.end(),
                  [&](std::string_view own) { return util::equal_ignoring_case(name, own); })) {
    return std::string(name) + " is set by the client itself";
  }
  if (std::any_of(value.begin(), value.end(), util::is_field_control))
    return "the value of " + std::string(name) + " holds a control character";
  return std::nullopt;
}

}  // namespace upsun::config
