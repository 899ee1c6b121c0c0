#include "http/http2/session.hpp"

#include <nghttp2/nghttp2.h>
#include <boost/beast/http/field.hpp>

#include <algorithm>
#include <array>
#include <exception>
#include <limits>
#include <new>
#include <utility>

#include "http/exchange/pooled_body.hpp"
#include "http/message/content_decoder.hpp"
#include "http/message/response_fields.hpp"

namespace upsun::http {
namespace {

constexpr std::size_t batch_size = 16 * 1024;

// What RFC 9113 section 5.1.2 advises a server to allow at least, assumed until it has said.
constexpr std::size_t streams_before_settings = 100;

// Streams are numbered by odd ids of 31 bits; connections end some before that.
constexpr std::uint32_t last_stream_id = 0x7fff'0000;

// A server that sends so many frames in a row which bring no response forward is broken or hostile.
constexpr std::size_t most_idle_frames = 10'000;
constexpr std::size_t most_idle_bytes = std::size_t{64} * 1024 * 1024;
constexpr std::size_t most_queued_frames = 10'000;

// So many streams that have no exchange any more and do not end: the connection is of no use.
constexpr std::size_t most_left_over = 1'000;

// nghttp2's own limit for the head of a request is 64 KiB, HTTP/1.1 has none.
constexpr std::size_t longest_request_head = std::size_t{64} * 1024 * 1024;

// A head over its limit costs its stream; far over it the connection.
constexpr std::size_t worst_head_factor = 4;

// What tells the PINGs that ask whether the server is there from those behind a reset.
constexpr std::array<std::uint8_t, 8> liveness_ping{'a', 'l', 'i', 'v', 'e'};

std::string_view text_of(const std::uint8_t* data, std::size_t size) noexcept {
  return {reinterpret_cast<const char*>(data), size};
}

std::string named(std::uint32_t code) { return nghttp2_http2_strerror(code); }

bool was_lost(errc code) noexcept {
  return code == errc::connection_closed || code == errc::connection_reset;
}

io_failure asks_for_calm() {
  return {errc::rate_limited, "the server asks for fewer requests: ENHANCE_YOUR_CALM"};
}

void check_memory(int returned) {
  if (returned == NGHTTP2_ERR_NOMEM) throw std::bad_alloc();
}

}  // namespace

/// One exchange on the connection, from its request until nghttp2 has closed the stream.
struct session::stream {
  std::int32_t id = 0;
  std::size_t at = 0;    // in streams_
  exchange_ptr carried;  // also while nobody wants it any more: nghttp2 refers to its text
  bool wanted = true;    // it has no outcome yet
  bool opened = false;   // some of its head is in the output, or beyond
  bool head_sent = false;
  bool reset_by_server = false;
  bool drained = false;  // given up without a reset
  bool head_done = false;
  bool handed_out = false;    // the body, as it comes
  std::size_t body_sent = 0;  // of the text, with all that precedes the body
  http_response response;
  std::optional<response_fields> fields;
  std::unique_ptr<content_decoder> decoder;  // of a coded body
  std::size_t head_bytes = 0;
  std::size_t head_fields = 0;
  std::size_t informational = 0;
};

/// nghttp2's callbacks. An exception must not cross it: it is kept, and thrown once nghttp2 has
/// returned.
struct session::callbacks {
  static session& self(void* user) noexcept { return *static_cast<session*>(user); }

  template <class Action>
  static int guarded(void* user, Action action) noexcept {
    try {
      action(self(user));
    } catch (...) {
      self(user).thrown_ = std::current_exception();
    }
    return self(user).failure_ || self(user).thrown_ ? NGHTTP2_ERR_CALLBACK_FAILURE : 0;
  }

