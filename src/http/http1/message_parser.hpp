#pragma once

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/version.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "http/http1/response_parser.hpp"
#include "http/message/content_decoder.hpp"
#include "http/message/response_fields.hpp"

namespace upsun::http {

/// Whether lines, of which the last may be incomplete, hold a bare line end or another control
/// character: no more bytes make them good. Their first `seen` bytes were looked at before.
[[nodiscard]] bool has_forbidden_byte(std::string_view lines, std::size_t seen) noexcept;

/// How much memory a body gets before any of it has come. A header's promise of a large one does
/// not make us allocate it: from then on the memory grows with what arrives.
[[nodiscard]] constexpr std::size_t first_body_allocation(std::uint64_t length) noexcept {
  return static_cast<std::size_t>(std::min<std::uint64_t>(length, 64 * 1024));
}

/// One message, informational or final, by Beast's parser: stores only what is needed, and makes
/// the checks of RFC 9112 that Beast leaves out.
class message_parser final : public boost::beast::http::basic_parser<false> {
 public:
  /// \param head_bytes the size of the head, which is complete. \param into filled in; outlives
  /// this, as `limits` does.
  message_parser(const limit_options& limits, std::size_t head_bytes, parser_options options,
                 parsed_response& into);

  /// Takes what it can use off the front of `bytes`, and checks what it leaves. False: it failed.
  [[nodiscard]] bool consume(std::string_view& bytes);
  /// The same without looking at what is left.
  [[nodiscard]] bool consume_unchecked(std::string_view& bytes);

  /// The stream's end is the body's. False: it failed.
  [[nodiscard]] bool finish_body();

  [[nodiscard]] const io_failure& failure() const noexcept { return failure_; }
  [[nodiscard]] bool head_done() const noexcept { return head_done_; }

 private:
  using field = boost::beast::http::field;
  using beast_string = boost::beast::string_view;

  void on_request_impl(boost::beast::http::verb, beast_string, beast_string, int,
                       error_code&) override {}
  void on_response_impl(int status, beast_string, int version, error_code& ec) override;
  void on_field_impl(field known, beast_string name, beast_string raw_value,
                     error_code& ec) override;
#if BOOST_BEAST_VERSION >= 359  // Boost 1.90
  void on_trailer_field_impl(field known, beast_string name, beast_string raw_value,
                             error_code& ec) override {
    on_field_impl(known, name, raw_value, ec);
  }
#endif
  void on_header_impl(error_code& ec) override;
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) override;
  std::size_t on_body_impl(beast_string bytes, error_code&) override;
  void on_chunk_header_impl(std::uint64_t size, beast_string extensions, error_code& ec) override;
  std::size_t on_chunk_body_impl(std::uint64_t, beast_string bytes, error_code& ec) override {
    return on_body_impl(bytes, ec);
  }
  void on_finish_impl(error_code& ec) override;

  void take_field(field known, std::string_view name, std::string_view value, error_code& ec);
  [[nodiscard]] bool folded(std::string_view name, std::string_view value) const noexcept;
  [[nodiscard]] bool streams_success() const noexcept {
    return streams_ && response_.status / 100 == 2;
  }
  [[nodiscard]] std::size_t size_digits_before(beast_string extensions) const noexcept;
  void count_header_bytes(std::size_t count, error_code& ec);
  void refuse(error_code& ec, errc code, std::string_view cause);
  bool fail(errc code, std::string_view cause);
  [[nodiscard]] std::string_view fault_of_chunk_lines(std::string_view lines) noexcept;

  const limit_options& limits_;
  parsed_response& parsed_;
  http_response& response_;
  response_fields known_fields_;
  const bool streams_;
  std::unique_ptr<content_decoder> decoder_;  // of a coded body
  std::size_t header_bytes_;
  std::string_view input_;
  io_failure failure_;
  std::size_t fields_ = 0;
  bool http10_ = false;
  bool head_done_ = false;

  // Of what is left over of a chunked body: the line of a chunk header, or the last one with the
  // trailers. Each byte is looked at once, as long as nothing is taken off the front.
  bool any_chunk_ = false;
  bool in_trailers_ = false;  // Boost before 1.90 says so only when they have all come
  std::size_t lines_seen_ = 0;
  bool first_line_ended_ = false;
};

}  // namespace upsun::http
