#include "http/http1/response_parser.hpp"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <utility>

#include "http/http1/plain_head.hpp"
#include "http/message/http_date.hpp"
#include "http/message/validators.hpp"
#include "util/ascii.hpp"

namespace upsun::http {
namespace {

namespace beast = boost::beast;
using beast::http::field;

// A header's promise of a large body does not make us allocate it: from here on the memory grows
// with what arrives.
constexpr std::size_t first_body_allocation = 64 * 1024;

// The memory of a larger body is not kept for the next.
constexpr std::size_t largest_reused_body = 4 * 1024;

constexpr std::string_view version_prefix = "HTTP/1.";
constexpr std::string_view crlf = "\r\n";
constexpr std::string_view end_of_head = "\r\n\r\n";

// A chunked body without chunks.
constexpr std::string_view empty_chunked_body = "0\r\n\r\n";

std::string_view to_std(beast::string_view text) noexcept { return {text.data(), text.size()}; }

/// The `timeout` of a `Keep-Alive: timeout=5, max=100`.
std::optional<std::chrono::seconds> parse_keep_alive(std::string_view list) noexcept {
  constexpr std::string_view name = "timeout=";
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    const std::string_view item = util::trim(list.substr(0, comma));
    if (item.size() > name.size() && beast::iequals(item.substr(0, name.size()), name))
      return parse_seconds(item.substr(name.size()));
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return std::nullopt;
}

/// Whether lines, of which the last may be incomplete, are beyond hope: they hold a bare line end
/// or another control character. Their first `seen` bytes were looked at before.
bool has_forbidden_byte(std::string_view lines, std::size_t seen) noexcept {
  for (std::size_t i = seen; i < lines.size(); ++i) {
    const auto c = static_cast<unsigned char>(lines[i]);
    const bool after_return = i > 0 && lines[i - 1] == '\r';
    if (after_return != (c == '\n') || c == 127 || (c < ' ' && c != '\t' && c != '\r' && c != '\n'))
      return true;
  }
  return false;
}

/// Whether a chunk header ends within a quoted string. Beast would read on beyond the line, and
/// count the chunk against the body limit once a try.
bool leaves_quote_open(std::string_view line) noexcept {
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"') quoted = !quoted;
    if (line[i] == '\\' && quoted) ++i;
  }
  return quoted;
}

/// What Beast leaves over of a chunked body: the line of a chunk header, or the last one with the
/// trailers. However it comes in pieces, each byte is looked at once as long as nothing is taken
/// off the front.
class chunk_lines {
 public:
  /// What is wrong with the lines, of which the last may be incomplete; empty: nothing so far.
  [[nodiscard]] std::string_view check(std::string_view lines) noexcept {
    if (has_forbidden_byte(lines, seen_))
      return "a control character or a bare line end among the chunks";
    if (!first_line_ended_) {
      const std::size_t begin =
          lines.starts_with(crlf) ? crlf.size() : 0;  // the end of the chunk before
      const std::size_t end =
          lines.find(crlf, std::max(begin, seen_ - std::min<std::size_t>(seen_, 1)));
      first_line_ended_ = end != std::string_view::npos;
      if (first_line_ended_ && leaves_quote_open(lines.substr(begin, end - begin)))
        return "a chunk extension with an open quote";
    }
    seen_ = lines.size();
    return {};
  }

 private:
  std::size_t seen_ = 0;
  bool first_line_ended_ = false;
};

/// A response with a plain head.
struct plain_message {
  http_response response;
  std::size_t left = 0;  ///< Of the body.
  bool reusable = false;
  std::optional<std::chrono::seconds> keep_alive_timeout{};
};

}  // namespace

/// One message, informational or final.
class response_parser::message final : public beast::http::basic_parser<false> {
 public:
  message(const limit_options& limits, std::size_t head_bytes, bool validators)
      : limits_(limits), header_bytes_(head_bytes), validators_(validators) {
    eager(true);
    header_limit(
        std::numeric_limits<std::uint32_t>::max());  // ours is checked before the head comes here
    body_limit(limits.body_bytes);
  }

  http_response response;
  io_failure failure;
  bool head_done = false;
  bool reusable = false;
  bool body_taken = false;  // so that an empty one does not say that no chunk came yet
  std::optional<std::chrono::seconds> keep_alive_timeout;

  [[nodiscard]] bool informational() const noexcept { return response.status < 200; }

