#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <upsun/network_options.hpp>

#include "http/exchange/exchange.hpp"
#include "http/http2/request_fields.hpp"
#include "http/http2/reset_budget.hpp"
#include "http/message/io_failure.hpp"

namespace upsun::http {

struct session_settings {
  limit_options limits;
  bool validators = false;  ///< As for `response_fields`.
  bool tls = true;          ///< Of the scheme.
  std::uint32_t stream_window = 256 * 1024;
  std::uint32_t connection_window = 8 * 1024 * 1024;
};

/// One HTTP/2 connection (RFC 9113) as bytes in and bytes out, without socket and clock: exchanges
/// become streams, frames become outcomes. nghttp2 does frames, HPACK and flow control; the limits
/// and the meaning for exchanges are here.
///
/// Nothing that a server does makes it hold more than: for each stream its head, up to the limits,
/// and its body; 1,000 frames that answer the server's, which then ends the connection.
class session {
 public:
  explicit session(const session_settings& settings);
  session(const session&) = delete;
  session& operator=(const session&) = delete;
  ~session();

  /// Opens a stream for `e`.
  void begin(exchange_ptr e);
  /// Gives `e` up; it is not among the outcomes then. The stream is reset, or drained when too many
  /// were reset lately.
  ///
  /// \return how far it had come, nothing when it is not carried. `phase::queue`: nothing of it has
  /// been sent, nor will be.
  std::optional<upsun::phase> cancel(const exchange& e, time_point now);
  /// So many bytes of the body handed out for `e` have been read.
  void give_back(const exchange& e, std::size_t bytes);
  /// Asks a server from which nothing came for `silence` while streams are open whether it is
  /// still there. False: it has not answered for as long.
  [[nodiscard]] bool probe(time_point now);
  static constexpr duration silence = std::chrono::seconds(15);
  /// Takes in what the server sent.
  void feed(std::string_view bytes, time_point now);
  /// Says that no stream will be opened any more (GOAWAY).
  void say_goodbye();

  /// What is to be sent next; empty: nothing. Up to a batch of frames.
  [[nodiscard]] std::string_view output();
  /// So many bytes of it have been sent.
  void sent(std::size_t count) noexcept;

  /// The exchanges that have ended since the last call. Their verdict is as for a stream of its
  /// own: the connection goes on, unless it has failed.
  [[nodiscard]] std::vector<exchange_outcome> take_outcomes();
  [[nodiscard]] bool has_outcomes() const noexcept { return !outcomes_.empty(); }
  /// Ends all exchanges, which the connection's end does. \param kept  it had been used before
  /// \param by_us  the server has not ended it
  void end_all(const io_failure& why, bool kept, bool by_us = false);

  /// The connection is broken, by the server or for breaking a rule: its output is still to be
  /// sent.
  [[nodiscard]] const std::optional<io_failure>& failure() const noexcept { return failure_; }
  /// How many streams may be open. Zero: no more, ever.
  [[nodiscard]] std::size_t capacity() const noexcept;
  /// How many the server allows.
  [[nodiscard]] std::size_t allowed() const noexcept;
  [[nodiscard]] std::size_t open_streams() const noexcept { return live_; }

 private:
  struct stream;
  struct callbacks;

  [[nodiscard]] stream* find(std::int32_t id) const noexcept;
  [[nodiscard]] stream* find(const exchange& e) const noexcept;
  [[nodiscard]] static upsun::phase phase_of(const stream& s) noexcept;
  void begin_head(stream& s);
  void take_field(stream& s, std::string_view name, std::string_view value);
  void end_head(stream& s);
  void end_stream(stream& s);
  [[nodiscard]] http_response finished_response(stream& s) const;
  void take_data(std::int32_t id, std::string_view bytes);
  void on_goaway(std::uint32_t code);
  void on_closed(stream& s, std::uint32_t code);
  void take_frame(const nghttp2_frame& frame);
  void note_begun(std::int32_t id);
  void note_sent(const nghttp2_frame& frame);
  void note_progress() noexcept;
  void on_pong(const nghttp2_ping& pong);
  void refuse(stream& s, errc code, std::string_view cause);
  void fail(stream& s, io_failure why, bool unprocessed);
  void break_off(io_failure why);
  void remove(stream& s);
  void probe_resets();
  void reset_drained(time_point now);
  void fill_output(std::size_t until);

  const session_settings settings_;
  nghttp2_session* frames_ = nullptr;
  std::vector<std::unique_ptr<stream>> streams_;
  std::size_t live_ = 0;   // with an exchange that has not ended
  request_fields fields_;  // members, so that requests do not allocate
  std::vector<exchange_outcome> outcomes_;
  std::string out_;
  std::size_t out_sent_ = 0;
  time_point now_{};  // of the bytes that are taken in, or were last
  time_point probed_{};
  std::optional<io_failure> failure_;
  std::exception_ptr thrown_;
  reset_budget resets_;
  std::size_t drained_ = 0;        // streams that are given up and not reset
  std::size_t unseen_resets_ = 0;  // which the server may not have seen yet
  std::size_t probed_resets_ = 0;  // of these, seen when the PING comes back
  bool may_probe_ = true;          // something but a PING came since the last one
  time_point reset_at_{};          // the last time
  std::size_t idle_frames_ = 0;    // frames without progress, one after another
  std::size_t idle_bytes_ = 0;     // likewise
  bool has_settings_ = false;
  bool going_away_ = false;
  bool asked_for_calm_ = false;
  bool wants_http1_ = false;
};

}  // namespace upsun::http
