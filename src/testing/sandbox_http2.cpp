#include "testing/sandbox_http2.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/string.hpp>

#include <algorithm>
#include <array>
#include <new>
#include <optional>
#include <utility>

namespace upsun::testing {
namespace asio = boost::asio;
namespace {

constexpr std::size_t record_size = 16 * 1024;
constexpr std::size_t batch_size = 4 * record_size;
constexpr std::size_t most_pings = 1'000'000;
constexpr std::string_view ping("\0\0\x08\x06\0\0\0\0\0sandbox!", 17);
constexpr std::size_t everything = std::numeric_limits<std::size_t>::max();

std::string_view text_of(const std::uint8_t* data, std::size_t size) noexcept {
  return {reinterpret_cast<const char*>(data), size};
}

/// What nghttp2 copies.
std::vector<nghttp2_nv> listed(const header_list& fields) {
  const auto bytes = [](const std::string& text) {
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
  };
  std::vector<nghttp2_nv> list;
  list.reserve(fields.size());
  for (const auto& [name, value] : fields)
    list.push_back({bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
  return list;
}

std::uint32_t clamped(std::size_t value) noexcept {
  return static_cast<std::uint32_t>(
      std::min<std::size_t>(value, std::numeric_limits<std::uint32_t>::max()));
}

/// Whether the response says that the request was not processed.
bool says_unprocessed(const fault& what) noexcept {
  return what.kind == fault_kind::goaway_now ||
         (what.kind == fault_kind::reset_stream && what.at == 0 &&
          (what.code == NGHTTP2_REFUSED_STREAM || what.code == NGHTTP2_HTTP_1_1_REQUIRED));
}

}  // namespace

/// A stream from its request until nghttp2 closes it.
struct sandbox_http2::request_stream {
  request_stream(std::int32_t i, sandbox_counters& c) : id(i), counters(c) {
    counters.stream_opened();
  }
  request_stream(const request_stream&) = delete;
  request_stream& operator=(const request_stream&) = delete;
  ~request_stream() { counters.stream_closed(); }

  const std::int32_t id;
  sandbox_counters& counters;

  // The request.
  std::string method;
  std::string target;
  std::string authorization;
  std::string content_type;
  std::string if_none_match;
  std::string accept_encoding;
  std::string body;
  bool expects_continue = false;
  bool read = false;  // to its end, or far enough to refuse it

  // The response.
  fault what;
  reply_ptr regular;
  std::optional<context_timer> timer;  // until it is due
  std::string out;                     // of its body, what may be sent
  std::size_t sent = 0;                // of that
  bool is_cut = false;                 // it ends after `out`, by `what`
  std::shared_ptr<log_reader> log;     // what comes behind `out`
};

// ---- frames to requests

struct sandbox_http2::callbacks {
  static sandbox_http2& self(void* user) noexcept { return *static_cast<sandbox_http2*>(user); }

  static int on_begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* user) noexcept {
    sandbox_http2& s = self(user);
    const std::int32_t id = frame->hd.stream_id;
    if (frame->headers.cat == NGHTTP2_HCAT_REQUEST)
      s.streams_.try_emplace(id, id, s.state_.counters);
    return 0;
  }
  static int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                       std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                       std::uint8_t, void* user) noexcept {
    if (request_stream* s = self(user).find(frame->hd.stream_id))
      self(user).take_field(*s, text_of(name, name_size), text_of(value, value_size));
    return 0;
  }
  static int on_data(nghttp2_session* frames, std::uint8_t, std::int32_t id,
                     const std::uint8_t* data, std::size_t size, void* user) noexcept {
    if (self(user).updates_windows_) nghttp2_session_consume(frames, id, size);
    if (request_stream* s = self(user).find(id)) self(user).take_body(*s, text_of(data, size));
    return 0;
  }
  static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* user) noexcept {
    self(user).take_frame(*frame);
    return 0;
  }
  static int on_frame_sent(nghttp2_session*, const nghttp2_frame* frame, void* user) noexcept {
    self(user).note_sent(*frame);
    return 0;
  }
  static int on_closed(nghttp2_session*, std::int32_t id, std::uint32_t, void* user) noexcept {
    self(user).streams_.erase(id);
    return 0;
  }
  static ssize_t read_body(nghttp2_session*, std::int32_t id, std::uint8_t* out, std::size_t size,
                           std::uint32_t* flags, nghttp2_data_source*, void* user) noexcept {
    request_stream* s = self(user).find(id);
    if (s == nullptr) return NGHTTP2_ERR_DEFERRED;
    return self(user).take_out(*s, out, size, *flags);
  }

