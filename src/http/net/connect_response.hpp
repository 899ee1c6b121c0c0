#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "http/message/io_failure.hpp"

namespace upsun::http {

/// A proxy's response to `CONNECT` (RFC 9110 section 9.3.6). Every 2xx opens the tunnel, which
/// begins right after its head, whatever that says about length or coding; 1xx are skipped; 408,
/// 429 and 5xx say that the host cannot be reached now (`errc::connect_failed`), anything else
/// refuses
/// (`errc::proxy_refused`). Bytes may come in any portions, and the outcome does not depend on
/// where they are cut. Stricter than it has to be: lines end in CRLF, fields are not folded.
class connect_response {
 public:
  connect_response(std::size_t max_bytes, std::size_t max_informational) noexcept
      : max_bytes_(max_bytes), max_informational_(max_informational) {}

  /// Takes in bytes. Not to be called again once it returned `complete` or `failed`. Bytes beyond
  /// the head fail: nothing speaks in a tunnel before the client.
  parse_status feed(std::string_view bytes);
  /// The proxy closed the connection.
  parse_status end_of_stream();
  /// Why it failed. Holds nothing the proxy sent but its status.
  [[nodiscard]] const io_failure& failure() const noexcept { return failure_; }

 private:
  parse_status take_line(std::string_view line);
  parse_status take_status_line(std::string_view line);
  parse_status fail(errc code, std::string cause);

  const std::size_t max_bytes_;
  const std::size_t max_informational_;
  std::size_t bytes_ = 0;
  std::size_t informational_ = 0;
  std::size_t fields_ = 0;  // of the present head
  int status_ = 0;          // zero: its line is still to come
  std::string line_;
  io_failure failure_;
};

}  // namespace upsun::http
