#include "http/http1/response_parser.hpp"

#include <algorithm>
#include <utility>

#include "http/http1/lenient_head.hpp"
#include "http/http1/message_parser.hpp"
#include "http/http1/plain_head.hpp"
#include "http/message/field_values.hpp"

namespace upsun::http {
namespace {

// The memory of a larger body is not kept for the next.
constexpr std::size_t largest_reused_body = 4 * 1024;

constexpr std::string_view version_prefix = "HTTP/1.";
constexpr std::string_view end_of_head = "\r\n\r\n";

}  // namespace

response_parser::response_parser(const limit_options& limits, parser_options options)
    : limits_(limits), options_(options) {}

response_parser::~response_parser() = default;

void response_parser::reset() {
  result_.emplace();
  plain_ = false;
  message_.reset();
  failure_ = {};
  pending_.clear();
  extra_bytes_ = 0;
  informational_ = 0;
  started_ = false;
}

parse_status response_parser::feed(std::string_view bytes) {
  if (bytes.empty()) return parse_status::need_more;
  started_ = true;
  const std::size_t seen = pending_.size();
  std::string_view rest = bytes;
  if (seen > 0) rest = pending_.append(bytes);
  const parse_status status = parse(rest, seen);
  extra_bytes_ = rest.size();
  if (status != parse_status::need_more) return status;
  if (seen > 0) {
    pending_.erase(0, pending_.size() - rest.size());
  } else {
    pending_.assign(rest);
  }
  return status;
}

parse_status response_parser::end_of_stream(bool announced) {
  if (message_ && message_->need_eof()) {
    if (announced && !message_->finish_body())
      return fail(message_->failure().code, message_->failure().cause);
    if (announced) return parse_status::complete;
    return fail(errc::tls_failed,
                "the stream was cut off in the body, whose end nothing else marks");
  }
  if (!message_ && !pending_.empty()) {
    // When the bytes are not HTTP, that is the better error.
    message_parser judge(limits_, 0, options_, *result_);
    std::string_view all = pending_;
    if (!judge.consume_unchecked(all)) return fail(judge.failure().code, judge.failure().cause);
  }
  return fail(errc::connection_closed,
              started_ ? "the server closed the connection before the response was complete"
                       : "the server closed the connection without a response");
}

/// Takes what it can use off the front of `bytes`, of which the first `seen` were there the last
/// time.
parse_status response_parser::parse(std::string_view& bytes, std::size_t seen) {
  while (!bytes.empty()) {
    if (!plain_ && !message_) {
      const parse_status status = begin(bytes, seen);
      if (status != parse_status::complete) return status;
    }
    if (plain_) return read_plain_body(bytes);
    if (!message_->is_done() && !bytes.empty() && !message_->consume(bytes))
      return fail(message_->failure().code, message_->failure().cause);
    if (!message_->is_done()) return parse_status::need_more;
    if (result_->response.status >= 200) return parse_status::complete;
    message_.reset();
    result_.emplace();
    if (++informational_ > limits_.informational_responses)
      return fail(errc::header_limit, "limits.informational_responses");
    seen = 0;
  }
  return parse_status::need_more;
}

/// Starts a message when its head is complete: so its limit is exact, and Beast never sees a part
/// of one.
parse_status response_parser::begin(std::string_view& bytes, std::size_t seen) {
  if (seen == 0 && begin_plain(bytes)) return parse_status::complete;
  if (!bytes.starts_with(version_prefix.substr(0, bytes.size())))
    return fail(errc::bad_response, "not an HTTP/1 status line");
  const std::size_t overlap = std::min(seen, end_of_head.size() - 1);
  const std::size_t end = bytes.find(end_of_head, seen - overlap);
  const std::size_t size = end == std::string_view::npos ? bytes.size() : end + end_of_head.size();
  if (size > limits_.header_bytes) return fail(errc::header_limit, "limits.header_bytes");
  if (end == std::string_view::npos) {
    if (has_forbidden_byte(bytes, seen))
      return fail(errc::bad_response, "a control character or a bare line end in the head");
    return parse_status::need_more;
  }
  if (seen > 0 && begin_plain(bytes)) return parse_status::complete;
  return begin_message(bytes, size);
}

parse_status response_parser::begin_message(std::string_view& bytes, std::size_t head_size) {
  message_ = std::make_unique<message_parser>(limits_, head_size, options_, *result_);
  const std::string head = lenient_head(bytes.substr(0, head_size));
  std::string_view rest = head;
  if (!message_->consume(rest)) return fail(message_->failure().code, message_->failure().cause);
  bytes.remove_prefix(head_size);
  return parse_status::complete;
}

/// Starts a message whose head is complete and plain, and takes that off the front of `bytes`;
/// false for any other.
bool response_parser::begin_plain(std::string_view& bytes) {
  const auto head = read_plain_head(bytes, limits_, options_.validators);
  if (!head || head->size > limits_.header_bytes) return false;
  plain_ = true;
  plain_left_ = static_cast<std::size_t>(head->content_length);
  http_response& r = result_->response;
  r.status = head->status;
  r.content_type = std::move(next_content_type_);
  r.content_type = head->content_type;
  r.request_id = head->request_id;
  if (!head->etag.empty() && is_entity_tag(head->etag)) r.etag = head->etag;
  r.no_store = head->no_store;
  r.body = std::move(next_body_);
  r.body.reserve(first_body_allocation(head->content_length));
  result_->reusable = !head->close;
  if (!head->keep_alive.empty()) result_->keep_alive_timeout = parse_keep_alive(head->keep_alive);
  bytes.remove_prefix(head->size);
  return true;
}

parse_status response_parser::read_plain_body(std::string_view& bytes) {
  const std::string_view part = bytes.substr(0, plain_left_);
  result_->response.body.append(part);
  plain_left_ -= part.size();
  bytes.remove_prefix(part.size());
  return plain_left_ == 0 ? parse_status::complete : parse_status::need_more;
}

parse_status response_parser::fail(errc code, std::string_view cause) {
  failure_ = {code, std::string(cause)};
  return parse_status::failed;
}

bool response_parser::in_body() const noexcept {
  return plain_ || (message_ && message_->head_done());
}

http_response response_parser::take_head() {
  std::string body = take_body();
  http_response head = std::move(result_->response);
  result_->response.body = std::move(body);
  return head;
}

std::string response_parser::take_body() { return std::exchange(result_->response.body, {}); }

void response_parser::reuse(http_response&& unwanted) noexcept {
  next_content_type_ = std::move(unwanted.content_type);
  if (unwanted.body.capacity() > largest_reused_body) return;
  next_body_ = std::move(unwanted.body);
  next_body_.clear();
}

void response_parser::free_buffers() noexcept {
  std::string().swap(next_body_);
  std::string().swap(next_content_type_);
}

}  // namespace upsun::http