  /// Takes what it can use off the front of `bytes`.
  error_code consume(std::string_view& bytes) {
    input_ = bytes;
    error_code ec;
    bytes.remove_prefix(put({bytes.data(), bytes.size()}, ec));
    if (ec == beast::http::error::need_more) ec.clear();
    return ec;
  }

 private:
  static std::chrono::sys_seconds now() {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  }

  void refuse(error_code& ec, errc code, std::string_view cause) {
    failure = {code, std::string(cause)};
    ec = beast::http::error::bad_field;
  }

  void on_request_impl(beast::http::verb, beast::string_view, beast::string_view, int,
                       error_code&) override {}

  void on_response_impl(int status, beast::string_view, int version, error_code& ec) override {
    response.status = status;
    http10_ = version < 11;
    if (status < 100) refuse(ec, errc::bad_response, "a status below 100");
  }

  void on_field_impl(field known, beast::string_view name, beast::string_view raw_value,
                     error_code& ec) override {
    const std::string_view value = to_std(raw_value);
    if (++fields_ > limits_.header_fields)
      return refuse(ec, errc::header_limit, "limits.header_fields");
    if (folded(to_std(name), value))
      return refuse(ec, errc::bad_response, "a field value is folded over several lines");
    if (head_done) {  // a trailer, which changes nothing
      return count_header_bytes(
          static_cast<std::size_t>(value.data() + value.size() - name.data()) + crlf.size(), ec);
    }
    switch (known) {
      case field::transfer_encoding:
        if (!beast::iequals(raw_value, "chunked"))
          return refuse(ec, errc::bad_response, "a transfer encoding other than chunked");
        if (http10_) return refuse(ec, errc::bad_response, "a transfer encoding in HTTP/1.0");
        break;  // beside a Content-Length Beast refuses it, whichever comes first
      case field::content_type:
        if (std::exchange(has_content_type_, has_content_type_ || !value.empty())) break;
        response.content_type = value;
        break;
      case field::retry_after:
        if (response.retry_after || retry_at_) break;
        response.retry_after = parse_seconds(value);
        if (!response.retry_after) retry_at_ = parse_http_date(value, now());
        break;
      case field::date:
        date_size_ = std::min(value.size(), date_.size());
        std::copy_n(value.begin(), date_size_, date_.begin());
        break;
      case field::www_authenticate:
        response.www_authenticate.append(response.www_authenticate.empty() ? "" : ", ")
            .append(value);
        break;
      case field::keep_alive: keep_alive_timeout = parse_keep_alive(value); break;
      case field::etag:
        if (!validators_ || value.empty() || std::exchange(has_etag_, true)) break;
        if (is_entity_tag(value)) response.etag = value;
        break;
      case field::cache_control:
        if (validators_ && forbids_storing(value)) response.no_store = true;
        break;
      case field::unknown:
        if (response.request_id.empty() && beast::iequals(name, "x-request-id"))
          response.request_id = value;
        break;
      default: break;
    }
  }

  void on_header_impl(error_code& ec) override {
    head_done = true;
    reusable = !http10_ && keep_alive();
    if (retry_at_ && !response.retry_after) {
      const auto sent = parse_http_date({date_.data(), date_size_}, now());
      response.retry_after = std::max(*retry_at_ - sent.value_or(now()), std::chrono::seconds(0));
    }
    if (response.status == 101) refuse(ec, errc::unexpected_protocol, "101 Switching Protocols");
  }

  void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) override {
    if (length)
      response.body.reserve(
          static_cast<std::size_t>(std::min<std::uint64_t>(*length, first_body_allocation)));
  }

  std::size_t on_body_impl(beast::string_view bytes, error_code&) override {
    response.body.append(bytes.data(), bytes.size());
    return bytes.size();
  }

  void on_chunk_header_impl(std::uint64_t, beast::string_view extensions, error_code& ec) override {
    // Beast takes any byte within quotes.
    if (has_forbidden_byte(to_std(extensions), 0))
      return refuse(ec, errc::bad_response,
                    "a control character or a bare line end in a chunk extension");
    count_header_bytes(extensions.size(), ec);
  }
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view bytes, error_code& ec) override {
    return on_body_impl(bytes, ec);
  }
  void on_finish_impl(error_code&) override {}

  /// Beast joins a folded value in a buffer of its own, or takes the value from a later line than
  /// the name's.
  [[nodiscard]] bool folded(std::string_view name, std::string_view value) const noexcept {
    constexpr std::less_equal<> not_after;
    const char* const name_end = name.data() + name.size();
    if (!not_after(name_end, value.data()) ||
        !not_after(value.data(), input_.data() + input_.size()))
      return true;
    return std::find(name_end, value.data(), '\r') != value.data();
  }

  void count_header_bytes(std::size_t count, error_code& ec) {
    header_bytes_ += count;
    if (header_bytes_ > limits_.header_bytes) refuse(ec, errc::header_limit, "limits.header_bytes");
  }

  const limit_options& limits_;
  std::string_view input_;
  std::size_t header_bytes_;
  std::size_t fields_ = 0;
  const bool validators_;
  bool has_etag_ = false;
  bool http10_ = false;
  bool has_content_type_ = false;
  std::optional<std::chrono::sys_seconds>
      retry_at_;  // a Retry-After that was a date, counted from Date once the head is complete
  std::array<char, 40> date_{};
  std::size_t date_size_ = 0;
};

