#include "testing/reply.hpp"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/status.hpp>

#include <algorithm>
#include <utility>

namespace upsun::testing {
namespace {

constexpr std::string_view length_field = "Content-Length: ";

void add_header(std::string& text, std::string_view name, std::string_view value) {
  text.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

reply make_reply(int status, std::string_view content_type, std::string_view body,
                 const header_list& headers) {
  const std::string_view reason =
      boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(status));
  reply made{.text = "HTTP/1.1 " + std::to_string(status) + ' '};
  made.text.append(reason).append("\r\n");
  if (!content_type.empty()) add_header(made.text, "Content-Type", content_type);
  if (status >= 200 && status != 204 && status != 304)
    made.text.append(length_field).append(std::to_string(body.size())).append("\r\n");
  for (const auto& [name, value] : headers) add_header(made.text, name, value);
  made.text.append("\r\n");
  made.body_at = made.text.size();
  made.text.append(body);
  return made;
}

reply make_stream(std::shared_ptr<log_reader> stream) {
  reply made{.text =
                 "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: "
                 "chunked\r\nConnection: close\r\n\r\n"};
  made.body_at = made.text.size();
  made.stream = std::move(stream);
  return made;
}

reply with_header(const reply& original, std::string_view name, std::string_view value) {
  std::string field;
  add_header(field, name, value);
  reply changed = original;
  changed.text.insert(original.body_at - 2, field);
  changed.body_at += field.size();
  return changed;
}

reply without_body(const reply& original) {
  return {.text = original.text.substr(0, original.body_at), .body_at = original.body_at};
}

reply with_excess_length(const reply& original, std::size_t excess) {
  const std::size_t from = original.text.find(length_field) + length_field.size();
  const std::size_t to = original.text.find("\r\n", from);
  const std::size_t claimed = original.text.size() - original.body_at + excess;
  reply changed = original;
  changed.text.replace(from, to - from, std::to_string(claimed));
  changed.body_at = changed.text.size() - (original.text.size() - original.body_at);
  return changed;
}

reply with_longer_head(const reply& original, std::size_t bytes) {
  constexpr std::string_view name = "X-Padding";
  constexpr std::size_t largest = 1'000;
  constexpr std::size_t longest_head = 16 * 1024 * 1024;
  constexpr std::size_t frame = std::string_view(": \r\n").size();
  std::string fields;
  bytes = std::min(bytes, longest_head);
  while (fields.size() < bytes) {
    const std::size_t size = std::min(largest, bytes - fields.size());
    const std::size_t value = size - std::min(size, name.size() + frame);
    add_header(fields, name, std::string(value, 'x'));
  }
  reply changed = original;
  changed.text.insert(original.body_at - 2, fields);
  changed.body_at += fields.size();
  return changed;
}

header_list http2_head(const reply& original) {
  constexpr std::size_t status_at = std::string_view("HTTP/1.1 ").size();
  header_list fields{{":status", original.text.substr(status_at, 3)}};
  for (std::size_t line = original.text.find('\n') + 1; line + 2 < original.body_at;) {
    const std::size_t colon = original.text.find(": ", line);
    const std::size_t end = original.text.find("\r\n", line);
    std::string name = original.text.substr(line, colon - line);
    const bool of_connection = boost::beast::iequals(name, "Connection") ||
                               boost::beast::iequals(name, "Transfer-Encoding");
    if (!of_connection)
      fields.emplace_back(std::move(name), original.text.substr(colon + 2, end - colon - 2));
    line = end + 2;
  }
  return fields;
}

reply refuse_unread(int status, std::string_view message) {
  const std::string body = R"({"status":"error","code":)" + std::to_string(status) +
                           R"(,"message":")" + std::string(message) + R"(","detail":{}})";
  return make_reply(status, "application/json", body, {{"Connection", "close"}});
}

reply_ptr json_reply(int status, std::string_view body, const header_list& headers) {
  return fixed_reply(status, "application/json", body, headers);
}

reply_ptr fixed_reply(int status, std::string_view content_type, std::string_view body,
                      const header_list& headers) {
  return std::make_shared<const reply>(make_reply(status, content_type, body, headers));
}

reply_ptr refuse(int status, std::string_view message, std::string_view complaints) {
  std::string body = R"({"status":"error","code":)" + std::to_string(status);
  body.append(R"(,"message":")")
      .append(message)
      .append(R"(","detail":)")
      .append(complaints)
      .append("}");
  return json_reply(status, body);
}

reply_ptr accept(int status, std::string_view verb, std::string_view entity,
                 std::string_view activity) {
  std::string body(R"({"status":")");
  body.append(verb)
      .append(R"(","code":)")
      .append(std::to_string(status))
      .append(R"(,"_embedded":{)");
  if (!entity.empty()) body.append(R"("entity":)").append(entity).append(",");
  body.append(R"("activities":[)").append(activity).append("]}}");
  return fixed_reply(status, "application/hal+json; charset=utf-8", body);
}

}  // namespace upsun::testing
