#include "http/request_head.hpp"

#include <upsun/version.hpp>

#include <algorithm>
#include <array>
#include <variant>

#include "http/route.hpp"

namespace upsun::http {
namespace {

// Set by the client, or meaningful only between it and the next hop.
constexpr std::array<std::string_view, 19> own_fields{
    "accept",       "accept-encoding", "authorization", "connection", "content-encoding",    "content-length",
    "content-type", "expect",          "host",          "keep-alive", "proxy-authorization", "proxy-connection",
    "te",           "traceparent",     "tracestate",    "trailer",    "transfer-encoding",   "upgrade",
    "user-agent"};

bool is_token_char(char c) noexcept {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || marks.find(c) != std::string_view::npos;
}

bool is_control(char c) noexcept { return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == 0x7f; }

bool equal_ignoring_case(std::string_view text, std::string_view lower_case) noexcept {
  return std::equal(text.begin(), text.end(), lower_case.begin(), lower_case.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b; });
}

void append_field(std::string& out, std::string_view name, std::string_view value) { out.append(name).append(": ").append(value).append("\r\n"); }

}  // namespace

std::string prepare_head(const origin& where, const client_config& config) {
  std::string head;
  append_field(head, "Host", where.host_header);
  append_field(head, "User-Agent", config.user_agent.empty() ? "upsun-cpp/" UPSUN_VERSION_STRING : config.user_agent);
  append_field(head, "Accept", "application/json");
  append_field(head, "Accept-Encoding", "identity");
  if (const auto* bearer = std::get_if<bearer_token>(&config.credentials); bearer != nullptr && (where.tls || stays_local(make_route(config, where), where))) {
    append_field(head, "Authorization", "Bearer " + bearer->token().reveal());
  }
  return head;
}

std::string request_text(http_request&& request, std::string_view prepared) {
  constexpr std::size_t fixed_parts = 64;  // " HTTP/1.1", line ends, Content-Length
  std::size_t size = request.method.size() + request.target.size() + prepared.size() + request.body.size() + fixed_parts;
  if (request.authorization) size += request.authorization->size() + 32;
  for (const auto& [name, value] : request.headers) size += name.size() + value.size() + 4;
  std::string text = std::move(request.target);
  text.reserve(size);
  text.insert(0, request.method.size() + 1, ' ').replace(0, request.method.size(), request.method).append(" HTTP/1.1\r\n").append(prepared);
  if (request.authorization) append_field(text, "Authorization", *request.authorization);
  for (const auto& [name, value] : request.headers) append_field(text, name, value);
  if (!request.content_type.empty()) append_field(text, "Content-Type", request.content_type);
  if (!request.body.empty() || request.method == "POST" || request.method == "PATCH") append_field(text, "Content-Length", std::to_string(request.body.size()));
  text.append("\r\n").append(request.body);
  return text;
}

bool is_token(std::string_view text) noexcept { return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char); }

std::optional<std::string> refuse_header(std::string_view name, std::string_view value) {
  if (!is_token(name)) return "the name is not a token";
  if (std::any_of(own_fields.begin(), own_fields.end(), [&](std::string_view own) { return equal_ignoring_case(name, own); })) {
    return std::string(name) + " is set by the client itself";
  }
  if (std::any_of(value.begin(), value.end(), is_control)) return "the value of " + std::string(name) + " holds a control character";
  return std::nullopt;
}

}  // namespace upsun::http