class response_parser::impl {
 public:
  impl(const limit_options& limits, bool validators) : limits_(limits), validators_(validators) {}

  void reset() {
    plain.reset();
    current.reset();
    failure = {};
    pending_.clear();
    extra_bytes = 0;
    started = false;
    informational_ = 0;
    chunk_lines_ = {};
  }

  parse_status feed(std::string_view bytes) {
    if (bytes.empty()) return parse_status::need_more;
    started = true;
    const std::size_t seen = pending_.size();
    std::string_view rest = bytes;
    if (seen > 0) rest = pending_.append(bytes);
    const parse_status status = parse(rest, seen);
    extra_bytes = rest.size();
    if (status != parse_status::need_more) return status;
    if (seen > 0) {
      pending_.erase(0, pending_.size() - rest.size());
    } else {
      pending_.assign(rest);
    }
    return status;
  }

  parse_status end_of_stream(bool announced) {
    if (current && current->need_eof()) {
      if (!announced)
        return fail(errc::tls_failed,
                    "the stream was cut off in the body, whose end nothing else marks");
      return parse_status::complete;
    }
    if (!current && !pending_.empty()) {
      // What came may be no HTTP at all rather than cut off.
      message judge(limits_, 0, validators_);
      std::string_view all = pending_;
      if (const auto ec = judge.consume(all)) return fail(ec, judge);
    }
    return fail(errc::connection_closed,
                started ? "the server closed the connection before the response was complete"
                        : "the server closed the connection without a response");
  }

  // One of them, once the head is complete.
  std::optional<plain_message> plain;
  std::string next_body;          // empty
  std::string next_content_type;  // likewise
  std::optional<message> current;
  io_failure failure;
  std::size_t extra_bytes = 0;
  bool started = false;

 private:
  /// Takes what it can use off the front of `bytes`, of which the first `seen` were there the last
  /// time.
  parse_status parse(std::string_view& bytes, std::size_t seen) {
    while (!bytes.empty()) {
      if (plain) return read_body(bytes);
      if (!current) {
        const auto status = begin(bytes, seen);
        if (status != parse_status::complete) return status;
        if (plain) return read_body(bytes);
      } else if (bytes.starts_with("0\r\n") && bytes.size() < empty_chunked_body.size() &&
                 current->chunked() && current->response.body.empty() && !current->body_taken) {
        return parse_status::need_more;  // more must come, and Beast asserts that it has
      }
      const std::size_t before = bytes.size();
      if (const auto ec = current->consume(bytes)) return fail(ec, *current);
      if (bytes.size() != before) chunk_lines_ = {};  // what is left, if anything, is new
      if (!current->head_done) return fail(errc::bad_response, "malformed head");
      if (!current->is_done()) {
        if (const auto problem = chunk_lines_.check(bytes); !problem.empty())
          return fail(errc::bad_response, problem);
        return bytes.size() > limits_.header_bytes ? fail(errc::header_limit, "limits.header_bytes")
                                                   : parse_status::need_more;
      }
      if (!current->informational()) return parse_status::complete;
      current.reset();
      if (++informational_ > limits_.informational_responses)
        return fail(errc::header_limit, "limits.informational_responses");
      seen = 0;
    }
    return parse_status::need_more;
  }

