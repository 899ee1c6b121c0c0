#include "http/http1/connection.hpp"

#include <utility>

namespace upsun::http {
namespace {

// One TLS record (RFC 8446 section 5.1).
constexpr std::size_t read_size = 16 * 1024;

bool is_loss(const io_failure& failure) noexcept {
  return failure.code == errc::connection_closed || failure.code == errc::connection_reset;
}

exchange_outcome untouched(exchange_ptr&& e, errc reason, release_verdict verdict) {
  return {.finished = std::move(e),
          .failure = {reason, {}},
          .failed_in = phase::queue,
          .verdict = verdict};
}

}  // namespace

http1_connection::http1_connection(connection_id id, util::unique_fd socket, byte_stream stream,
                                   std::optional<boost::asio::ip::address> peer,
                                   const limit_options& limits, bool validators,
                                   std::shared_ptr<readiness> watch,
                                   std::weak_ptr<connection_owner> owner)
    : connection(id, std::move(peer)),
      watch_(std::move(watch)),
      owner_(std::move(owner)),
      socket_(std::move(socket)),
      stream_(std::move(stream)),
      parser_(limits, {.validators = validators}) {}

http1_connection::~http1_connection() {
  if (!closed_) watch_->remove(watched_as_);
}

void http1_connection::start() {
  const std::scoped_lock lock(mutex_);
  watched_as_ = watch_->add(socket_.get(), weak_from_this());
}

bool http1_connection::has_ended() {
  const std::scoped_lock lock(mutex_);
  return closed_;
}

std::optional<exchange_outcome> http1_connection::begin(exchange_ptr next) {
  const std::scoped_lock lock(mutex_);
  next->written = 0;
  next->offered = false;
  next->sent = next->first_byte = {};
  if (const int reason = next->aborted.load(std::memory_order_acquire); reason != 0)
    return untouched(std::move(next), static_cast<errc>(reason),
                     closed_ ? release_verdict::failed : release_verdict::untouched);
  current_ = std::move(next);
  parser_.reset();
  kept_ = closed_ || current_->reused || current_->leased_idle;
  if (!closed_ && watch_->defer(watched_as_))
    return std::nullopt;  // written with the others of the batch, see responses-in-batches.md
  try {
    auto outcome = write_first();
    if (complete_) outcome = succeed();
    return outcome;
  } catch (...) {
    current_.reset();
    close_locked(false);
    throw;
  }
}

/// Looks at the socket first, unless the connection is new: what stands there answers no request of
/// ours, and would be taken for the response to this one.
std::optional<exchange_outcome> http1_connection::write_first() {
  if (closed_ || (kept_ && !is_silent()))
    return fail({errc::connection_closed, "the idle connection had ended, or unasked bytes came"});
  return write_rest();
}

std::optional<exchange_outcome> http1_connection::abort(const exchange_ptr& target, errc reason) {
  const std::scoped_lock lock(mutex_);
  if (current_ != target) return std::nullopt;
  if (!target->offered) {
    return untouched(std::move(current_), reason, release_verdict::untouched);
  }
  return fail({reason, {}});
}

void http1_connection::close() {
  const std::scoped_lock lock(mutex_);
  close_locked(true);
}

void http1_connection::trim() {
  const std::scoped_lock lock(mutex_);
  if (closed_ || current_) return;
  stream_.free_buffers();
  parser_.free_buffers();
}

std::optional<duration> http1_connection::on_ready(bool ended) {
  std::optional<exchange_outcome> outcome;
  {
    const std::scoped_lock lock(mutex_);
    if (closed_) return std::nullopt;
    more_behind_ = more_behind_ || ended || complete_;
    full_ = false;
    if (current_) {
      if (!complete_) outcome = go_on();
      if (complete_) return current_->first_byte - current_->leased;
      if (!outcome) return std::nullopt;
    } else if (nothing_more_to_read()) {
      return std::nullopt;
    } else {
      close_locked(true);
    }
  }
  if (outcome) {
    report(std::move(*outcome));
  } else if (const auto owner = owner_.lock()) {
    owner->on_idle_death(*this);
  }
  return std::nullopt;
}

std::optional<exchange_outcome> http1_connection::go_on() {
  if (!current_->offered && !(kept_ ? is_silent() : nothing_more_to_read()))
    return fail({errc::connection_closed, "the server spoke before it was asked"});
  if (current_->written < current_->bytes.size()) {
    if (auto failed = write_rest()) return failed;
    if (complete_) return std::nullopt;
  }
  return read_some();
}

void http1_connection::on_deferred() {
  std::unique_lock lock(mutex_);
  if (closed_ || !current_) return;
  if (complete_) {
    exchange_outcome outcome = succeed();
    lock.unlock();
    return report(std::move(outcome));
  }
  if (full_) return;
  auto outcome = current_->offered ? write_rest() : write_first();
  if (complete_) outcome = succeed();
  lock.unlock();
  if (outcome) report(std::move(*outcome));
}

std::optional<exchange_outcome> http1_connection::write_rest() {
  exchange& e = *current_;
  e.offered = true;
  while (e.written < e.bytes.size()) {
    const io_result result = stream_.write(std::string_view(e.bytes).substr(e.written));
    switch (result.status) {
      case io_status::done: e.written += result.bytes; break;
      case io_status::want_read: return std::nullopt;
      case io_status::want_write: return note_full();
      case io_status::end:
      case io_status::failed: return read_after_failed_write();
    }
  }
  if (e.observed && e.sent == time_point{}) e.sent = std::chrono::steady_clock::now();
  return std::nullopt;
}

std::nullopt_t http1_connection::note_full() {
  full_ = true;
  watch_->await_writable(watched_as_);
  return std::nullopt;
}

/// A server that refuses a request may respond before it has read all of it, and close: what it
/// sent can still be read. That is no response to a request of which nothing was sent.
std::optional<exchange_outcome> http1_connection::read_after_failed_write() {
  const io_failure lost = stream_.failure();
  if (current_->written == 0) return fail(lost);
  auto outcome = read_some();
  if (complete_) return std::nullopt;
  if (!outcome) return fail(lost);
  if (is_loss(outcome->failure)) outcome->failure = lost;
  return outcome;
}

/// A response that is complete is left in the parser until `on_deferred` reports it.
std::optional<exchange_outcome> http1_connection::read_some() {
  char scratch[read_size];  // NOLINT(modernize-avoid-c-arrays): left uninitialised on purpose
  for (;;) {
    const io_result result = stream_.read(scratch);
    parse_status status = parse_status::need_more;
    bool first = false;  // of the response's bytes
    switch (result.status) {
      case io_status::want_read: return std::nullopt;
      case io_status::want_write: return note_full();
      case io_status::failed: return fail(stream_.failure());
      case io_status::end: status = parser_.end_of_stream(stream_.ended_cleanly()); break;
      case io_status::done:
        if (first = current_->first_byte == time_point{}; first)
          current_->first_byte = std::chrono::steady_clock::now();
        status = parser_.feed({scratch, result.bytes});
        break;
    }
    switch (status) {
      case parse_status::complete:
        completed_at_ = first ? current_->first_byte : std::chrono::steady_clock::now();
        complete_ = true;
        return std::nullopt;
      case parse_status::failed: return fail(parser_.failure());
      case parse_status::need_more: break;
    }
    if (is_drained()) return std::nullopt;
  }
}

// TLS 1.3 tickets and key updates arrive between exchanges too and are taken in here; anything
// beyond them means that the connection is dead.
bool http1_connection::nothing_more_to_read() {
  char unexpected;
  if (!stream_.is_quiet() && stream_.read({&unexpected, 1}).status != io_status::want_read)
    return false;
  more_behind_ = false;
  return true;
}

/// The same, and not even a part of a TLS record has come.
bool http1_connection::is_silent() {
  return stream_.is_quiet() || (nothing_more_to_read() && !stream_.holds_part_of_record());
}

exchange_outcome http1_connection::succeed() {
  exchange_outcome outcome;
  exchange& e = *current_;
  http_response& response = outcome.response.emplace(std::move(parser_.response())).value();
  outcome.at = completed_at_;
  outcome.keep_alive = parser_.keep_alive_timeout();
  response.reused_connection = e.reused;
  response.protocol_version = "1.1";
  response.timings = {.queue = e.leased - e.admitted,
                      .first_byte = e.first_byte - e.leased,
                      .transfer = completed_at_ - e.first_byte};
  const bool nothing_extra = parser_.extra_bytes() == 0 && (is_drained() || nothing_more_to_read());
  const bool reusable = parser_.keep_alive() && e.written == e.bytes.size() && nothing_extra;
  outcome.finished = std::move(current_);
  complete_ = false;
  outcome.verdict = reusable ? release_verdict::reusable : release_verdict::not_reusable;
  if (!reusable) close_locked(true);
  return outcome;
}

exchange_outcome http1_connection::fail(io_failure failure) {
  exchange_outcome outcome{.finished = std::move(current_), .failure = std::move(failure)};
  const bool lost = is_loss(outcome.failure);
  outcome.stale = lost && kept_ && !parser_.started();
  const bool aborted = outcome.finished->aborted.load(std::memory_order_acquire) != 0;
  if (!outcome.finished->offered || (outcome.finished->written == 0 && !aborted)) {
    outcome.failed_in = phase::queue;  // nothing was sent
  } else if (outcome.finished->written == outcome.finished->bytes.size()) {
    outcome.failed_in = parser_.in_body() ? phase::read_body : phase::read_head;
  }
  close_locked(false);
  return outcome;
}

void http1_connection::close_locked(bool goodbye) {
  if (std::exchange(closed_, true)) return;
  if (goodbye && watch_->made_here()) stream_.say_goodbye();  // a forked child's ends nothing
  watch_->remove(watched_as_);
  socket_.reset();
}

void http1_connection::report(exchange_outcome&& outcome) {
  outcome.finished->home->on_finished(*this, std::move(outcome));
  // NOLINTNEXTLINE(bugprone-use-after-move): the owner takes what it wants and leaves the rest
  if (!outcome.response || !*outcome.response) return;
  // What the handler did not move out: as many live at a time as a batch has responses, more than
  // malloc keeps at hand.
  const std::scoped_lock lock(mutex_);
  if (!closed_) parser_.reuse(std::move(**outcome.response));
}

}  // namespace upsun::http
