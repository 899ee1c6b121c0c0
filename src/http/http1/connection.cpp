#include "http/http1/connection.hpp"

#include <sys/socket.h>
#include <boost/asio/post.hpp>

#include <new>
#include <utility>

namespace upsun::http {
namespace {

// One TLS record (RFC 8446 section 5.1).
constexpr std::size_t read_size = 16 * 1024;

// A connection that finished an exchange this short a time ago is taken for alive without another
// look; its watch notices the rest.
constexpr duration trusted_idle = std::chrono::milliseconds(1);

exchange_outcome untouched(exchange_ptr&& e, release_verdict verdict) noexcept {
  const auto reason = static_cast<errc>(e->aborted.load(std::memory_order_acquire));
  return {.finished = std::move(e),
          .failure = {reason, {}},
          .failed_in = phase::queue,
          .aborted = true,
          .verdict = verdict};
}

/// The connection ended before it came to this request.
exchange_outcome moved(exchange_ptr&& e) noexcept {
  return {.finished = std::move(e), .failure = {errc::connection_closed, {}}, .moved = true};
}

}  // namespace

connection::connection(connection_id id, util::unique_fd socket, byte_stream stream,
                       std::optional<boost::asio::ip::address> peer, const limit_options& limits,
                       bool validators, std::shared_ptr<epoll_set> watch,
                       std::weak_ptr<connection_owner> owner)
    : id_(id),
      peer_(std::move(peer)),
      watch_(std::move(watch)),
      owner_(std::move(owner)),
      socket_(std::move(socket)),
      stream_(std::move(stream)),
      parser_(limits, validators) {}

connection::~connection() {
  if (!closed_) watch_->remove(watched_as_);
}

void connection::start() {
  const std::scoped_lock lock(mutex_);
  last_used_ = std::chrono::steady_clock::now();
  watched_as_ = watch_->add(socket_.get(), weak_from_this());
}

void connection::count_as_used() noexcept {
  const std::scoped_lock lock(mutex_);
  last_used_ = std::chrono::steady_clock::now();
}

std::optional<exchange_outcome> connection::begin(exchange_ptr next) noexcept {
  const std::scoped_lock lock(mutex_);
  next->written = 0;
  next->offered = false;
  next->sent = next->first_byte = {};
  if (next->aborted.load(std::memory_order_acquire) != 0) {
    return untouched(std::move(next),
                     closed_ ? release_verdict::failed : release_verdict::untouched);
  }
  if (current_) return queue(std::move(next));
  if (closed_ && next->behind) return moved(std::move(next));
  try {
    return begin_alone(std::move(next));
  } catch (const std::bad_alloc&) {
    return fail({errc::out_of_memory, {}});
  }
}

std::optional<exchange_outcome> connection::begin_alone(exchange_ptr&& next) {
  current_ = std::move(next);
  exchange& e = *current_;
  parser_.reset();
  kept_ = closed_ || e.reused;
  if (!closed_ && watch_->ask_for_turn(watched_as_))
    return std::nullopt;  // written with the others of the batch, see answers-in-batches.md
  return write_first(e.leased);
}

/// Also looks whether the connection has ended, if it has rested.
std::optional<exchange_outcome> connection::write_first(time_point now) {
  const bool rested = now - last_used_ > trusted_idle;
  kept_ = kept_ || rested;
  if (closed_ || (rested && !nothing_more_to_read())) {
    return fail({errc::connection_closed, "the idle connection had been closed by the server"});
  }
  return write_rest();
}

std::optional<exchange_outcome> connection::queue(exchange_ptr&& next) noexcept {
  try {
    behind_.push(next);
    flush_soon();
    return std::nullopt;
  } catch (const std::bad_alloc&) {
    (void)behind_.remove(next);  // of which nothing was offered
    return exchange_outcome{.finished = std::move(next),
                            .failure = {errc::out_of_memory, {}},
                            .failed_in = phase::queue,
                            .aborted = true,
                            .verdict = release_verdict::untouched};
  }
}

std::optional<exchange_outcome> connection::abort(const exchange_ptr& target,
                                                  errc reason) noexcept {
  const std::scoped_lock lock(mutex_);
  try {
    return abort_locked(target, reason);
  } catch (const std::bad_alloc&) {
    // There is no memory for a ghost: the connection's end, which is noticed as if it came from the
    // server, ends its exchanges.
    ::shutdown(socket_.get(), SHUT_RDWR);
    return std::nullopt;
  }
}

std::optional<exchange_outcome> connection::abort_locked(const exchange_ptr& target, errc reason) {
  exchange_outcome outcome{.finished = target, .failure = {reason, {}}, .aborted = true};
  if (current_ == target) {
    if (!target->offered && behind_.empty()) {  // its turn had not come
      outcome.verdict = release_verdict::untouched;
      current_.reset();
    } else if (!behind_.anyone_waits()) {
      outcome = fail({reason, {}});
      outcome.aborted = true;
      behind_.take_all();
    } else if (target->offered) {
      if (target->written == target->bytes.size())
        outcome.failed_in = parser_.in_body() ? phase::read_body : phase::read_head;
      outcome.verdict = release_verdict::abandoned;
      current_ = pipeline::make_ghost(*target);
    } else {
      outcome.verdict = release_verdict::untouched;
      promote();
    }
    return outcome;
  }
  switch (behind_.remove(target)) {
    case pipeline::removal::absent: return std::nullopt;
    case pipeline::removal::taken_out: outcome.verdict = release_verdict::untouched; break;
    case pipeline::removal::abandoned:
      if (target->written == target->bytes.size()) outcome.failed_in = phase::read_head;
      outcome.verdict = release_verdict::abandoned;
      break;
  }
  if (!current_->home && !behind_.anyone_waits()) {
    outcome.verdict = release_verdict::failed;
    (void)fail({reason, {}});
    behind_.take_all();
  }
  return outcome;
}

void connection::close() noexcept {
  const std::scoped_lock lock(mutex_);
  close_locked(true);
}

void connection::rest() noexcept {
  const std::scoped_lock lock(mutex_);
  if (closed_ || current_) return;
  stream_.free_buffers();
  parser_.free_buffers();
}

/// What comes together is sent together: after the handlers that are ready, each of which may add a
/// request.
void connection::flush_soon() {
  if (flushing_soon_ || full_ || closed_) return;
  boost::asio::post(watch_->executor(), [self = shared_from_this()] { self->on_turn(); });
  flushing_soon_ = true;
}

std::optional<duration> connection::on_edge(bool ended) {
  news told;
  bool died_idle = false;
  {
    const std::scoped_lock lock(mutex_);
    if (closed_) return std::nullopt;
    more_behind_ = more_behind_ || ended || answered_;
    full_ = false;
    try {
      if (current_) {
        if (!answered_) go_on(told);
        if (answered_) return current_->first_byte - current_->leased;
      } else if (!nothing_more_to_read()) {
        died_idle = true;
        close_locked(true);
      }
    } catch (const std::bad_alloc&) {
      died_idle = !current_ && !told.last;
      out_of_memory(told);
    }
    conclude(told);
  }
  report(std::move(told));
  if (died_idle) {
    if (const auto owner = owner_.lock()) owner->on_idle_death(*this);
  }
  return std::nullopt;
}

void connection::go_on(news& told) {
  if (!current_->offered && !nothing_more_to_read())
    told.last = fail({errc::connection_closed, "the server spoke before it was asked"});
  if (!told.last && (current_->written < current_->bytes.size() || !behind_.all_sent()))
    told.last = write_rest();
  if (!told.last) read_some(told);
}

void connection::on_turn() {
  std::unique_lock lock(mutex_);
  flushing_soon_ = false;
  if (closed_ || !current_) return;
  if (answered_) {
    exchange_outcome answer = take_answer();
    lock.unlock();
    report(answer);
    if (answer.response && *answer.response) keep_memory((*answer.response)->body);
    return;
  }
  if (full_) return;
  news told;
  try {
    told.last = current_->offered ? write_rest() : write_first(std::chrono::steady_clock::now());
  } catch (const std::bad_alloc&) {
    told.last = fail({errc::out_of_memory, {}});
  }
  conclude(told);
  lock.unlock();
  report(std::move(told));
}

exchange_outcome connection::take_answer() {
  exchange_outcome outcome;
  try {
    succeed(outcome);
  } catch (const std::bad_alloc&) {
    outcome = fail({errc::out_of_memory, {}});
  }
  return outcome;
}

/// For the next response. The owner was told and has taken what it wanted.
void connection::keep_memory(std::string& body) noexcept {
  const std::scoped_lock lock(mutex_);
  if (!closed_) parser_.give_back(std::move(body));
}

std::optional<exchange_outcome> connection::write_rest() {
  if (!behind_.empty()) return write_batch();
  exchange& e = *current_;
  e.offered = true;
  while (e.written < e.bytes.size()) {
    const io_result result = stream_.write(std::string_view(e.bytes).substr(e.written));
    switch (result.status) {
      case io_status::done: e.written += result.bytes; break;
      case io_status::want_read: return std::nullopt;
      case io_status::want_write: full_ = true; return std::nullopt;
      case io_status::end:
      case io_status::failed: return fail(stream_.failure());
    }
  }
  if (e.observed && e.sent == time_point{}) e.sent = std::chrono::steady_clock::now();
  return std::nullopt;
}

std::optional<exchange_outcome> connection::write_batch() {
  for (;;) {
    const std::string_view bytes = behind_.offer(*current_);
    if (bytes.empty()) return std::nullopt;
    const io_result result = stream_.write(bytes);
    switch (result.status) {
      case io_status::done:
        behind_.sent(*current_, result.bytes, std::chrono::steady_clock::now());
        break;
      case io_status::want_read: return std::nullopt;
      case io_status::want_write: full_ = true; return std::nullopt;
      case io_status::end:
      case io_status::failed: return fail(stream_.failure());
    }
  }
}

void connection::read_some(news& told) {
  char scratch[read_size];  // NOLINT(modernize-avoid-c-arrays): left uninitialised on purpose
  for (;;) {
    const io_result result = stream_.read(scratch);
    parse_status status = parse_status::need_more;
    bool from_start = false;  // the bytes are the first of the response
    switch (result.status) {
      case io_status::want_read: return;
      case io_status::want_write: full_ = true; return;
      case io_status::failed: told.last = fail(stream_.failure()); return;
      case io_status::end: status = parser_.end_of_stream(stream_.ended_cleanly()); break;
      case io_status::done:
        if (from_start = current_->first_byte == time_point{}; from_start)
          current_->first_byte = std::chrono::steady_clock::now();
        status = parser_.feed({scratch, result.bytes});
        break;
    }
    switch (status) {
      case parse_status::complete:
        answered_at_ = from_start ? current_->first_byte : std::chrono::steady_clock::now();
        // Unless others may stand behind it, or it is a ghost among others, it is told at its turn:
        // see answers-in-batches.md.
        if (answered_ = !current_->may_share && current_->home; answered_) return;
        if (behind_.empty()) return succeed(told.last.emplace());
        next_answers({scratch, result.bytes}, told);
        if (told.last || closed_) return;
        break;
      case parse_status::failed: told.last = fail(parser_.failure()); return;
      case parse_status::need_more: break;
    }
    if (is_drained()) return;
  }
}

/// Goes on with those behind the exchange whose answer is complete, as far as their answers are in
/// `bytes`, of which the parser has left the end.
void connection::next_answers(std::string_view bytes, news& told) {
  for (;;) {
    bytes.remove_prefix(bytes.size() - parser_.extra_bytes());
    succeed(told.earlier.emplace_back());
    if (closed_) return;
    promote();
    if (bytes.empty()) return;
    current_->first_byte = answered_at_ = std::chrono::steady_clock::now();
    switch (parser_.feed(bytes)) {
      case parse_status::complete:
        if (behind_.empty()) return succeed(told.last.emplace());
        break;
      case parse_status::failed: told.last = fail(parser_.failure()); return;
      case parse_status::need_more: return;
    }
  }
}

/// The next exchange is the one whose answer is awaited. There must be one.
void connection::promote() {
  current_ = behind_.pop();
  kept_ = true;
  parser_.reset();
}

// TLS 1.3 tickets and key updates arrive between exchanges too and are taken in here; anything
// beyond them means that the connection is dead.
bool connection::nothing_more_to_read() {
  char unexpected;
  if (!stream_.is_quiet() && stream_.read({&unexpected, 1}).status != io_status::want_read)
    return false;
  more_behind_ = false;
  return true;
}

/// Of an answer that was complete at `answered_at_`.
void connection::succeed(exchange_outcome& outcome) {
  exchange& e = *current_;
  http_response& response = outcome.response.emplace(std::move(parser_.response())).value();
  outcome.at = answered_at_;
  outcome.any_response_byte = true;
  outcome.keep_alive = parser_.keep_alive_timeout();
  response.reused_connection = e.reused;
  response.timings = {.queue = e.leased - e.admitted,
                      .first_byte = e.first_byte - e.leased,
                      .transfer = answered_at_ - e.first_byte};
  // What comes behind the response may be the next one's, if that was asked for.
  const bool nothing_unasked =
      behind_.empty() ? parser_.extra_bytes() == 0 && (is_drained() || nothing_more_to_read())
                      : parser_.extra_bytes() == 0 || behind_.may_be_answered();
  const bool reusable = parser_.keep_alive() && e.written == e.bytes.size() && nothing_unasked;
  outcome.finished = std::move(current_);
  answered_ = false;
  outcome.verdict = reusable ? release_verdict::reusable : release_verdict::not_reusable;
  last_used_ = answered_at_;
  if (!reusable) close_locked(true);
}

exchange_outcome connection::fail(io_failure failure) noexcept {
  exchange_outcome outcome{.finished = std::move(current_), .failure = std::move(failure)};
  outcome.any_response_byte = parser_.started();
  outcome.kept = kept_;
  if (outcome.finished->written == outcome.finished->bytes.size())
    outcome.failed_in = parser_.in_body() ? phase::read_body : phase::read_head;
  close_locked(false);
  return outcome;
}

/// At the end of an event.
void connection::conclude(news& told) noexcept {
  if (closed_ ? !behind_.empty() || !told.earlier.empty() : current_ && !current_->home)
    conclude_pipeline(told);
}

void connection::conclude_pipeline(news& told) noexcept {
  if (!closed_ && !behind_.anyone_waits())
    told.last = fail({errc::cancelled, {}});  // nobody but ghosts
  if (!closed_) return;
  if (!behind_.empty()) told.lost = behind_.take_all();
  // The pool must not hear that the connection can be leased again before it hears that it cannot.
  for (exchange_outcome& each : told.earlier)
    each.verdict = told.last ? told.last->verdict : told.earlier.back().verdict;
}

/// What was not read is not told of again, so the connection ends, with the present exchange if
/// there is one.
void connection::out_of_memory(news& told) noexcept {
  if (!current_) {
    if (told.last) told.last->verdict = release_verdict::not_reusable;
    return close_locked(true);
  }
  if (!told.earlier.empty() && !told.earlier.back().finished)
    told.earlier.pop_back();  // its answer was not taken
  told.last = fail({errc::out_of_memory, {}});
}

void connection::close_locked(bool goodbye) noexcept {
  if (std::exchange(closed_, true)) return;
  if (goodbye) stream_.say_goodbye();
  watch_->remove(watched_as_);
  socket_.reset();
}

void connection::report(news&& told) {
  for (exchange_outcome& each : told.earlier) report(each);
  if (told.last) report(*told.last);
  for (exchange_ptr& e : told.lost) {
    exchange_outcome outcome = moved(std::move(e));
    report(outcome);
  }
}

/// Of the outcome there is left what nobody took.
void connection::report(exchange_outcome& outcome) {
  if (outcome.finished->home) return outcome.finished->home->on_finished(*this, std::move(outcome));
  outcome.finished.reset();  // a ghost
  if (const auto owner = owner_.lock()) owner->on_finished(*this, std::move(outcome));
}

}  // namespace upsun::http