  static int on_begin_frame(nghttp2_session*, const nghttp2_frame_hd*, void* user) noexcept {
    return guarded(user, [](session& s) {
      if (++s.idle_frames_ > most_idle_frames)
        s.break_off({errc::bad_response, "HTTP/2: frames without end and without a response"});
    });
  }
  static int on_begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* user) noexcept {
    return guarded(user, [&](session& s) {
      if (stream* found = s.find(frame->hd.stream_id)) s.begin_head(*found);
    });
  }
  static int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                       std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                       std::uint8_t, void* user) noexcept {
    return guarded(user, [&](session& s) {
      if (stream* found = s.find(frame->hd.stream_id))
        s.take_field(*found, text_of(name, name_size), text_of(value, value_size));
    });
  }
  /// nghttp2 skips what no field may hold. What could be more than one field is an error.
  static int on_invalid_header(nghttp2_session*, const nghttp2_frame*, const std::uint8_t*,
                               std::size_t, const std::uint8_t* value, std::size_t value_size,
                               std::uint8_t, void*) noexcept {
    using namespace std::string_view_literals;
    const bool splits =
        text_of(value, value_size).find_first_of("\0\r\n"sv) != std::string_view::npos;
    return splits ? NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE : 0;
  }
  static int on_data(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* data,
                     std::size_t size, void* user) noexcept {
    return guarded(user, [&](session& s) { s.take_data(id, text_of(data, size)); });
  }
  static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* user) noexcept {
    return guarded(user, [&](session& s) { s.take_frame(*frame); });
  }
  static int before_frame_sent(nghttp2_session*, const nghttp2_frame* frame, void* user) noexcept {
    if (frame->hd.type == NGHTTP2_HEADERS) self(user).note_begun(frame->hd.stream_id);
    return 0;
  }
  /// After a failure, too, since its GOAWAY is to be sent.
  static int on_frame_sent(nghttp2_session*, const nghttp2_frame* frame, void* user) noexcept {
    (void)guarded(user, [&](session& s) { s.note_sent(*frame); });
    return self(user).thrown_ ? NGHTTP2_ERR_CALLBACK_FAILURE : 0;
  }
  static int on_stream_close(nghttp2_session*, std::int32_t id, std::uint32_t code,
                             void* user) noexcept {
    return guarded(user, [&](session& s) {
      if (stream* found = s.find(id)) s.on_closed(*found, code);
    });
  }
  static ssize_t read_body(nghttp2_session*, std::int32_t, std::uint8_t* out, std::size_t size,
                           std::uint32_t* flags, nghttp2_data_source* source, void*) noexcept {
    stream& s = *static_cast<stream*>(source->ptr);
    const std::string_view left = std::string_view(s.carried->bytes).substr(s.body_sent);
    const std::size_t count = std::min(size, left.size());
    std::copy_n(left.data(), count, out);
    s.body_sent += count;
    if (count == left.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(count);
  }

  static nghttp2_option* make_options() {
    nghttp2_option* made = nullptr;
    if (nghttp2_option_new(&made) != 0) throw std::bad_alloc();
    nghttp2_option_set_no_auto_window_update(made, 1);  // see take_data
    nghttp2_option_set_max_send_header_block_length(made, longest_request_head);
    return made;
  }
  static nghttp2_session_callbacks* make() {
    nghttp2_session_callbacks* made = nullptr;
    if (nghttp2_session_callbacks_new(&made) != 0) throw std::bad_alloc();
    nghttp2_session_callbacks_set_on_begin_frame_callback(made, on_begin_frame);
    nghttp2_session_callbacks_set_on_begin_headers_callback(made, on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(made, on_header);
    nghttp2_session_callbacks_set_on_invalid_header_callback(made, on_invalid_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(made, on_frame);
    nghttp2_session_callbacks_set_before_frame_send_callback(made, before_frame_sent);
    nghttp2_session_callbacks_set_on_frame_send_callback(made, on_frame_sent);
    nghttp2_session_callbacks_set_on_stream_close_callback(made, on_stream_close);
    return made;
  }
};

session::session(const session_settings& settings) : settings_(settings) {
  // Constant, and never freed: connections may outlive whoever made them.
  static nghttp2_session_callbacks* const made = callbacks::make();
  static nghttp2_option* const options = callbacks::make_options();
  if (nghttp2_session_client_new2(&frames_, made, this, options) != 0) throw std::bad_alloc();
  const std::array<nghttp2_settings_entry, 3> ours{
      {{NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
       {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, settings_.stream_window},
       {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE,
        static_cast<std::uint32_t>(settings_.limits.header_bytes)}}};
  check_memory(nghttp2_submit_settings(frames_, NGHTTP2_FLAG_NONE, ours.data(), ours.size()));
  // The setting is of streams only (RFC 9113 section 6.9.2).
  check_memory(nghttp2_session_set_local_window_size(
      frames_, NGHTTP2_FLAG_NONE, 0, static_cast<std::int32_t>(settings_.connection_window)));
}

session::~session() { nghttp2_session_del(frames_); }

// ---- exchanges

void session::begin(exchange_ptr e) {
  streams_.reserve(streams_.size() + 1);
  read_request(e->bytes, settings_.tls, fields_);
  auto made = std::make_unique<stream>();
  made->body_sent = fields_.body_at;
  nghttp2_data_provider body{.source = {.ptr = made.get()}, .read_callback = callbacks::read_body};
  const bool has_body = fields_.body_at < e->bytes.size();
  made->carried = std::move(e);
  const std::int32_t id =
      nghttp2_submit_request(frames_, nullptr, fields_.list.data(), fields_.list.size(),
                             has_body ? &body : nullptr, made.get());
  if (id < 0) throw std::bad_alloc();  // ids do not run out: see `capacity`
  made->id = id;
  made->at = streams_.size();
  streams_.push_back(std::move(made));
  ++live_;
}

session::stream* session::find(const exchange& e) const noexcept {
  const auto found = std::find_if(streams_.begin(), streams_.end(), [&](const auto& each) {
    return each->wanted && each->carried.get() == &e;
  });
  return found == streams_.end() ? nullptr : found->get();
}

std::optional<phase> session::cancel(const exchange& e, time_point now) {
  stream* const carrier = find(e);
  if (carrier == nullptr) return std::nullopt;
  const phase reached = phase_of(*carrier);
  carrier->wanted = false;
  --live_;
  reset_at_ = now;
  reset_drained(now);
  // What is handed out may take for ever to drain.
  if (carrier->opened && !resets_.take(now) && !carrier->handed_out) {
    carrier->drained = true;
    ++drained_;
    return reached;
  }
  check_memory(nghttp2_submit_rst_stream(frames_, NGHTTP2_FLAG_NONE, carrier->id, NGHTTP2_CANCEL));
  if (streams_.size() - live_ > most_left_over) going_away_ = true;
  if (!carrier->opened) return reached;
  ++unseen_resets_;
  return reached;
}

phase session::phase_of(const stream& s) noexcept {
  if (!s.opened) return phase::queue;
  if (s.head_done) return phase::read_body;
  const bool sent = s.head_sent && s.body_sent == s.carried->bytes.size();
  return sent ? phase::read_head : phase::write;
}

/// Those that were drained since there had been too many resets.
void session::reset_drained(time_point now) {
  while (drained_ > 0 && resets_.take(now)) {
    const auto found = std::find_if(streams_.begin(), streams_.end(),
                                    [](const auto& each) { return each->drained; });
    (*found)->drained = false;
    --drained_;
    ++unseen_resets_;
    check_memory(
        nghttp2_submit_rst_stream(frames_, NGHTTP2_FLAG_NONE, (*found)->id, NGHTTP2_CANCEL));
  }
}

void session::give_back(const exchange& e, std::size_t bytes) {
  if (const stream* s = find(e))
    check_memory(nghttp2_session_consume_stream(frames_, s->id, bytes));
}

bool session::probe(time_point now) {
  reset_drained(now);
  if (live_ == 0 || now - now_ < silence) return true;
  if (probed_ > now_) return now - probed_ < silence;
  probed_ = now;
  check_memory(nghttp2_submit_ping(frames_, NGHTTP2_FLAG_NONE, liveness_ping.data()));
  return true;
}

/// The server counts a stream until it has seen its reset, which it has once it answers a PING that
/// came behind it. PINGs are not sent on and on while nothing comes: servers take that for an
/// attack.
void session::probe_resets() {
  if (probed_resets_ > 0 || unseen_resets_ == 0) return;
  if (!std::exchange(may_probe_, false)) {
    unseen_resets_ = 0;
    return;
  }
  probed_resets_ = unseen_resets_;
  check_memory(nghttp2_submit_ping(frames_, NGHTTP2_FLAG_NONE, nullptr));
}

void session::on_pong(const nghttp2_ping& pong) {
  if (std::equal(liveness_ping.begin(), liveness_ping.end(), pong.opaque_data)) return;
  unseen_resets_ -= probed_resets_;
  probed_resets_ = 0;
  probe_resets();
}

std::size_t session::capacity() const noexcept {
  if (going_away_ || failure_ || wants_http1_ ||
      nghttp2_session_get_next_stream_id(frames_) > last_stream_id)
    return 0;
  const std::size_t limit = allowed();
  const std::size_t taken = unseen_resets_ + drained_;
  // One at least: nghttp2 keeps a request back while the server allows none.
  return limit > taken ? limit - taken : 1;
}

std::size_t session::allowed() const noexcept {
  return has_settings_
             ? nghttp2_session_get_remote_settings(frames_, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS)
             : streams_before_settings;
}

void session::end_all(const io_failure& why, bool kept, bool by_us) {
  bool first = failure_ && failure_->code == errc::bad_response;
  for (const auto& each : streams_) {
    stream& s = *each;
    if (!s.wanted) continue;
    fail(s, asked_for_calm_ ? asks_for_calm() : why, !s.opened && !asked_for_calm_);
    outcomes_.back().stale = (kept || s.carried->leased_idle) && was_lost(why.code) && !by_us &&
                             !asked_for_calm_ && s.carried->first_byte == time_point{};
    outcomes_.back().verdict = release_verdict::failed;
    outcomes_.back().broke_http2 = std::exchange(first, false);
  }
  if (!failure_) failure_ = why;
}

std::vector<exchange_outcome> session::take_outcomes() { return std::exchange(outcomes_, {}); }

// ---- bytes

void session::feed(std::string_view bytes, time_point now) {
  if (failure_) return;
  // Floods are quicker than this.
  if (now - now_ > std::chrono::seconds(1)) idle_frames_ = idle_bytes_ = 0;
  now_ = now;
  if (probed_resets_ > 0 && now - reset_at_ > silence) unseen_resets_ = probed_resets_ = 0;
  reset_drained(now);
  if ((idle_bytes_ += bytes.size()) > most_idle_bytes)
    return break_off({errc::bad_response, "HTTP/2: frames without end and without a response"});
  const auto taken = nghttp2_session_mem_recv(
      frames_, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
  if (failure_) return;
  if (taken < 0)
    return break_off(
        {errc::bad_response, std::string("HTTP/2: ") + nghttp2_strerror(static_cast<int>(taken))});
  if (nghttp2_session_get_outbound_queue_size(frames_) > most_queued_frames)
    return break_off({errc::bad_response, "HTTP/2: answers without end are asked for"});
  // nghttp2 has found a fault, and says which in the GOAWAY that it sends.
  if (!going_away_ && nghttp2_session_check_request_allowed(frames_) == 0) {
    fill_output(std::numeric_limits<std::size_t>::max());
    if (!failure_) failure_ = {errc::bad_response, "HTTP/2: a broken rule"};
  }
}

std::string_view session::output() {
  if (out_sent_ == out_.size()) {
    out_.clear();
    out_sent_ = 0;
    fill_output(batch_size);
  }
  return std::string_view(out_).substr(out_sent_);
}

void session::fill_output(std::size_t until) {
  while (out_.size() < until) {
    const std::uint8_t* bytes = nullptr;
    const auto size = nghttp2_session_mem_send(frames_, &bytes);
    if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
    if (size == NGHTTP2_ERR_NOMEM) throw std::bad_alloc();
    if (size <= 0) break;
    out_.append(text_of(bytes, static_cast<std::size_t>(size)));
  }
}

void session::sent(std::size_t count) noexcept { out_sent_ += count; }

void session::say_goodbye() {
  going_away_ = true;
  check_memory(nghttp2_submit_goaway(frames_, NGHTTP2_FLAG_NONE, 0, NGHTTP2_NO_ERROR, nullptr, 0));
}

/// Breaks the connection off for a fault of the server's.
void session::break_off(io_failure why) {
  if (failure_) return;
  failure_ = std::move(why);
  check_memory(nghttp2_session_terminate_session(frames_, NGHTTP2_PROTOCOL_ERROR));
}

// ---- frames

session::stream* session::find(std::int32_t id) const noexcept {
  return static_cast<stream*>(nghttp2_session_get_stream_user_data(frames_, id));
}

void session::note_begun(std::int32_t id) {
  stream* const s = find(id);
  if (s == nullptr) return;
  s->opened = true;
  if (!s->wanted) return;
  exchange& e = *s->carried;
  e.offered = true;
  e.written = e.bytes.size();
  if (e.observed) e.sent = std::chrono::steady_clock::now();
}

void session::note_sent(const nghttp2_frame& frame) {
  if (frame.hd.type == NGHTTP2_HEADERS) {
    if (stream* s = find(frame.hd.stream_id)) s->head_sent = true;
  } else if (frame.hd.type == NGHTTP2_RST_STREAM) {
    if (frame.rst_stream.error_code == NGHTTP2_CANCEL) probe_resets();
  } else if (frame.hd.type == NGHTTP2_GOAWAY && frame.goaway.error_code != NGHTTP2_NO_ERROR &&
             !failure_) {
    failure_ = {errc::bad_response, "HTTP/2: " + named(frame.goaway.error_code)};
  }
}

void session::note_progress() noexcept {
  idle_frames_ = idle_bytes_ = 0;
  may_probe_ = true;
}

void session::take_frame(const nghttp2_frame& frame) {
  const bool is_last = (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
  switch (frame.hd.type) {
    case NGHTTP2_HEADERS:
    case NGHTTP2_DATA:
      if (stream* s = find(frame.hd.stream_id)) {
        if (frame.hd.type == NGHTTP2_HEADERS) end_head(*s);
        if (is_last) end_stream(*s);
      }
      break;
    case NGHTTP2_RST_STREAM:
      if (stream* s = find(frame.hd.stream_id)) s->reset_by_server = true;
      break;
    case NGHTTP2_SETTINGS: has_settings_ = true; break;
    case NGHTTP2_PING:
      if ((frame.hd.flags & NGHTTP2_FLAG_ACK) != 0) on_pong(frame.ping);
      break;
    case NGHTTP2_GOAWAY: on_goaway(frame.goaway.error_code); break;
    default: break;
  }
}

void session::begin_head(stream& s) {
  if (s.head_done || !s.wanted) return;  // trailers
  if (s.carried->first_byte == time_point{}) s.carried->first_byte = now_;
  s.response = {};
  s.fields.emplace(s.response, settings_.validators);
}

void session::take_field(stream& s, std::string_view name, std::string_view value) {
  constexpr std::size_t entry_overhead = 32;  // RFC 9113 section 10.5.1
  s.head_bytes += name.size() + value.size() + entry_overhead;
  if (s.head_bytes / worst_head_factor > settings_.limits.header_bytes)
    return break_off({errc::header_limit, "limits.header_bytes"});
  if (!s.wanted) return;
  if (s.head_bytes > settings_.limits.header_bytes)
    return refuse(s, errc::header_limit, "limits.header_bytes");
  if (name.starts_with(':')) {  // nghttp2 lets none but the status through, with three digits
    for (const char c : value) s.response.status = s.response.status * 10 + (c - '0');
    return;
  }
  if (++s.head_fields > settings_.limits.header_fields)
    return refuse(s, errc::header_limit, "limits.header_fields");
  if (!s.head_done)
    s.fields->take(boost::beast::http::string_to_field({name.data(), name.size()}), name, value);
}

void session::end_head(stream& s) {
  if (!s.wanted || s.head_done) return;
  const int status = s.response.status;
  if (status == 101) return refuse(s, errc::unexpected_protocol, "101 Switching Protocols");
  if (status / 100 == 1) {
    if (++s.informational > settings_.limits.informational_responses)
      refuse(s, errc::header_limit, "limits.informational_responses");
    return;
  }
  note_progress();
  s.fields->end();
  s.head_done = true;
  if (!s.carried->body || status / 100 != 2) {
    s.decoder = take_coding(s.response, settings_.limits.body_bytes);
    return;
  }
  s.handed_out = true;
  exchange_outcome& outcome = outcomes_.emplace_back();
  outcome.finished = s.carried;
  outcome.is_head = true;
  outcome.response.emplace(finished_response(s));
}

/// All that came is given back to the connection's window at once, and to the stream's, but for
/// what is handed out: that when it has been read.
void session::take_data(std::int32_t id, std::string_view bytes) {
  check_memory(nghttp2_session_consume_connection(frames_, bytes.size()));
  stream* const found = find(id);
  if (found == nullptr || bytes.empty()) return;
  stream& s = *found;
  const std::size_t read =
      s.wanted && s.handed_out ? s.carried->body->on_data(bytes) : bytes.size();
  check_memory(nghttp2_session_consume_stream(frames_, id, read));
  if (!s.wanted) return;
  note_progress();
  if (s.handed_out) return;
  if (s.decoder) {
    const auto failed = s.decoder->decode(bytes, s.response.body);
    if (failed) refuse(s, failed->code, failed->cause);
    return;
  }
  if (s.response.body.size() + bytes.size() > settings_.limits.body_bytes)
    return refuse(s, errc::body_limit, "limits.body_bytes");
  s.response.body.append(bytes);
}

/// The response, or its head, as handed on.
http_response session::finished_response(stream& s) const {
  const exchange& e = *s.carried;
  s.response.reused_connection = e.reused;
  s.response.protocol_version = "2";
  s.response.timings = {.queue = e.leased - e.admitted,
                        .first_byte = e.first_byte - e.leased,
                        .transfer = now_ - e.first_byte};
  return std::move(s.response);
}

/// The response is complete: a success even when the request is not.
void session::end_stream(stream& s) {
  if (!s.wanted || !s.head_done) return;
  const auto cut_off = s.decoder ? s.decoder->end() : std::nullopt;
  if (cut_off) return refuse(s, cut_off->code, cut_off->cause);
  exchange& e = *s.carried;
  s.wanted = false;
  --live_;
  exchange_outcome& outcome = outcomes_.emplace_back();
  outcome.finished = s.carried;
  outcome.at = now_;
  outcome.verdict = release_verdict::reusable;
  outcome.misdirected = s.response.status == 421;
  outcome.response.emplace(finished_response(s));
  if (s.body_sent < e.bytes.size())
    check_memory(nghttp2_submit_rst_stream(frames_, NGHTTP2_FLAG_NONE, s.id, NGHTTP2_NO_ERROR));
}

/// nghttp2 closes the streams that the server has not processed.
void session::on_goaway(std::uint32_t code) {
  going_away_ = true;
  asked_for_calm_ = asked_for_calm_ || code == NGHTTP2_ENHANCE_YOUR_CALM;
  for (const auto& each : streams_) {
    stream& s = *each;
    if (!s.wanted || s.opened) continue;
    fail(s,
         asked_for_calm_ ? asks_for_calm()
                         : io_failure{errc::connection_closed, "the server closes the connection"},
         !asked_for_calm_);
    check_memory(nghttp2_submit_rst_stream(frames_, NGHTTP2_FLAG_NONE, s.id, NGHTTP2_CANCEL));
  }
}

void session::on_closed(stream& s, std::uint32_t code) {
  if (s.drained) --drained_;
  if (s.wanted) {
    const bool wants_http1 = code == NGHTTP2_HTTP_1_1_REQUIRED;
    const bool was_refused = code == NGHTTP2_REFUSED_STREAM || wants_http1 || !s.opened;
    const bool unprocessed = was_refused && !s.head_done;
    const bool is_ours = !s.reset_by_server && !was_refused;
    const bool calm = code == NGHTTP2_ENHANCE_YOUR_CALM || asked_for_calm_;
    if (wants_http1) wants_http1_ = true;
    if (calm && !is_ours) {
      fail(s, asks_for_calm(), false);
      if (unprocessed) outcomes_.back().failed_in = phase::queue;
    } else if (is_ours) {
      fail(s, {errc::bad_response, "a malformed response over HTTP/2"}, false);
    } else {
      fail(s, {errc::connection_reset, "the server reset the stream: " + named(code)}, unprocessed);
      outcomes_.back().wants_http1 = wants_http1;
    }
  }
  remove(s);
}

/// Resets the stream for a fault of its response.
void session::refuse(stream& s, errc code, std::string_view cause) {
  fail(s, {code, std::string(cause)}, false);
  check_memory(nghttp2_submit_rst_stream(frames_, NGHTTP2_FLAG_NONE, s.id, NGHTTP2_CANCEL));
}

void session::fail(stream& s, io_failure why, bool unprocessed) {
  s.wanted = false;
  --live_;
  s.decoder.reset();  // the server may take its time to end the stream
  std::string().swap(s.response.body);
  exchange_outcome& outcome = outcomes_.emplace_back();
  outcome.finished = s.carried;
  outcome.failure = std::move(why);
  outcome.unprocessed = unprocessed;
  outcome.verdict = release_verdict::reusable;
  outcome.failed_in = phase_of(s);
}

void session::remove(stream& s) {
  const std::size_t at = s.at;
  std::swap(streams_[at], streams_.back());
  streams_[at]->at = at;
  streams_.pop_back();
}

}  // namespace upsun::http
