#include "http/http1/request_head.hpp"

namespace upsun::http {
namespace {

using namespace std::string_view_literals;

void add_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": "sv).append(value).append("\r\n"sv);
}

}  // namespace

std::string prepare_head(const config::transport_settings& settings, std::string_view codings) {
  std::string head;
  add_field(head, "Host", settings.where.host_header);
  add_field(head, "User-Agent", settings.user_agent);
  add_field(head, "Accept", "application/json");
  add_field(head, "Accept-Encoding", codings);
  if (!settings.authorization.empty())
    add_field(head, "Authorization", settings.authorization.reveal());
  return head;
}

std::string request_text(http_request&& request, std::string_view prepared) {
  constexpr std::size_t fixed_parts = 64;  // " HTTP/1.1", line ends, Content-Length
  std::size_t size = request.method.size() + request.target.size() + prepared.size() +
                     request.body.size() + fixed_parts;
  if (request.authorization) size += request.authorization->size() + 32;
  for (const auto& [name, value] : request.headers) size += name.size() + value.size() + 4;
  std::string text = std::move(request.target);
  text.reserve(size);
  text.insert(0, request.method.size() + 1, ' ')
      .replace(0, request.method.size(), request.method)
      .append(" HTTP/1.1\r\n"sv)
      .append(prepared);
  if (request.authorization) add_field(text, "Authorization", *request.authorization);
  for (const auto& [name, value] : request.headers) add_field(text, name, value);
  if (!request.content_type.empty()) add_field(text, "Content-Type", request.content_type);
  if (!request.body.empty() || request.method == "POST" || request.method == "PATCH")
    add_field(text, "Content-Length", std::to_string(request.body.size()));
  text.append("\r\n"sv).append(request.body);
  return text;
}

}  // namespace upsun::http
