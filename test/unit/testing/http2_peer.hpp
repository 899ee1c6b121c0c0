#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "blocking_client.hpp"
#include "unit/http/http2/scripted_peer.hpp"

namespace upsun::testing {

/// A client of HTTP/2 that shares nothing with the library's own: frames by hand, over a blocking
/// connection.
class http2_peer {
 public:
  using frame = upsun::http::test::scripted_peer::received;
  using fields = upsun::http::test::field_list;

  explicit http2_peer(const sandbox& server);

  /// What came on one stream.
  struct response {
    std::string status;  ///< Empty: there was no head.
    fields head;
    std::string body;
    std::size_t frames = 0;  ///< Of DATA.
    bool ended = false;      ///< By END_STREAM.
    std::optional<std::uint32_t> reset;
  };

  void send(std::string_view frames) { client_.send(frames); }
  /// The head of a request.
  [[nodiscard]] std::string request(std::uint32_t stream, std::string_view path,
                                    std::string_view method = "GET", bool last = true,
                                    const fields& more = {});
  /// Reads to the end of this stream, or of the connection. Frames of other streams are kept.
  response receive(std::uint32_t stream);
  response get(std::uint32_t stream, std::string_view path);
  /// The next frame of this type, skipping those before it; none: the connection has ended.
  std::optional<frame> next(std::uint8_t type);
  [[nodiscard]] blocking_client& connection() noexcept { return client_; }
  /// How many frames of this type have been read.
  [[nodiscard]] std::size_t count(std::uint8_t type) const { return counts_[type]; }

 private:
  std::optional<frame> read();

  std::string token_;
  blocking_client client_;
  upsun::http::test::scripted_peer coder_;
  std::deque<frame> unread_;
  std::size_t counts_[256]{};
};

/// Its value, of the bytes of a frame.
[[nodiscard]] std::uint32_t number_in(std::string_view bytes);

}  // namespace upsun::testing
