#include "http/http1/body_stream.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <limits>
#include <utility>

#include "http/http1/open_streams.hpp"
#include "model/make_error.hpp"
#include "util/on_cancel.hpp"

namespace asio = boost::asio;

namespace upsun::http {
namespace {

// One TLS record (RFC 8446 section 5.1): also the largest piece.
constexpr std::size_t largest_piece = 16 * 1024;

limit_options without_body_limit(limit_options limits) {
  limits.body_bytes = std::numeric_limits<decltype(limits.body_bytes)>::max() / 2;
  return limits;
}

bool is_success(int status) noexcept { return status >= 200 && status <= 299; }

}  // namespace

body_stream::body_stream(connection_id id, settings how, std::shared_ptr<open_streams> home)
    : id_(id),
      how_(std::move(how)),
      home_(std::move(home)),
      parser_(without_body_limit(how_.limits)),
      timer_(how_.executor) {}

body_stream::~body_stream() { home_->remove(id_); }

void body_stream::completions::call() && {
  if (opened) std::move(opener)(std::move(*opened));
  if (piece) std::move(reader)(std::move(*piece));
}

/// From within what starts or cancels something, where no handler may be called.
void body_stream::post(completions&& done) {
  if (!done.opened && !done.piece) return;
  asio::post(how_.executor,
             [kept = std::make_shared<completions>(std::move(done))] { std::move(*kept).call(); });
}

template <class Event>
void body_stream::on_event(Event event) {
  completions done;
  {
    const std::scoped_lock lock(mutex_);
    event(done);
  }
  std::move(done).call();
}

void body_stream::refuse(errc reason) {
  completions none;  // nobody has asked for anything yet
  const std::scoped_lock lock(mutex_);
  failed_in_ = phase::admission;
  fail({reason, {}}, none);
}

void body_stream::open(std::string request, limit until, transport::open_handler handler) {
  util::on_cancel(handler, [self = weak_from_this()] {
    if (const auto alive = self.lock()) alive->close();
  });
  std::shared_ptr<dial> begun;
  {
    const std::scoped_lock lock(mutex_);
    opener_.swap(handler);  // its move assignment recurses without end in Boost 1.81
    request_ = std::move(request);
    if (stage_ == stage_kind::dialling) {
      set_timer(until);
      dial_ = begun = std::make_shared<dial>(id_, how_.executor, how_.target, how_.names,
                                             [self = shared_from_this()](dial_outcome outcome) {
                                               self->on_dialled(std::move(outcome));
                                             });
    }
  }
  completions done;
  std::optional<dial_outcome> ended;
  if (begun) ended = begun->start();
  {
    const std::scoped_lock lock(mutex_);
    if (ended && stage_ == stage_kind::dialling) take_connection(std::move(*ended), done);
    if (!begun) fail({errc::cancelled, {}}, done);  // it was refused or closed before it began
  }
  post(std::move(done));
}

void body_stream::on_dialled(dial_outcome outcome) {
  on_event([&](completions& done) {
    if (stage_ == stage_kind::dialling) take_connection(std::move(outcome), done);
  });
}

void body_stream::take_connection(dial_outcome&& outcome, completions& done) {
  dial_.reset();
  if (!outcome.socket) {
    failed_in_ = outcome.failed_in;
    return fail(std::move(outcome.failure), done);
  }
  socket_ = std::move(outcome.socket);
  stream_ = std::move(outcome.stream);
  stage_ = stage_kind::writing;
  go_on(done);
}

/// Does what can be done without waiting, and waits for the rest.
void body_stream::go_on(completions& done) {
  if (stage_ == stage_kind::writing && !write_rest(done)) return;
  read(done);
}

bool body_stream::write_rest(completions& done) {
  while (written_ < request_.size()) {
    const io_result result = stream_->write(std::string_view(request_).substr(written_));
    switch (result.status) {
      case io_status::done: written_ += result.bytes; break;
      case io_status::want_read: watch(stream_socket::wait_read); return false;
      case io_status::want_write: watch(stream_socket::wait_write); return false;
      case io_status::end:
      case io_status::failed: fail(stream_->failure(), done); return false;
    }
  }
  stage_ = stage_kind::head;
  std::string().swap(request_);
  return true;
}

void body_stream::read(completions& done) {
  serve(done);
  char scratch[largest_piece];  // NOLINT(modernize-avoid-c-arrays): left uninitialised on purpose
  while (has_work()) {
    const io_result result = stream_->read(scratch);
    switch (result.status) {
      case io_status::want_read: return watch(stream_socket::wait_read);
      case io_status::want_write: return watch(stream_socket::wait_write);
      case io_status::failed: fail(stream_->failure(), done); break;
      case io_status::end: take_in(parser_.end_of_stream(stream_->ended_cleanly()), done); break;
      case io_status::done: take_in(parser_.feed({scratch, result.bytes}), done); break;
    }
    serve(done);
  }
}

void body_stream::take_in(parse_status status, completions& done) {
  if (stage_ == stage_kind::head && parser_.in_body()) take_head(status, done);
  if (stage_ == stage_kind::body) arrived_ += parser_.take_body();
  if (status == parse_status::failed) return fail(parser_.failure(), done);
  if (status != parse_status::complete) return;
  complete_ = true;
  disconnect(true);
}

/// The head is here: a success is handed out with it, any other response when it is complete.
void body_stream::take_head(parse_status status, completions& done) {
  if (head_.status == 0) head_ = parser_.take_head();
  if (!is_success(head_.status)) {
    head_.body += parser_.take_body();
    if (head_.body.size() > how_.limits.body_bytes)
      return fail({errc::body_limit, "limits.body_bytes"}, done);
    if (status != parse_status::complete) return;
  }
  stop_timer();
  streamed_response opened{.head = std::move(head_), .body = nullptr};
  const bool streams = is_success(opened.head.status);
  if (streams) opened.body = shared_from_this();
  stage_ = streams ? stage_kind::body : stage_kind::over;
  done.opener.swap(opener_);
  done.opened = std::move(opened);
}

/// Completes the read that waits, if there is one, with what has arrived.
void body_stream::serve(completions& done) {
  if (!reader_) return;
  if (!arrived_.empty()) {
    done.piece = std::exchange(arrived_, {});
  } else if (complete_) {
    done.piece = std::string();
  } else if (failure_) {
    done.piece = failure(failed_in_);
  } else {
    return;
  }
  stop_timer();
  done.reader.swap(reader_);
}

void body_stream::async_read(read_handler handler) {
  util::on_cancel(handler, [self = weak_from_this()] {
    if (const auto alive = self.lock()) alive->cancel();
  });
  const std::scoped_lock lock(mutex_);
  const bool at_once = !arrived_.empty() || complete_ || failure_;
  if (!at_once && how_.idle_timeout.count() > 0)
    set_timer({std::chrono::steady_clock::now() + how_.idle_timeout, errc::attempt_timeout});
  if (at_once || !stream_->is_drained()) {
    asio::post(how_.executor, [self = shared_from_this()] {
      self->on_event([&](completions& done) { self->read(done); });
    });
  } else {
    watch(stream_socket::wait_read);
  }
  reader_.swap(handler);
}

/// Ends the read under way, and nothing else.
void body_stream::cancel() {
  completions done;
  {
    const std::scoped_lock lock(mutex_);
    if (!reader_) return;
    stop_timer();
    done.reader.swap(reader_);
    done.piece = result<std::string>(errc::cancelled);
    error_code ignored;
    if (socket_) socket_->cancel(ignored);  // no wait keeps the context running
  }
  post(std::move(done));
}

void body_stream::close() noexcept {
  completions done;
  {
    const std::scoped_lock lock(mutex_);
    fail({errc::cancelled, {}}, done);
  }
  post(std::move(done));
}

/// Completes whatever waits; the first reason counts.
void body_stream::fail(io_failure why, completions& done) {
  if (stage_ == stage_kind::writing || stage_ == stage_kind::head) failed_in_ = now_in();
  if (dial_) failed_in_ = dial_->now_in();
  const bool in_order = stage_ == stage_kind::body && why.code == errc::cancelled;
  if (!failure_) failure_ = std::move(why);
  stage_ = stage_kind::over;
  if (dial_) std::exchange(dial_, nullptr)->abandon();
  disconnect(in_order);
  if (opener_) {
    done.opener.swap(opener_);
    done.opened = failure(failed_in_);
  }
  if (!reader_) return;
  // What came before is given first.
  arrived_.empty() ? void(done.piece = failure(failed_in_))
                   : void(done.piece = std::exchange(arrived_, {}));
  done.reader.swap(reader_);
}

phase body_stream::now_in() const {
  switch (stage_) {
    case stage_kind::dialling: return phase::connect;
    case stage_kind::writing: return phase::write;
    case stage_kind::head: return parser_.in_body() ? phase::read_body : phase::read_head;
    case stage_kind::body:
    case stage_kind::over: break;
  }
  return phase::read_body;
}

error body_stream::failure(phase failed_in) const {
  return model::make_error(failure_->code, failed_in, failure_->cause);
}

void body_stream::watch(stream_socket::wait_type what) {
  if (watching_ || !socket_ || !socket_->is_open()) return;
  socket_->async_wait(what, [self = shared_from_this()](const error_code& ec) {
    self->on_event([&](completions& done) {
      self->watching_ = false;
      if (!self->has_work()) return;
      if (ec && ec != asio::error::operation_aborted)
        return self->fail({errc::connection_reset, ec.message()}, done);
      self->go_on(done);
    });
  });
  watching_ = true;
}

void body_stream::set_timer(const limit& until) {
  timer_.expires_at(until.at);
  timer_.async_wait([weak = weak_from_this(), code = until.code,
                     generation = ++timer_generation_](const error_code&) {
    const auto self = weak.lock();
    if (!self) return;
    self->on_event([&](completions& done) {
      if (generation != self->timer_generation_) return;
      self->fail({code, self->stage_ == stage_kind::body ? "nothing came within the idle timeout"
                                                         : std::string()},
                 done);
    });
  });
}

void body_stream::stop_timer() {
  ++timer_generation_;
  timer_.cancel();
}

void body_stream::disconnect(bool goodbye) {
  stop_timer();
  if (stream_ && socket_ && socket_->is_open() && goodbye) stream_->say_goodbye();
  error_code ignored;
  if (socket_) socket_->close(ignored);
}

}  // namespace upsun::http
