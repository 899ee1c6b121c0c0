#include "http/message/response_fields.hpp"

#include <boost/beast/core/string.hpp>

#include <algorithm>
#include <utility>

#include "http/message/field_values.hpp"
#include "http/message/http_date.hpp"

namespace upsun::http {
namespace {

std::chrono::sys_seconds now_in_seconds() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

bool is(std::string_view text, std::string_view lower_case) {
  return boost::beast::iequals({text.data(), text.size()}, {lower_case.data(), lower_case.size()});
}

}  // namespace

void response_fields::take(boost::beast::http::field known, std::string_view name,
                           std::string_view value) {
  using boost::beast::http::field;
  switch (known) {
    case field::content_type:
      if (std::exchange(has_content_type_, has_content_type_ || !value.empty())) break;
      into_.content_type = value;
      break;
    case field::content_encoding:
      if (value.empty() || is(value, "identity")) break;
      into_.content_encoding.append(into_.content_encoding.empty() ? "" : ", ").append(value);
      break;
    case field::location:
      if (into_.status / 100 == 3) into_.location = value;
      break;
    case field::retry_after:
      if (into_.retry_after || retry_at_) break;
      into_.retry_after = parse_seconds(value);
      if (!into_.retry_after) retry_at_ = parse_http_date(value, now_in_seconds());
      break;
    case field::date:
      date_size_ = std::min(value.size(), date_.size());
      std::copy_n(value.begin(), date_size_, date_.begin());
      break;
    case field::www_authenticate:
      into_.www_authenticate.append(into_.www_authenticate.empty() ? "" : ", ").append(value);
      break;
    case field::etag:
      if (!validators_ || value.empty() || std::exchange(has_etag_, true)) break;
      if (is_entity_tag(value)) into_.etag = value;
      break;
    case field::cache_control:
      if (validators_ && forbids_storing(value)) into_.no_store = true;
      break;
    case field::unknown:
      if (into_.request_id.empty() && is(name, "x-request-id")) into_.request_id = value;
      break;
    default: break;
  }
}

void response_fields::end() {
  if (!retry_at_ || into_.retry_after) return;
  const auto now = now_in_seconds();
  const auto sent = parse_http_date({date_.data(), date_size_}, now);
  into_.retry_after = std::max(*retry_at_ - sent.value_or(now), std::chrono::seconds(0));
}

}  // namespace upsun::http