  /// Starts a message when its head is complete: so its limit is exact, and Beast never sees a part
  /// of one.
  parse_status begin(std::string_view& bytes, std::size_t seen) {
    if (seen == 0 && begin_plain(bytes)) return parse_status::complete;
    if (!bytes.starts_with(version_prefix.substr(0, bytes.size())))
      return fail(errc::bad_response, "not an HTTP/1 status line");
    const std::size_t overlap = std::min(seen, end_of_head.size() - 1);
    const std::size_t end = bytes.find(end_of_head, seen - overlap);
    const std::size_t size =
        end == std::string_view::npos ? bytes.size() : end + end_of_head.size();
    if (size > limits_.header_bytes) return fail(errc::header_limit, "limits.header_bytes");
    if (end == std::string_view::npos) {
      if (has_forbidden_byte(bytes, seen))
        return fail(errc::bad_response, "a control character or a bare line end in the head");
      return parse_status::need_more;
    }
    if (seen == 0 || !begin_plain(bytes)) current.emplace(limits_, size, validators_);
    return parse_status::complete;
  }

  /// Starts a message whose head is complete and plain, and takes that off the front of `bytes`;
  /// false for any other.
  bool begin_plain(std::string_view& bytes) {
    const auto head = read_plain_head(bytes, limits_, validators_);
    if (!head || head->size > limits_.header_bytes) return false;
    plain_message& m = plain.emplace();
    m.response.status = head->status;
    m.response.content_type = std::move(next_content_type);
    m.response.content_type = head->content_type;
    m.response.request_id = head->request_id;
    if (!head->etag.empty() && is_entity_tag(head->etag)) m.response.etag = head->etag;
    m.response.no_store = head->no_store;
    m.left = static_cast<std::size_t>(head->content_length);
    m.response.body = std::move(next_body);
    m.response.body.reserve(std::min(m.left, first_body_allocation));
    m.reusable = !head->close;
    if (!head->keep_alive.empty()) m.keep_alive_timeout = parse_keep_alive(head->keep_alive);
    bytes.remove_prefix(head->size);
    return true;
  }

  parse_status read_body(std::string_view& bytes) {
    const std::string_view part = bytes.substr(0, plain->left);
    plain->response.body.append(part);
    plain->left -= part.size();
    bytes.remove_prefix(part.size());
    return plain->left == 0 ? parse_status::complete : parse_status::need_more;
  }

  parse_status fail(errc code, std::string_view cause) {
    failure = {code, std::string(cause)};
    return parse_status::failed;
  }

  parse_status fail(const error_code& ec, message& m) {
    if (!m.failure.cause.empty()) {
      failure = std::move(m.failure);
      return parse_status::failed;
    }
    if (ec == beast::http::error::body_limit) return fail(errc::body_limit, "limits.body_bytes");
    return fail(errc::bad_response, ec.message());
  }

  const limit_options limits_;
  const bool validators_;
  std::string pending_;  // not used up yet
  chunk_lines chunk_lines_;
  std::size_t informational_ = 0;
};

response_parser::response_parser(const limit_options& limits, bool validators)
    : impl_(std::make_unique<impl>(limits, validators)) {}
response_parser::~response_parser() = default;

void response_parser::reset() { impl_->reset(); }
parse_status response_parser::feed(std::string_view bytes) { return impl_->feed(bytes); }
parse_status response_parser::end_of_stream(bool announced) {
  return impl_->end_of_stream(announced);
}
const io_failure& response_parser::failure() const noexcept { return impl_->failure; }
http_response& response_parser::response() noexcept {
  return impl_->plain ? impl_->plain->response : impl_->current->response;
}

http_response response_parser::take_head() {
  std::string body = take_body();
  http_response head = std::move(response());
  response().body = std::move(body);
  return head;
}

std::string response_parser::take_body() {
  if (impl_->plain) return std::exchange(impl_->plain->response.body, {});
  impl_->current->body_taken = true;
  return std::exchange(impl_->current->response.body, {});
}

void response_parser::reuse(http_response&& unwanted) noexcept {
  impl_->next_content_type = std::move(unwanted.content_type);
  if (unwanted.body.capacity() > largest_reused_body) return;
  impl_->next_body = std::move(unwanted.body);
  impl_->next_body.clear();
}

void response_parser::free_buffers() noexcept {
  std::string().swap(impl_->next_body);
  std::string().swap(impl_->next_content_type);
}

bool response_parser::started() const noexcept { return impl_->started; }
bool response_parser::in_body() const noexcept {
  return impl_->plain || (impl_->current && impl_->current->head_done);
}
bool response_parser::keep_alive() const noexcept {
  return impl_->plain ? impl_->plain->reusable : impl_->current->reusable;
}
std::optional<std::chrono::seconds> response_parser::keep_alive_timeout() const noexcept {
  return impl_->plain ? impl_->plain->keep_alive_timeout : impl_->current->keep_alive_timeout;
}
std::size_t response_parser::extra_bytes() const noexcept { return impl_->extra_bytes; }

}  // namespace upsun::http
