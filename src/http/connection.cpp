#include "http/connection.hpp"

#include <boost/asio/error.hpp>

#include <utility>

namespace upsun::http {
namespace {

// One TLS record (RFC 8446 section 5.1).
constexpr std::size_t scratch_size = 16 * 1024;

// A connection that finished an exchange this short a time ago is taken for alive without another look; its watch notices the rest.
constexpr duration trusted_idle = std::chrono::milliseconds(1);

}  // namespace

connection::connection(connection_id id, stream_socket socket, byte_stream stream, std::optional<boost::asio::ip::address> peer, const limit_options& limits,
                       std::weak_ptr<connection_owner> owner)
    : id_(id), peer_(std::move(peer)), owner_(std::move(owner)), socket_(std::move(socket)), stream_(std::move(stream)), parser_(limits) {}

void connection::start() {
  const std::scoped_lock lock(mutex_);
  // A lease that came with the dial is older than this: such a connection has not rested, however slow the machine.
  last_used_ = std::chrono::steady_clock::now();
  watch_readable();
}

std::optional<exchange_outcome> connection::begin(exchange_ptr next) {
  const std::scoped_lock lock(mutex_);
  current_ = std::move(next);
  exchange& e = *current_;
  e.written = 0;
  e.sent = e.first_byte = {};
  parser_.reset();
  if (const int reason = e.aborted.load(std::memory_order_acquire); reason != 0) {
    exchange_outcome untouched{.finished = std::move(current_), .failure = {static_cast<errc>(reason), {}}, .failed_in = phase::queue, .aborted = true};
    untouched.verdict = closed_ ? release_verdict::failed : release_verdict::reusable;
    return untouched;
  }
  const bool rested = e.leased - last_used_ > trusted_idle;
  kept_ = closed_ || rested || e.reused;
  if (closed_ || (rested && !nothing_more_to_read())) {
    return fail({errc::connection_closed, "the idle connection had been closed by the server"});
  }
  auto outcome = write_rest();
  if (!outcome) watch_readable();
  return outcome;
}

std::optional<exchange_outcome> connection::abort(const exchange_ptr& target, errc reason) {
  const std::scoped_lock lock(mutex_);
  if (current_ != target) return std::nullopt;
  exchange_outcome outcome = fail({reason, {}});
  outcome.aborted = true;
  return outcome;
}

void connection::close() {
  const std::scoped_lock lock(mutex_);
  close_locked(true);
}

void connection::watch_readable() {
  if (watching_readable_ || closed_) return;
  watching_readable_ = true;
  socket_.async_wait(stream_socket::wait_read, [self = shared_from_this()](const error_code& ec) { self->on_readable(ec); });
}

void connection::watch_writable() {
  if (watching_writable_ || closed_) return;
  watching_writable_ = true;
  socket_.async_wait(stream_socket::wait_write, [self = shared_from_this()](const error_code& ec) { self->on_writable(ec); });
}

void connection::on_readable(const error_code& ec) {
  std::optional<exchange_outcome> outcome;
  bool died_idle = false;
  {
    const std::scoped_lock lock(mutex_);
    watching_readable_ = false;
    if (closed_) return;
    if (current_) {
      if (ec) outcome = fail({errc::connection_reset, ec.message()});
      if (!outcome && current_->written < current_->bytes.size()) outcome = write_rest();
      if (!outcome) outcome = read_some();
    } else if (ec || !nothing_more_to_read()) {
      died_idle = true;
      close_locked(true);
    }
    watch_readable();
  }
  if (outcome) report(std::move(*outcome));
  if (died_idle) {
    if (const auto owner = owner_.lock()) owner->on_idle_death(*this);
  }
}

void connection::on_writable(const error_code& ec) {
  std::optional<exchange_outcome> outcome;
  {
    const std::scoped_lock lock(mutex_);
    watching_writable_ = false;
    if (closed_ || !current_) return;
    outcome = ec ? fail({errc::connection_reset, ec.message()}) : write_rest();
    // TLS may have had to write before it could read on.
    if (!outcome && current_->written == current_->bytes.size()) outcome = read_some();
  }
  if (outcome) report(std::move(*outcome));
}

std::optional<exchange_outcome> connection::write_rest() {
  exchange& e = *current_;
  while (e.written < e.bytes.size()) {
    const io_result result = stream_.write(std::string_view(e.bytes).substr(e.written));
    switch (result.status) {
      case io_status::done: e.written += result.bytes; break;
      case io_status::want_read: return std::nullopt;  // the watch is pending anyway
      case io_status::want_write: watch_writable(); return std::nullopt;
      case io_status::end:
      case io_status::failed: return fail(stream_.failure());
    }
  }
  if (e.observed && e.sent == time_point{}) e.sent = std::chrono::steady_clock::now();
  return std::nullopt;
}

std::optional<exchange_outcome> connection::read_some() {
  char scratch[scratch_size];  // NOLINT(modernize-avoid-c-arrays): left uninitialised on purpose
  for (;;) {
    const io_result result = stream_.read(scratch);
    parse_status status = parse_status::need_more;
    switch (result.status) {
      case io_status::want_read: return std::nullopt;
      case io_status::want_write: watch_writable(); return std::nullopt;
      case io_status::failed: return fail(stream_.failure());
      case io_status::end: status = parser_.end_of_stream(stream_.ended_cleanly()); break;
      case io_status::done:
        if (current_->first_byte == time_point{}) current_->first_byte = std::chrono::steady_clock::now();
        status = parser_.feed({scratch, result.bytes});
        break;
    }
    switch (status) {
      case parse_status::complete: return succeed();
      case parse_status::failed: return fail(parser_.failure());
      case parse_status::need_more: break;
    }
    // A short read emptied the socket: waiting is cheaper than asking once more.
    if (result.bytes < scratch_size && !stream_.has_buffered()) return std::nullopt;
  }
}

// TLS 1.3 tickets and key updates arrive between exchanges too and are taken in here; anything beyond them means that the connection is dead.
bool connection::nothing_more_to_read() {
  char unexpected;
  return stream_.read({&unexpected, 1}).status == io_status::want_read;
}

exchange_outcome connection::succeed() {
  const time_point now = std::chrono::steady_clock::now();
  exchange& e = *current_;
  exchange_outcome outcome{.finished = nullptr, .response = parser_.take()};
  outcome.any_response_byte = true;
  outcome.keep_alive = parser_.keep_alive_timeout();
  outcome.response->reused_connection = e.reused;
  outcome.response->timings = {.queue = e.leased - e.admitted, .first_byte = e.first_byte - e.leased, .transfer = now - e.first_byte};
  const bool reusable =
      parser_.keep_alive() && parser_.extra_bytes() == 0 && e.written == e.bytes.size() && (!stream_.has_buffered() || nothing_more_to_read());
  outcome.finished = std::move(current_);
  outcome.verdict = reusable ? release_verdict::reusable : release_verdict::not_reusable;
  last_used_ = now;
  if (!reusable) close_locked(true);
  return outcome;
}

exchange_outcome connection::fail(io_failure failure) {
  exchange_outcome outcome{.finished = std::move(current_), .failure = std::move(failure)};
  outcome.any_response_byte = parser_.started();
  outcome.kept = kept_;
  if (outcome.finished->written == outcome.finished->bytes.size()) outcome.failed_in = parser_.in_body() ? phase::read_body : phase::read_head;
  close_locked(false);
  return outcome;
}

void connection::close_locked(bool goodbye) {
  if (std::exchange(closed_, true)) return;
  if (goodbye) stream_.say_goodbye();
  error_code ignored;
  socket_.close(ignored);
}

void connection::report(exchange_outcome&& outcome) {
  const auto home = outcome.finished->home;
  home->on_finished(*this, std::move(outcome));
}

}  // namespace upsun::http