  static nghttp2_session* make_session(sandbox_http2& user) {
    nghttp2_session_callbacks* chosen = nullptr;
    nghttp2_option* options = nullptr;
    nghttp2_session* made = nullptr;
    if (nghttp2_session_callbacks_new(&chosen) != 0 || nghttp2_option_new(&options) != 0)
      throw std::bad_alloc();
    nghttp2_session_callbacks_set_on_begin_headers_callback(chosen, on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(chosen, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(chosen, on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(chosen, on_frame);
    nghttp2_session_callbacks_set_on_frame_send_callback(chosen, on_frame_sent);
    nghttp2_session_callbacks_set_on_stream_close_callback(chosen, on_closed);
    nghttp2_option_set_no_auto_window_update(options, 1);
    nghttp2_option_set_max_send_header_block_length(options, std::size_t{1} << 26U);
    const int failure = nghttp2_session_server_new2(&made, chosen, &user, options);
    nghttp2_option_del(options);
    nghttp2_session_callbacks_del(chosen);
    if (failure != 0) throw std::bad_alloc();
    return made;
  }
};

sandbox_http2::sandbox_http2(sandbox_state& state, server_stream& stream,
                             std::shared_ptr<void> keeps_stream)
    : state_(state),
      stream_(stream),
      keeps_stream_(std::move(keeps_stream)),
      frames_(callbacks::make_session(*this)),
      timer_(stream.get_executor()) {
  set(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, state_.max_streams);
}

sandbox_http2::~sandbox_http2() { nghttp2_session_del(frames_); }

sandbox_http2::request_stream* sandbox_http2::find(std::int32_t id) noexcept {
  const auto found = streams_.find(id);
  return found != streams_.end() ? &found->second : nullptr;
}

task<void> sandbox_http2::run(std::string_view already_read) {
  const auto self = shared_from_this();
  asio::co_spawn(stream_.get_executor(), write_all(self), asio::detached);
  take(already_read);
  std::array<char, record_size> bytes{};
  for (;;) {
    const std::size_t size = co_await stream_.read_some(asio::buffer(bytes));
    if (size == 0) break;
    take({bytes.data(), size});
  }
  over_ = true;
  streams_.clear();
  timer_.cancel();
  // A socket that is closed with unread bytes sends a reset, which may overtake what was sent. They
  // are read below TLS, which reads nothing behind its end.
  for (std::size_t size = 1; size > 0;) size = co_await stream_.read_raw(asio::buffer(bytes));
}

void sandbox_http2::take(std::string_view bytes) {
  if (closing_ != closing::no) return;
  const auto taken = nghttp2_session_mem_recv(
      frames_, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  const std::vector<std::int32_t> complete = std::exchange(complete_, {});
  for (const std::int32_t id : complete) {
    if (request_stream* s = find(id)) begin(*s);
  }
  if (taken < 0) closing_ = closing::with_fin;  // it is not HTTP/2
  timer_.cancel();
}

void sandbox_http2::take_field(request_stream& s, std::string_view name, std::string_view value) {
  if (name == ":method") s.method = value;
  if (name == ":path") s.target = value;
  if (name == "authorization") s.authorization = value;
  if (name == "content-type") s.content_type = value;
  if (name == "if-none-match") s.if_none_match = value;
  if (name == "accept-encoding") s.accept_encoding = value;
  if (name == "expect")
    s.expects_continue = boost::beast::iequals({value.data(), value.size()}, "100-continue");
}

void sandbox_http2::take_body(request_stream& s, std::string_view bytes) {
  if (s.read) return;
  s.body.append(bytes);
  if (s.body.size() <= largest_body) return;
  s.read = true;
  send_all(s, refuse_unread(413, "The body is too large."));
}

void sandbox_http2::take_frame(const nghttp2_frame& frame) {
  request_stream* const s = find(frame.hd.stream_id);
  switch (frame.hd.type) {
    case NGHTTP2_HEADERS:
    case NGHTTP2_DATA:
      if (s == nullptr || s->read) break;
      if ((frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
        s->read = true;
        complete_.push_back(s->id);
      } else if (std::exchange(s->expects_continue, false)) {
        const header_list head{{":status", "100"}};
        const auto fields = listed(head);
        nghttp2_submit_headers(frames_, NGHTTP2_FLAG_NONE, s->id, nullptr, fields.data(),
                               fields.size(), nullptr);
      }
      break;
    case NGHTTP2_RST_STREAM: state_.counters.stream_reset(frame.rst_stream.error_code); break;
    case NGHTTP2_PING:
      if ((frame.hd.flags & NGHTTP2_FLAG_ACK) == 0) state_.counters.pinged();
      break;
    case NGHTTP2_GOAWAY: state_.counters.left(); break;
    default: break;
  }
}

// ---- requests to responses

void sandbox_http2::begin(request_stream& s) {
  state_.counters.requested();
  if (s.id > last_processed_) return;
  s.what = state_.faults.next_for_request();
  if (s.what.kind == fault_kind::goaway_now) last_processed_ = std::max(s.id - 2, 0);
  if (!says_unprocessed(s.what)) {
    s.regular = state_.respond({.method = s.method,
                                .target = s.target,
                                .authorization = s.authorization,
                                .content_type = s.content_type,
                                .if_none_match = s.if_none_match,
                                .accept_encoding = s.accept_encoding,
                                .body = s.body});
  }
  const auto wait = state_.latency + s.what.delay;
  if (wait.count() <= 0) return respond(s.id);
  s.timer.emplace(stream_.get_executor(), wait);
  s.timer->async_wait([weak = weak_from_this(), id = s.id](error_code cancelled) {
    const auto self = cancelled ? nullptr : weak.lock();
    if (!self) return;
    self->respond(id);
    self->timer_.cancel();
  });
}

void sandbox_http2::respond(std::int32_t id) {
  gather();  // what was to be sent before, which may end the stream
  request_stream* const found = find(id);
  if (found == nullptr) return;
  request_stream& s = *found;
  const fault& what = s.what;
  switch (what.kind) {
    case fault_kind::none:
    case fault_kind::delay:
    case fault_kind::silent_accept:
    case fault_kind::dribble:
    case fault_kind::garbage_after:
    case fault_kind::close_after: return send_all(s, *s.regular);
    case fault_kind::silent: return;
    case fault_kind::close_before_reply: closing_ = closing::with_fin; return;
    case fault_kind::reset_at:
    case fault_kind::truncate_at:
    case fault_kind::stall_at:
    case fault_kind::reset_stream: return send(s, s.regular ? *s.regular : reply(), what.at);
    case fault_kind::wrong_length: return send_all(s, with_excess_length(*s.regular, what.at));
    case fault_kind::status: return send_all(s, scripted_reply(what, s.method == "HEAD"));
    case fault_kind::raw: out_ += what.body; return;
    case fault_kind::long_head: return send_all(s, with_longer_head(*s.regular, what.at));
    case fault_kind::goaway: nghttp2_submit_shutdown_notice(frames_); break;
    case fault_kind::goaway_now:
      closes_after_goaway_ = true;
      nghttp2_submit_goaway(frames_, NGHTTP2_FLAG_NONE, last_processed_, what.code, nullptr, 0);
      return;
    case fault_kind::max_streams:
      set(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, clamped(what.at));
      break;
    case fault_kind::small_window:
      set(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, clamped(what.at));
      break;
    case fault_kind::no_window_updates: updates_windows_ = false; break;
    case fault_kind::ping_flood:
      for (std::size_t i = std::min(what.at, most_pings); i > 0; --i) out_ += ping;
      break;
  }
  send_all(s, *s.regular);
}

void sandbox_http2::send_all(request_stream& s, const reply& response) {
  send(s, response, everything);
}

void sandbox_http2::send(request_stream& s, const reply& response, std::size_t most) {
  s.out = response.text.substr(response.body_at);
  // A stream that is to be reset has no other end.
  s.is_cut = most != everything &&
             (s.what.kind == fault_kind::reset_stream || response.stream || s.out.size() > most);
  s.out.resize(std::min(s.out.size(), most));
  if (s.is_cut && most == 0) return cut_short(s);
  if (response.stream && !s.is_cut) follow(s, *(s.log = response.stream));
  const header_list head = http2_head(response);
  const auto fields = listed(head);
  const nghttp2_data_provider body{.source = {}, .read_callback = callbacks::read_body};
  const bool has_body = !s.out.empty() || s.log || s.is_cut;
  nghttp2_submit_response(frames_, s.id, fields.data(), fields.size(), has_body ? &body : nullptr);
}

/// Has what is added to the log sent.
void sandbox_http2::follow(request_stream& s, log_reader& log) {
  log.watch([executor = stream_.get_executor(), weak = weak_from_this(), id = s.id] {
    asio::post(executor, [weak, id] {
      const auto self = weak.lock();
      if (!self) return;
      nghttp2_session_resume_data(self->frames_, id);
      self->timer_.cancel();
    });
  });
}

/// The next bytes of a body, as nghttp2 asks for them.
std::ptrdiff_t sandbox_http2::take_out(request_stream& s, std::uint8_t* out, std::size_t size,
                                       std::uint32_t& flags) {
  if (s.sent == s.out.size() && s.log) {
    const log_reader::batch next = s.log->take();
    s.out.clear();
    s.sent = 0;
    for (const std::string& item : next.items) s.out += item;
    s.is_cut = next.cut;
    if (next.cut) s.what = {.kind = fault_kind::reset_stream, .code = NGHTTP2_INTERNAL_ERROR};
    if (next.cut || next.over) s.log = nullptr;
  }
  if (s.what.kind == fault_kind::dribble) size = 1;
  const std::size_t count = std::min(size, s.out.size() - s.sent);
  std::copy_n(s.out.data() + s.sent, count, out);
  s.sent += count;
  const bool at_end = s.sent == s.out.size() && !s.log;
  if (at_end && !s.is_cut) flags |= NGHTTP2_DATA_FLAG_EOF;
  if (count > 0 || (at_end && !s.is_cut)) return static_cast<std::ptrdiff_t>(count);
  if (at_end) cut_short(s);
  return NGHTTP2_ERR_DEFERRED;
}

/// What a fault does behind the last byte that it sends.
void sandbox_http2::cut_short(request_stream& s) {
  switch (s.what.kind) {
    case fault_kind::reset_at: closing_ = closing::with_reset; break;
    case fault_kind::truncate_at: closing_ = closing::with_fin; break;
    case fault_kind::reset_stream:
      nghttp2_submit_rst_stream(frames_, NGHTTP2_FLAG_NONE, s.id, s.what.code);
      break;
    default: break;  // a stall
  }
}

void sandbox_http2::note_sent(const nghttp2_frame& frame) {
  if (frame.hd.type == NGHTTP2_GOAWAY && closes_after_goaway_) closing_ = closing::at_once;
  const bool is_last = (frame.hd.type == NGHTTP2_HEADERS || frame.hd.type == NGHTTP2_DATA) &&
                       (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
  request_stream* const s = is_last ? find(frame.hd.stream_id) : nullptr;
  if (s == nullptr) return;
  switch (s->what.kind) {
    case fault_kind::garbage_after: behind_ = "bytes that belong to nothing"; break;
    case fault_kind::reset_at: closing_ = closing::with_reset; break;
    case fault_kind::truncate_at:
    case fault_kind::close_after: closing_ = closing::with_fin; break;
    case fault_kind::goaway:
      nghttp2_submit_goaway(frames_, NGHTTP2_FLAG_NONE,
                            nghttp2_session_get_last_proc_stream_id(frames_), NGHTTP2_NO_ERROR,
                            nullptr, 0);
      break;
    default: break;
  }
  // Nobody reads the rest of a request that was refused before its end (RFC 9113 section 8.1).
  if (s->body.size() > largest_body)
    nghttp2_submit_rst_stream(frames_, NGHTTP2_FLAG_NONE, s->id, NGHTTP2_NO_ERROR);
}

void sandbox_http2::set_max_streams(std::uint32_t most) {
  set(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, most);
  timer_.cancel();
}

void sandbox_http2::set(std::int32_t setting, std::uint32_t value) {
  const nghttp2_settings_entry entry{setting, value};
  nghttp2_submit_settings(frames_, NGHTTP2_FLAG_NONE, &entry, 1);
}

// ---- output

/// Takes what is to be sent next into `out_`.
void sandbox_http2::gather() {
  while (closing_ == closing::no && out_.size() < batch_size) {
    const std::uint8_t* bytes = nullptr;
    const auto size = nghttp2_session_mem_send(frames_, &bytes);
    if (size <= 0) break;
    out_.append(text_of(bytes, static_cast<std::size_t>(size)));
    out_.append(std::exchange(behind_, {}));
  }
}

task<void> sandbox_http2::write_all([[maybe_unused]] std::shared_ptr<sandbox_http2> self) {
  for (bool goes_on = true; goes_on && !over_;) {
    gather();
    if (!out_.empty()) {
      const std::string batch = std::exchange(out_, {});
      const asio::const_buffer bytes = asio::buffer(batch);
      goes_on = co_await stream_.write(bytes);
    } else if (closing_ != closing::no || nghttp2_session_want_read(frames_) == 0) {
      break;
    } else {
      timer_.expires_at(std::chrono::steady_clock::time_point::max());
      co_await timer_.async_wait(awaited);
    }
  }
  switch (closing_) {
    case closing::no: stream_.finish_sending(keeps_stream_); break;
    // A socket that is closed with something unread sends a RST: clients acknowledge SETTINGS.
    case closing::with_fin: stream_.close_sending(); break;
    case closing::at_once: stream_.close(); break;
    case closing::with_reset: stream_.reset(); break;
  }
}

}  // namespace upsun::testing
