#pragma once

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace upsun::http::test {

using field_list = std::vector<std::pair<std::string, std::string>>;

/// A frame as bytes (RFC 9113 section 4.1), well-formed or not.
[[nodiscard]] std::string frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream,
                                std::string_view payload = {});
/// Big-endian, in so many bytes.
[[nodiscard]] std::string number(std::uint64_t value, std::size_t bytes);

/// The server's side of an HTTP/2 connection by hand: makes frames, and reads those of a client. It
/// checks nothing, so that it can break every rule.
class scripted_peer {
 public:
  scripted_peer();
  scripted_peer(const scripted_peer&) = delete;
  scripted_peer& operator=(const scripted_peer&) = delete;
  ~scripted_peer();

  // What a server sends.
  [[nodiscard]] static std::string settings(
      std::initializer_list<std::pair<std::uint16_t, std::uint32_t>> values = {});
  [[nodiscard]] static std::string settings_ack() { return frame(NGHTTP2_SETTINGS, 1, 0); }
  [[nodiscard]] static std::string data(std::uint32_t stream, std::string_view bytes, bool last);
  [[nodiscard]] static std::string reset(std::uint32_t stream, std::uint32_t code);
  [[nodiscard]] static std::string goaway(std::uint32_t last_stream, std::uint32_t code = 0);
  [[nodiscard]] static std::string ping(std::string_view eight_bytes, bool ack);
  [[nodiscard]] static std::string window_update(std::uint32_t stream, std::uint32_t by);
  /// A header block (RFC 7541). Its dynamic table is the connection's: make them in the order in
  /// which they are sent.
  [[nodiscard]] std::string block(const field_list& fields);
  [[nodiscard]] std::string headers(std::uint32_t stream, const field_list& fields, bool last);
  /// A whole response of status 200 and JSON.
  [[nodiscard]] std::string response(std::uint32_t stream, std::string_view body);

  // What a client sent.
  struct received {
    std::uint8_t type;
    std::uint8_t flags;
    std::uint32_t stream;
    std::string payload;  ///< Of a HEADERS frame with that of its CONTINUATION frames.
    field_list fields;    ///< Of a HEADERS frame, decoded.
  };
  /// Takes in bytes, the preface first, and returns the frames that are complete.
  std::vector<received> read(std::string_view bytes);

 private:
  [[nodiscard]] field_list decode(const received& head);

  nghttp2_hd_deflater* deflater_ = nullptr;
  nghttp2_hd_inflater* inflater_ = nullptr;
  std::string unread_;
  std::optional<received> head_;  // without its end
  bool preface_read_ = false;
};

}  // namespace upsun::http::test
