#pragma once

#include <nghttp2/nghttp2.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "testing/sandbox_state.hpp"
#include "testing/server_stream.hpp"

namespace upsun::testing {

/// The server's side of HTTP/2 on one connection: streams become requests, responses become frames,
/// faults what they are on a stream. Used on one thread.
class sandbox_http2 : public std::enable_shared_from_this<sandbox_http2> {
 public:
  /// \param keeps_stream keeps `stream` alive; `state` must outlive this.
  sandbox_http2(sandbox_state& state, server_stream& stream, std::shared_ptr<void> keeps_stream);
  sandbox_http2(const sandbox_http2&) = delete;
  sandbox_http2& operator=(const sandbox_http2&) = delete;
  ~sandbox_http2();

  /// Serves until the connection ends. \param already_read the client's first bytes, by which its
  /// version was recognised
  task<void> run(std::string_view already_read);
  void set_max_streams(std::uint32_t most);

 private:
  struct callbacks;
  struct request_stream;

  void take(std::string_view bytes);
  void take_field(request_stream& s, std::string_view name, std::string_view value);
  void take_body(request_stream& s, std::string_view bytes);
  void take_frame(const nghttp2_frame& frame);
  void begin(request_stream& s);
  void respond(std::int32_t id);
  /// \param most after so many bytes of the body it is cut short; with zero there is no head either
  void send(request_stream& s, const reply& response, std::size_t most);
  void send_all(request_stream& s, const reply& response);
  void follow(request_stream& s, log_reader& log);
  [[nodiscard]] std::ptrdiff_t take_out(request_stream& s, std::uint8_t* out, std::size_t size,
                                        std::uint32_t& flags);
  void cut_short(request_stream& s);
  void note_sent(const nghttp2_frame& frame);
  void set(std::int32_t setting, std::uint32_t value);

  void gather();
  task<void> write_all(std::shared_ptr<sandbox_http2> self);
  [[nodiscard]] request_stream* find(std::int32_t id) noexcept;

  enum class closing { no, with_fin, with_reset, at_once };

  sandbox_state& state_;
  server_stream& stream_;
  const std::shared_ptr<void> keeps_stream_;
  nghttp2_session* frames_ = nullptr;
  std::map<std::int32_t, request_stream> streams_;
  std::vector<std::int32_t> complete_;  // requests that have been read and not begun
  std::string out_;
  std::string behind_;             // bytes that follow the frame that is being sent
  closing closing_ = closing::no;  // once `out_` is written
  bool over_ = false;              // nothing is read any more
  bool updates_windows_ = true;
  bool closes_after_goaway_ = false;
  std::int32_t last_processed_ = std::numeric_limits<std::int32_t>::max();
  context_timer timer_;  // `write_all` waits for something to write
};

}  // namespace upsun::testing
