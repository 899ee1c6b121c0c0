#include "http/http2/request_fields.hpp"

#include "util/ascii.hpp"

namespace upsun::http {
namespace {

nghttp2_nv field(std::string_view name, std::string_view value) noexcept {
  // nghttp2 does not write to them.
  auto* const n = reinterpret_cast<std::uint8_t*>(const_cast<char*>(name.data()));
  auto* const v = reinterpret_cast<std::uint8_t*>(const_cast<char*>(value.data()));
  return {n, v, name.size(), value.size(),
          NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE};
}

}  // namespace

void read_request(std::string& text, bool tls, request_fields& out) {
  using namespace std::string_view_literals;
  const std::string_view all = text;
  const std::size_t method_end = all.find(' ');
  const std::size_t target_end = all.find(' ', method_end + 1);
  out.list.clear();
  out.list.push_back(field(":method"sv, all.substr(0, method_end)));
  out.list.push_back(field(":scheme"sv, tls ? "https"sv : "http"sv));
  out.list.push_back(field(":authority"sv, {}));
  out.list.push_back(field(":path"sv, all.substr(method_end + 1, target_end - method_end - 1)));
  std::size_t line = all.find('\n', target_end) + 1;
  while (all[line] != '\r') {
    const std::size_t colon = all.find(':', line);
    const std::size_t end = all.find('\r', colon);
    for (std::size_t i = line; i < colon; ++i) text[i] = util::to_lower(text[i]);
    const std::string_view name = all.substr(line, colon - line);
    const std::string_view value = all.substr(colon + 2, end - colon - 2);
    if (name == "host"sv) {
      out.list[2] = field(":authority"sv, value);
    } else {
      out.list.push_back(field(name, value));
    }
    line = end + 2;
  }
  out.body_at = line + 2;
}

}  // namespace upsun::http
