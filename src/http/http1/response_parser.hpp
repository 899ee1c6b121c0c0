#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <upsun/network_options.hpp>
#include <upsun/transport.hpp>

#include "http/message/parse_status.hpp"
#include "http/net/io_failure.hpp"

namespace upsun::http {

/// From bytes to one response: Beast's parser, storing only what is needed, with the checks of RFC
/// 9112 that it leaves out; past it for plain heads. Informational responses (1xx) are skipped.
/// Bytes may come in any portions; the outcome does not depend on where they are cut, but for which
/// of several faults is named.
class response_parser {
 public:
  /// \param validators whether the response's `etag` and `no_store` are read.
  explicit response_parser(const limit_options& limits, bool validators = false);
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
  [[nodiscard]] const io_failure& failure() const noexcept;
  /// The response after `complete`; before that, once the head is complete, what came so far. May
  /// be moved from, until `reset`.
  [[nodiscard]] http_response& response() noexcept;

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
  [[nodiscard]] bool started() const noexcept;
  /// Whether the head of the final response is complete.
  [[nodiscard]] bool in_body() const noexcept;

  /// Of a complete response: whether its framing and its `Connection` field let the connection
  /// carry another exchange. HTTP/1.0 never does.
  [[nodiscard]] bool keep_alive() const noexcept;
  /// `Keep-Alive: timeout=N`, if sent.
  [[nodiscard]] std::optional<std::chrono::seconds> keep_alive_timeout() const noexcept;
  /// How many bytes came after the end of the response: more than none means that the connection
  /// cannot be trusted with another exchange.
  [[nodiscard]] std::size_t extra_bytes() const noexcept;

 private:
  class message;
  class impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace upsun::http
