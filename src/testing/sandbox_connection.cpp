#include "testing/sandbox_connection.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/string.hpp>

#include <array>
#include <charconv>
#include <utility>

#if UPSUN_HTTP2
#include "testing/sandbox_http2.hpp"
#endif

namespace upsun::testing {
namespace asio = boost::asio;
namespace http = boost::beast::http;
namespace {

constexpr std::size_t read_size = 8 * 1024;
constexpr std::string_view http2_preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

}  // namespace

sandbox_connection::sandbox_connection(sandbox_state& state, registry& peers, tcp_socket socket)
    : state_(state),
      peers_(peers),
      stream_(std::move(socket), state.tls),
      timer_(stream_.get_executor()) {
  state_.counters.accepted();
}

sandbox_connection::~sandbox_connection() { state_.counters.closed(); }

task<void> sandbox_connection::run() {
  const auto self = shared_from_this();
  const struct listing {
    explicit listing(sandbox_connection& c) : connection(c) {
      connection.peers_.insert(&connection);
    }
    ~listing() { connection.peers_.erase(&connection); }
    sandbox_connection& connection;
  } listed(*this);
  co_await serve();
  close();
}

void sandbox_connection::close() {
  timer_.cancel();
  stream_.finish(shared_from_this());
}

task<void> sandbox_connection::serve() {
  const fault on_accept = state_.faults.next_for_connection();
  if (on_accept.kind == fault_kind::silent_accept) {
    co_await ignore_until_closed();
    co_return;
  }
  if (!co_await stream_.handshake()) co_return;
  if (state_.tls) state_.counters.handshaken(stream_.resumed());

  const bool http2 = co_await speaks_http2();
  if (!http2) co_return co_await serve_http1();
#if UPSUN_HTTP2
  state_.counters.speaks_http2();
  const auto serving = std::make_shared<sandbox_http2>(state_, stream_, shared_from_this());
  http2_ = serving;
  const auto* read = static_cast<const char*>(unread_.data().data());
  const std::string_view already_read(read, unread_.size());
  co_await serving->run(already_read);
#endif
}

/// As ALPN has chosen; without it, as the client begins where it may choose.
task<bool> sandbox_connection::speaks_http2() {
  if (!UPSUN_HTTP2 || state_.http == http_version::http1) co_return false;
  if (!stream_.protocol().empty()) co_return stream_.protocol() == "h2";
  if (state_.http == http_version::http2) co_return true;
  for (;;) {
    const auto* read = static_cast<const char*>(unread_.data().data());
    const std::string_view begun(read, unread_.size());
    if (begun.size() >= http2_preface.size()) co_return begun.starts_with(http2_preface);
    if (!http2_preface.starts_with(begun)) co_return false;
    const std::size_t size = co_await stream_.read_some(unread_.prepare(read_size));
    if (size == 0) co_return false;
    unread_.commit(size);
  }
}

void sandbox_connection::set_max_streams(std::uint32_t most) {
#if UPSUN_HTTP2
  if (const auto serving = http2_.lock()) serving->set_max_streams(most);
#else
  static_cast<void>(most);
#endif
}

task<void> sandbox_connection::serve_http1() {
  for (bool goes_on = true; goes_on && stream_.is_open();) {
    request_parser parser;
    const reading outcome = co_await read_request(parser);
    if (outcome == reading::ended) co_return;
    if (outcome != reading::complete) {
      const reply refusal = outcome == reading::too_large
                                ? refuse_unread(413, "The body is too large.")
                                : refuse_unread(400, "Malformed request.");
      co_await write(refusal.text);
      stream_.finish_sending(shared_from_this());
      co_await ignore_until_closed();  // a reset would overtake the response
      co_return;
    }
    state_.counters.requested();
    const fault what = state_.faults.next_for_request();
    const auto& request = parser.get();
    reply_ptr regular = state_.respond({.method = request.method_string(),
                                        .target = request.target(),
                                        .authorization = request[http::field::authorization],
                                        .content_type = request[http::field::content_type],
                                        .if_none_match = request[http::field::if_none_match],
                                        .accept_encoding = request[http::field::accept_encoding],
                                        .body = request.body()});
    const bool is_last = !parser.keep_alive();
    if (is_last)
      regular = std::make_shared<const reply>(with_header(*regular, "Connection", "close"));
    const bool is_head = request.method() == http::verb::head;
    co_await wait(state_.latency + what.delay);
    goes_on = co_await respond(what, *regular, is_head);
    if (is_last) goes_on = false;
  }
}

task<sandbox_connection::reading> sandbox_connection::read_request(request_parser& parser) {
  parser.eager(true);
  parser.body_limit(largest_body);
  bool expects = true;
  for (;;) {
    while (unread_.size() > 0) {
      error_code failure;
      const std::size_t used = parser.put(unread_.data(), failure);
      unread_.consume(used);
      if (failure == http::error::need_more) break;
      if (failure == http::error::body_limit) co_return reading::too_large;
      if (failure) co_return reading::malformed;
      if (parser.is_done()) co_return reading::complete;
    }
    if (expects && parser.is_header_done()) {
      expects = false;
      const bool waits = boost::beast::iequals(parser.get()[http::field::expect], "100-continue");
      if (waits) co_await write("HTTP/1.1 100 Continue\r\n\r\n");
    }
    const std::size_t size = co_await stream_.read_some(unread_.prepare(read_size));
    if (size == 0) co_return reading::ended;
    unread_.commit(size);
  }
}

task<bool> sandbox_connection::respond(const fault& what, const reply& regular, bool is_head) {
  const std::string_view all = regular.text;
  switch (what.kind) {
    case fault_kind::none:
    case fault_kind::delay:
    case fault_kind::silent_accept:
    case fault_kind::goaway:
    case fault_kind::goaway_now:
    case fault_kind::reset_stream:
    case fault_kind::max_streams:
    case fault_kind::small_window:
    case fault_kind::no_window_updates:
    case fault_kind::ping_flood: co_return co_await send(regular);
    case fault_kind::silent: co_await ignore_until_closed(); co_return false;
    case fault_kind::close_before_reply: stream_.close(); co_return false;
    case fault_kind::reset_at:
      co_await write(all.substr(0, what.at));
      stream_.reset();
      co_return false;
    case fault_kind::truncate_at:
      co_await write(all.substr(0, what.at));
      stream_.close();
      co_return false;
    case fault_kind::stall_at:
      co_await write(all.substr(0, what.at));
      co_await ignore_until_closed();
      co_return false;
    case fault_kind::dribble: co_return co_await write_slowly(all);
    case fault_kind::wrong_length: {
      const reply longer = with_excess_length(regular, what.at);
      co_await write(longer.text);
      stream_.close();
      co_return false;
    }
    case fault_kind::garbage_after: {
      const std::string both = regular.text + "bytes that belong to nothing";
      co_return co_await write(both);
    }
    case fault_kind::close_after:
      co_await write(all);
      stream_.close();
      co_return false;
    case fault_kind::status: {
      const reply scripted = scripted_reply(what, is_head);
      co_return co_await write(scripted.text);
    }
    case fault_kind::raw: co_return co_await write(what.body);
    case fault_kind::long_head: {
      const reply longer = with_longer_head(regular, what.at);
      co_return co_await send(longer);
    }
  }
  co_return false;
}

task<bool> sandbox_connection::send(const reply& regular) {
  const bool sent = co_await write(regular.text);
  if (!sent || !regular.stream) co_return sent;
  co_await stream_log(*regular.stream);
  co_return false;
}

task<void> sandbox_connection::stream_log(log_reader& log) {
  log.watch([executor = stream_.get_executor(), weak = weak_from_this()] {
    asio::post(executor, [weak] {
      if (const auto self = weak.lock()) self->wake();
    });
  });
  asio::co_spawn(stream_.get_executor(), watch_for_end(shared_from_this()), asio::detached);
  for (;;) {
    woken_ = false;
    const log_reader::batch next = log.take();
    for (const std::string& item : next.items) {
      std::array<char, 24> size{};
      const auto [end, failure] =
          std::to_chars(size.data(), size.data() + size.size(), item.size(), 16);
      const std::string chunk = std::string(size.data(), end) + "\r\n" + item + "\r\n";
      const bool sent = co_await write(chunk);
      if (!sent) co_return;
    }
    if (next.cut) {
      stream_.close();
      co_return;
    }
    if (next.over) {
      co_await write("0\r\n\r\n");
      co_return;
    }
    if (client_gone_ || !stream_.is_open()) co_return;
    if (woken_) continue;
    timer_.expires_at(std::chrono::steady_clock::time_point::max());
    co_await timer_.async_wait(awaited);
  }
}

task<void> sandbox_connection::watch_for_end(std::shared_ptr<sandbox_connection> self) {
  co_await self->ignore_until_closed();
  self->client_gone_ = true;
  self->wake();
}

void sandbox_connection::wake() noexcept {
  woken_ = true;
  timer_.cancel();
}

task<bool> sandbox_connection::write(std::string_view bytes) {
  return stream_.write(asio::buffer(bytes));
}

task<bool> sandbox_connection::write_slowly(std::string_view bytes) {
  bool alive = true;  // named, since g++ 12 miscompiles a co_await with temporaries in the
                      // condition of an `if` or a loop
  for (std::size_t i = 0; alive && i < bytes.size(); ++i)
    alive = co_await write(bytes.substr(i, 1));
  co_return alive;
}

task<void> sandbox_connection::wait(std::chrono::milliseconds time) {
  if (time.count() <= 0) co_return;
  timer_.expires_after(time);
  co_await timer_.async_wait(awaited);
}

task<void> sandbox_connection::ignore_until_closed() {
  std::array<char, 512> ignored{};
  for (std::size_t size = 1; size > 0;) size = co_await stream_.read_raw(asio::buffer(ignored));
}

}  // namespace upsun::testing
