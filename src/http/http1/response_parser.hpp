#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <upsun/network_options.hpp>
#include <upsun/transport.hpp>

#include "http/message/io_failure.hpp"

namespace upsun::http {

class message_parser;

/// What is read of a response beside its framing.
struct parser_options {
  bool validators = false;  ///< Its `etag` and `no_store`.
  /// The body of a success is taken piece by piece: as it comes, and without a limit. Any other is
  /// limited, and decoded where `content_decoder` can do that.
  bool streams = false;
};

/// A response, and what its head says of the connection.
struct parsed_response {
  http_response response;
  bool reusable = false;  ///< Its framing and its `Connection` field allow another exchange.
  std::optional<std::chrono::seconds> keep_alive_timeout{};
};

/// From bytes to one response: by `read_plain_head` where that can, otherwise by Beast's parser
/// with more checks. Informational responses (1xx) are skipped. Bytes may come in any portions; the
/// outcome does not depend on where they are cut, but for which of several faults is named.
class response_parser {
 public:
  explicit response_parser(const limit_options& limits, parser_options options = {});
  ~response_parser();

  /// Makes ready for the next response.
  void reset();

  /// Takes in bytes; keeps what it cannot use yet. Not to be called again once it returned
  /// `complete` or `failed`, until `reset`.
  parse_status feed(std::string_view bytes);
  /// The stream ended. `announced`: by a TLS close_notify, or on a plain connection, where nothing
  /// announces it.
  parse_status end_of_stream(bool announced);

  /// Why it failed. Holds nothing the server sent.
  [[nodiscard]] const io_failure& failure() const noexcept { return failure_; }
  /// The response after `complete`; before that, once the head is complete, what came so far. May
  /// be moved from, until `reset`.
  [[nodiscard]] http_response& response() noexcept { return result_->response; }

  /// Keeps the memory of what nobody wants any more of a response for the next one.
  void reuse(http_response&& unwanted) noexcept;
  /// Frees such memory.
  void free_buffers() noexcept;

  // For a body that is taken piece by piece, in place of `response`.
  /// The response without its body. Once, when `in_body`.
  [[nodiscard]] http_response take_head();
  /// The part of the body that came since the last time. After `take_head`.
  [[nodiscard]] std::string take_body();

  /// Whether any byte came.
  [[nodiscard]] bool started() const noexcept { return started_; }
  /// Whether the head of the final response is complete.
  [[nodiscard]] bool in_body() const noexcept;

  /// Of a complete response: whether its framing and its `Connection` field let the connection
  /// carry another exchange. HTTP/1.0 never does.
  [[nodiscard]] bool keep_alive() const noexcept { return result_->reusable; }
  /// `Keep-Alive: timeout=N`, if sent.
  [[nodiscard]] std::optional<std::chrono::seconds> keep_alive_timeout() const noexcept {
    return result_->keep_alive_timeout;
  }
  /// How many bytes came after the end of the response: more than none means that the connection
  /// cannot be trusted with another exchange.
  [[nodiscard]] std::size_t extra_bytes() const noexcept { return extra_bytes_; }

 private:
  parse_status parse(std::string_view& bytes, std::size_t seen);
  parse_status begin(std::string_view& bytes, std::size_t seen);
  parse_status begin_message(std::string_view& bytes, std::size_t head_size);
  [[nodiscard]] bool begin_plain(std::string_view& bytes);
  parse_status read_plain_body(std::string_view& bytes);
  parse_status fail(errc code, std::string_view cause);

  const limit_options limits_;
  const parser_options options_;
  std::optional<parsed_response> result_{std::in_place};  // made anew: no large body's memory stays
  bool plain_ = false;                                    // the head was plain
  std::size_t plain_left_ = 0;                            // of its body
  std::unique_ptr<message_parser> message_;  // of any other head, once that is complete
  io_failure failure_;
  std::string pending_;  // not used up yet
  std::size_t extra_bytes_ = 0;
  std::size_t informational_ = 0;
  bool started_ = false;
  std::string next_body_;  // empty
  std::string next_content_type_;
};

}  // namespace upsun::http
