#include "http/http2/connection.hpp"

#include <boost/asio/post.hpp>

#include <thread>
#include <utility>

namespace asio = boost::asio;

namespace upsun::http {
namespace {

using clock = std::chrono::steady_clock;

// One TLS record (RFC 8446 section 5.1).
constexpr std::size_t record_size = 16 * 1024;

// As many as one connection reads before others have their turn.
constexpr std::size_t records_at_once = 64;

exchange_outcome unsent(exchange_ptr&& e, io_failure why, release_verdict verdict) {
  return {.finished = std::move(e),
          .failure = std::move(why),
          .failed_in = phase::queue,
          .verdict = verdict};
}

}  // namespace

http2_connection::http2_connection(connection_id id, util::unique_fd socket, byte_stream stream,
                                   std::optional<boost::asio::ip::address> peer,
                                   const session_settings& settings,
                                   std::shared_ptr<readiness> watch,
                                   std::weak_ptr<connection_owner> owner)
    : connection(id, std::move(peer)),
      watch_(std::move(watch)),
      owner_(std::move(owner)),
      socket_(std::move(socket)),
      stream_(std::move(stream)),
      session_(settings) {}

http2_connection::~http2_connection() {
  if (!closed_) watch_->remove(watched_as_);
}

void http2_connection::start() {
  const std::scoped_lock lock(mutex_);
  received_ = clock::now();
  watched_as_ = watch_->add(socket_.get(), weak_from_this());
}

stream_capacity http2_connection::capacity() {
  const std::scoped_lock lock(mutex_);
  (void)changed_capacity();
  return capacity_;
}

bool http2_connection::has_ended() {
  const std::scoped_lock lock(mutex_);
  return closed_;
}

// ---- exchanges

std::optional<exchange_outcome> http2_connection::begin(exchange_ptr next) {
  const std::scoped_lock lock(mutex_);
  next->written = 0;
  next->offered = false;
  next->sent = next->first_byte = {};
  if (const int reason = next->aborted.load(std::memory_order_acquire); reason != 0) {
    auto outcome = unsent(std::move(next), {static_cast<errc>(reason), {}},
                          closed_ ? release_verdict::failed : release_verdict::untouched);
    return outcome;
  }
  look_before_use();
  if (closed_ || broken_ || session_.capacity() == 0) {
    auto outcome = unsent(std::move(next),
                          {errc::connection_closed, "the connection had been closed by the server"},
                          release_verdict::failed);
    if (!closed_ && !broken_) {
      outcome.verdict = release_verdict::untouched;
      (void)changed_capacity();
      outcome.capacity = capacity_;  // the owner has not heard of it yet
    }
    outcome.unprocessed = true;
    return outcome;
  }
  session_.begin(std::move(next));
  write_soon();
  return std::nullopt;
}

std::optional<exchange_outcome> http2_connection::abort(const exchange_ptr& target, errc reason) {
  const std::scoped_lock lock(mutex_);
  if (closed_) return std::nullopt;
  const time_point now = clock::now();
  const auto reached = session_.cancel(*target, now);
  if (!reached) return std::nullopt;
  const bool was_sent = *reached != phase::queue;
  exchange_outcome outcome{.finished = target, .failure = {reason, {}}, .failed_in = *reached};
  outcome.verdict = was_sent ? release_verdict::reusable : release_verdict::untouched;
  const bool nothing_came = was_sent && received_ < target->leased;
  const bool blocked =
      full_since_ != time_point{} && now - full_since_ >= (now - target->leased) / 2;
  if (reason == errc::attempt_timeout && (nothing_came || blocked)) {
    give_up("nothing was received, or could be sent, for the time of an attempt");
    outcome.verdict = release_verdict::failed;
  } else {
    outcome.capacity = changed_capacity();
    write_soon();
  }
  return outcome;
}

void http2_connection::give_back(const exchange_ptr& of, std::size_t bytes) {
  const std::scoped_lock lock(mutex_);
  if (closed_) return;
  session_.give_back(*of, bytes);
  write_soon();
}

void http2_connection::probe() {
  const std::scoped_lock lock(mutex_);
  if (closed_) return;
  const time_point now = clock::now();
  const bool blocked = full_since_ != time_point{} && now - full_since_ >= session::silence;
  if (blocked || !session_.probe(now))
    return give_up("the server is silent, and does not answer a PING");
  write_soon();
}

void http2_connection::close() {
  const std::scoped_lock lock(mutex_);
  if (closed_) return;
  session_.say_goodbye();
  write();
  leaving_ = true;
  if (session_.open_streams() == 0 && !session_.has_outcomes()) close_locked(true);
}

void http2_connection::trim() {
  const std::scoped_lock lock(mutex_);
  if (!closed_ && session_.open_streams() == 0) stream_.free_buffers();
}

// ---- bytes

std::optional<duration> http2_connection::on_ready(bool ended) {
  std::unique_lock lock(mutex_);
  if (closed_) return std::nullopt;
  full_ = false;
  stream_.expect_more();
  if (!broken_) read(ended);
  write();
  end_if_broken();
  if (!closed_ && session_.has_outcomes()) return duration::max();  // reported by `on_deferred`
  report(lock);
  return std::nullopt;
}

void http2_connection::on_deferred() {
  std::unique_lock lock(mutex_);
  if (!closed_) write();
  // What the handlers begin goes out together, after them.
  reporter_ = std::this_thread::get_id();
  report(lock);
  lock.lock();
  reporter_ = {};
}

void http2_connection::read(bool ended) {
  char scratch[record_size];  // NOLINT(modernize-avoid-c-arrays): left uninitialised on purpose
  for (std::size_t records = 0;; ++records) {
    if (records == records_at_once) return watch_->notify_again(watched_as_);
    const io_result result = stream_.read(scratch);
    switch (result.status) {
      case io_status::want_read: return;
      case io_status::want_write: return note_full();
      case io_status::failed: return break_off(stream_.failure());
      case io_status::end:
        return break_off({errc::connection_closed, "the server closed the connection"});
      case io_status::done:
        received_ = clock::now();
        session_.feed({scratch, result.bytes}, received_);
        break;
    }
    if (session_.failure() || (!ended && stream_.is_drained())) return;
  }
}

void http2_connection::write() {
  // A forked child must not write into its parent's connection.
  if (full_ || broken_ || !watch_->made_here()) return;
  for (std::string_view left = session_.output(); !left.empty(); left = session_.output()) {
    const io_result result = stream_.write(left);
    switch (result.status) {
      case io_status::done:
        session_.sent(result.bytes);
        full_since_ = {};
        break;
      case io_status::want_read: return;
      case io_status::want_write: return note_full();
      case io_status::end:
      case io_status::failed: return end_writing(stream_.failure());
    }
  }
  if (session_.failure()) break_off(*session_.failure());
}

/// The server closed the connection. What it sent before may have responses, and the GOAWAY that
/// says which requests it has not processed.
void http2_connection::end_writing(io_failure why) {
  if (!session_.failure()) read(true);
  if (session_.failure()) why = *session_.failure();
  break_off(std::move(why));
}

void http2_connection::note_full() {
  full_ = true;
  watch_->await_writable(watched_as_);
  if (full_since_ == time_point{}) full_since_ = clock::now();
}

/// With the others of the batch, if there is one.
void http2_connection::write_soon() {
  if (reporter_ == std::this_thread::get_id()) return write_later();
  if (!watch_->defer(watched_as_)) write_now();
}

/// After the present handler; on another free thread sooner, since a handler may wait for what it
/// has begun.
void http2_connection::write_later() {
  if (std::exchange(write_is_posted_, true)) return;
  asio::post(watch_->get_executor(), [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    const std::scoped_lock lock(self->mutex_);
    self->write_is_posted_ = false;
    if (!self->closed_) self->write_now();
  });
}

void http2_connection::write_now() {
  write();
  // What ended by that, as a request that cannot be sent.
  if (session_.has_outcomes()) watch_->notify_again(watched_as_);
}

/// Whether an idle connection's server has closed it, which a request must not cross.
void http2_connection::look_before_use() {
  if (closed_ || broken_ || !used_ || session_.open_streams() > 0) return;
  stream_.expect_more();
  read(false);
}

/// For a server that does not respond to anything.
void http2_connection::give_up(const char* why) {
  given_up_ = true;
  break_off({errc::connection_reset, why});
}

/// `on_ready`, which follows, ends the exchanges.
void http2_connection::break_off(io_failure why) {
  if (broken_) return;
  broken_ = std::move(why);
  // Otherwise nothing is notified while the socket takes no bytes.
  if (watch_->made_here()) shut_down(socket_.get());
  watch_->notify_again(watched_as_);
}

void http2_connection::end_if_broken() {
  if (session_.failure()) break_off(*session_.failure());
  if (!broken_) return;
  session_.end_all(*broken_, used_, given_up_);
  close_locked(false);
}

void http2_connection::close_locked(bool goodbye) {
  if (std::exchange(closed_, true)) return;
  if (goodbye && watch_->made_here()) stream_.say_goodbye();  // a forked child's ends nothing
  watch_->remove(watched_as_);
  socket_.reset();
}

// ---- reports

/// The capacity, if the owner does not know it.
std::optional<stream_capacity> http2_connection::changed_capacity() {
  const std::size_t streams = session_.capacity();
  const std::size_t allowed = session_.allowed();
  if (streams == capacity_.streams && allowed == capacity_.allowed) return std::nullopt;
  capacity_ = {.streams = streams, .allowed = allowed, .number = capacity_.number + 1};
  return capacity_;
}

void http2_connection::report(std::unique_lock<std::mutex>& lock) {
  std::vector<exchange_outcome> outcomes = session_.take_outcomes();
  used_ = used_ || !outcomes.empty();
  const bool ends = closed_;
  if (leaving_ && !closed_ && session_.open_streams() == 0) close_locked(true);
  const auto capacity = closed_ ? std::nullopt : changed_capacity();
  lock.unlock();
  const auto owner = owner_.lock();
  if (capacity && owner) owner->on_capacity(*this, *capacity);
  if (ends && outcomes.empty() && owner) owner->on_idle_death(*this);
  for (exchange_outcome& outcome : outcomes) {
    if (ends) outcome.verdict = release_verdict::failed;
  }
  report_each(std::move(outcomes), 0);
}

/// A handler that throws does not take the other reports along.
void http2_connection::report_each(std::vector<exchange_outcome> outcomes, std::size_t next) {
  try {
    while (next < outcomes.size()) {
      exchange_outcome& outcome = outcomes[next++];
      outcome.finished->home->on_finished(*this, std::move(outcome));
    }
  } catch (...) {
    asio::post(watch_->get_executor(),
               [self = shared_from_this(), next, rest = std::move(outcomes)]() mutable {
                 self->report_each(std::move(rest), next);
               });
    throw;
  }
}

}  // namespace upsun::http
