#include "http/http1/message_parser.hpp"

#include <boost/beast/core/string.hpp>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <utility>

#include "http/message/field_values.hpp"

namespace upsun::http {
namespace {

namespace beast = boost::beast;

constexpr std::string_view crlf = "\r\n";

// Newer versions of Beast refuse a chunk header of more than 8 KiB: ours is the same for all.
constexpr std::size_t longest_chunk_header = 8'000;

// A chunked body without chunks.
constexpr std::string_view empty_chunked_body = "0\r\n\r\n";

std::string_view to_std(beast::string_view text) noexcept { return {text.data(), text.size()}; }

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

/// The unfinished line that `bytes` hold, without the CRLF before it and the CR at its end.
std::string_view line_so_far(std::string_view bytes) noexcept {
  if (bytes.starts_with(crlf)) bytes.remove_prefix(crlf.size());
  if (bytes.ends_with('\r')) bytes.remove_suffix(1);
  return bytes;
}

}  // namespace

bool has_forbidden_byte(std::string_view lines, std::size_t seen) noexcept {
  for (std::size_t i = seen; i < lines.size(); ++i) {
    const auto c = static_cast<unsigned char>(lines[i]);
    const bool after_return = i > 0 && lines[i - 1] == '\r';
    if (after_return != (c == '\n') || c == 127 || (c < ' ' && c != '\t' && c != '\r' && c != '\n'))
      return true;
  }
  return false;
}

message_parser::message_parser(const limit_options& limits, std::size_t head_bytes,
                               parser_options options, parsed_response& into)
    : limits_(limits),
      parsed_(into),
      response_(into.response),
      known_fields_(into.response, options.validators),
      streams_(options.streams),
      header_bytes_(head_bytes) {
  eager(true);
  // Ours is checked before the head comes here.
  header_limit(std::numeric_limits<std::uint32_t>::max());
  body_limit(limits.body_bytes);
}

bool message_parser::consume_unchecked(std::string_view& bytes) {
  input_ = bytes;
  error_code ec;
  bytes.remove_prefix(put({bytes.data(), bytes.size()}, ec));
  if (!ec || ec == beast::http::error::need_more) return true;
  if (!failure_.cause.empty()) return false;
  if (ec == beast::http::error::body_limit) return fail(errc::body_limit, "limits.body_bytes");
  return fail(errc::bad_response, ec.message());
}

bool message_parser::consume(std::string_view& bytes) {
  if (head_done_ && chunked() && !any_chunk_ && bytes.starts_with("0\r\n") &&
      bytes.size() < empty_chunked_body.size())
    return true;  // more must come, and Beast asserts that it has
  const std::size_t before = bytes.size();
  if (!consume_unchecked(bytes)) return false;
  if (!head_done_) return fail(errc::bad_response, "malformed head");
  if (is_done()) return true;
  if (bytes.size() != before) {  // what is left, if anything, is new
    lines_seen_ = 0;
    first_line_ended_ = false;
  }
  if (const auto fault = fault_of_chunk_lines(bytes); !fault.empty())
    return fail(errc::bad_response, fault);
  if (bytes.size() > limits_.header_bytes) return fail(errc::header_limit, "limits.header_bytes");
  if (!first_line_ended_ && !in_trailers_ && line_so_far(bytes).size() > longest_chunk_header)
    return fail(errc::header_limit, "a chunk header of more than 8,000 bytes");
  return true;
}

/// What is wrong with the lines, of which the last may be incomplete; empty: nothing so far.
std::string_view message_parser::fault_of_chunk_lines(std::string_view lines) noexcept {
  if (has_forbidden_byte(lines, lines_seen_))
    return "a control character or a bare line end among the chunks";
  if (!first_line_ended_ && !in_trailers_) {
    const std::size_t begin =
        lines.starts_with(crlf) ? crlf.size() : 0;  // the end of the chunk before
    const std::size_t end =
        lines.find(crlf, std::max(begin, lines_seen_ - std::min<std::size_t>(lines_seen_, 1)));
    first_line_ended_ = end != std::string_view::npos;
    if (first_line_ended_ && leaves_quote_open(lines.substr(begin, end - begin)))
      return "a chunk extension with an open quote";
  }
  lines_seen_ = lines.size();
  return {};
}

bool message_parser::fail(errc code, std::string_view cause) {
  failure_ = {code, std::string(cause)};
  return false;
}

void message_parser::refuse(error_code& ec, errc code, std::string_view cause) {
  fail(code, cause);
  ec = beast::http::error::bad_field;
}

// ---- what Beast finds

void message_parser::on_response_impl(int status, beast_string, int version, error_code& ec) {
  response_.status = status;
  http10_ = version < 11;
  if (status < 100) refuse(ec, errc::bad_response, "a status below 100");
  if (streams_success()) body_limit(boost::none);
}

void message_parser::on_field_impl(field known, beast_string raw_name, beast_string raw_value,
                                   error_code& ec) {
  const std::string_view name = to_std(raw_name);
  const std::string_view value = to_std(raw_value);
  if (++fields_ > limits_.header_fields)
    return refuse(ec, errc::header_limit, "limits.header_fields");
  if (folded(name, value))
    return refuse(ec, errc::bad_response, "a field value is folded over several lines");
  if (!head_done_) return take_field(known, name, value, ec);
  // A trailer, which changes nothing.
  const char* const line_end = value.data() + value.size();
  count_header_bytes(static_cast<std::size_t>(line_end - name.data()) + crlf.size(), ec);
}

void message_parser::take_field(field known, std::string_view name, std::string_view value,
                                error_code& ec) {
  switch (known) {
    case field::transfer_encoding:
      if (!beast::iequals(value, "chunked"))
        return refuse(ec, errc::bad_response, "a transfer encoding other than chunked");
      if (http10_) return refuse(ec, errc::bad_response, "a transfer encoding in HTTP/1.0");
      break;  // beside a Content-Length Beast refuses it, whichever comes first
    case field::keep_alive: parsed_.keep_alive_timeout = parse_keep_alive(value); break;
    default: known_fields_.take(known, name, value);
  }
}

/// Beast joins a folded value in a buffer of its own, or takes the value from a later line than the
/// name's.
bool message_parser::folded(std::string_view name, std::string_view value) const noexcept {
  constexpr std::less_equal<> not_after;
  const char* const name_end = name.data() + name.size();
  if (!not_after(name_end, value.data()) || !not_after(value.data(), input_.data() + input_.size()))
    return true;
  return std::find(name_end, value.data(), '\r') != value.data();
}

void message_parser::on_header_impl(error_code& ec) {
  head_done_ = true;
  parsed_.reusable = !http10_ && keep_alive();
  known_fields_.end();
  if (!streams_success()) decoder_ = take_coding(response_, limits_.body_bytes);
  if (response_.status == 101) refuse(ec, errc::unexpected_protocol, "101 Switching Protocols");
}

void message_parser::on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) {
  if (length) response_.body.reserve(first_body_allocation(*length));
}

std::size_t message_parser::on_body_impl(beast_string bytes, error_code& ec) {
  if (!decoder_) {
    response_.body.append(bytes.data(), bytes.size());
  } else if (const auto failed = decoder_->decode(to_std(bytes), response_.body)) {
    refuse(ec, failed->code, failed->cause);
  }
  return bytes.size();
}

void message_parser::on_finish_impl(error_code& ec) {
  if (!finish_body()) ec = beast::http::error::bad_field;
}

bool message_parser::finish_body() {
  if (!decoder_) return true;
  const auto failed = decoder_->end();
  return !failed || fail(failed->code, failed->cause);
}

void message_parser::on_chunk_header_impl(std::uint64_t size, beast_string extensions,
                                          error_code& ec) {
  any_chunk_ = true;
  in_trailers_ = size == 0;
  if (size_digits_before(extensions) + extensions.size() > longest_chunk_header)
    return refuse(ec, errc::header_limit, "a chunk header of more than 8,000 bytes");
  // Beast takes any byte within quotes.
  if (has_forbidden_byte(to_std(extensions), 0))
    return refuse(ec, errc::bad_response,
                  "a control character or a bare line end in a chunk extension");
  count_header_bytes(extensions.size(), ec);
}

/// A chunk header begins with its size.
std::size_t message_parser::size_digits_before(beast_string extensions) const noexcept {
  std::string_view before = input_;
  before.remove_suffix(static_cast<std::size_t>(input_.data() + input_.size() - extensions.data()));
  return before.size() - (before.find_last_not_of("0123456789abcdefABCDEF") + 1);
}

void message_parser::count_header_bytes(std::size_t count, error_code& ec) {
  header_bytes_ += count;
  if (header_bytes_ > limits_.header_bytes) refuse(ec, errc::header_limit, "limits.header_bytes");
}

}  // namespace upsun::http
