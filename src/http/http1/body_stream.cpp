#include "http/http1/body_stream.hpp"

#include <boost/asio/error.hpp>

#include <utility>

#include "http/net/context_end.hpp"
#include "model/make_error.hpp"
#include "util/on_cancel.hpp"

namespace asio = boost::asio;

namespace upsun::http {
namespace {

// One TLS record (RFC 8446 section 5.1): also the largest piece.
constexpr std::size_t largest_piece = 16 * 1024;

}  // namespace

// ---- the streams of a transport

connection_id open_streams::next_id() noexcept {
  constexpr std::uint64_t first_id = std::uint64_t{1} << 63;
  const std::scoped_lock lock(mutex_);
  return connection_id{first_id + ++last_};
}

bool open_streams::add(connection_id id, const std::shared_ptr<body_stream>& stream) {
  const std::scoped_lock lock(mutex_);
  if (!closed_) streams_.emplace(id, stream);
  return !closed_;
}

void open_streams::remove(connection_id id) {
  const std::scoped_lock lock(mutex_);
  streams_.erase(id);
}

void open_streams::close_all() {
  std::unordered_map<connection_id, std::weak_ptr<body_stream>> all;
  {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
    all.swap(streams_);
  }
  for (const auto& [id, stream] : all) {
    if (const auto alive = stream.lock()) alive->close();
  }
}

// ---- one stream

body_stream::body_stream(connection_id id, settings how, std::shared_ptr<open_streams> home)
    : id_(id),
      how_(std::move(how)),
      home_(std::move(home)),
      reader_(how_.executor),
      parser_(how_.limits, {.streams = true}) {}

body_stream::~body_stream() {
  home_->remove(id_);
  if (socket_ && !how_.target->made_in.made_here()) close_own(*socket_);
}

void body_stream::refuse(errc reason) {
  const std::scoped_lock lock(mutex_);
  fail({reason, {}}, phase::admission);
}

void body_stream::open(std::string request, limit until, transport::open_handler handler) {
  util::on_cancel(handler, [self = weak_from_this()] {
    if (const auto alive = self.lock()) alive->close();
  });
  const std::scoped_lock lock(mutex_);
  reader_.open(handler);
  // It may have been refused, or closed, before it began.
  if (const auto& failure = reader_.failure()) return reader_.opened(*failure);
  request_ = std::move(request);
  set_timer(until);
  dial_ = std::make_shared<dial>(
      id_, how_.executor, how_.target, how_.names,
      [self = shared_from_this()](dial_outcome outcome) { self->on_dialled(std::move(outcome)); },
      true);
  dial_->start();
}

void body_stream::on_dialled(dial_outcome outcome) {
  const std::scoped_lock lock(mutex_);
  if (stage_ != stage_kind::dialling) return;
  dial_.reset();
  if (!outcome.socket) return fail(std::move(outcome.failure), outcome.failed_in);
  socket_ = std::move(outcome.socket);
  stream_ = std::move(outcome.stream);
  stage_ = stage_kind::writing;
  go_on();
}

/// Writes and reads what can be without waiting, and waits for the rest.
void body_stream::go_on() {
  char scratch[largest_piece];  // NOLINT(modernize-avoid-c-arrays): left uninitialised on purpose
  reader_.serve();
  while (has_work()) {
    const bool writing = stage_ == stage_kind::writing;
    const io_result result = writing ? stream_->write(std::string_view(request_).substr(written_))
                                     : stream_->read(scratch);
    switch (result.status) {
      case io_status::want_read: return watch(stream_socket::wait_read);
      case io_status::want_write: return watch(stream_socket::wait_write);
      case io_status::failed: fail(stream_->failure(), now_in()); break;
      case io_status::end: take_in(parser_.end_of_stream(stream_->ended_cleanly())); break;
      case io_status::done:
        if (!writing) {
          take_in(parser_.feed({scratch, result.bytes}));
        } else if (written_ += result.bytes; written_ == request_.size()) {
          stage_ = stage_kind::head;
          std::string().swap(request_);
        }
        break;
    }
    reader_.serve();
  }
}

void body_stream::take_in(parse_status status) {
  if (stage_ == stage_kind::head && parser_.in_body()) take_head(status);
  if (stage_ == stage_kind::body) reader_.add(parser_.take_body());
  if (status == parse_status::failed) return fail(parser_.failure(), now_in());
  if (status != parse_status::complete) return;
  reader_.end();
  disconnect(true);
}

/// The head is here: a success is handed out with it, any other response when it is complete.
void body_stream::take_head(parse_status status) {
  if (head_.status == 0) head_ = parser_.take_head();
  const bool success = head_.status >= 200 && head_.status <= 299;
  if (!success) {
    head_.body += parser_.take_body();
    if (status != parse_status::complete) return;
  }
  reader_.stop_timer();
  stage_ = success ? stage_kind::body : stage_kind::over;
  streamed_response opened{.head = std::move(head_), .body = nullptr};
  if (success) opened.body = shared_from_this();
  reader_.opened(std::move(opened));
}

void body_stream::async_read(read_handler handler) {
  util::on_cancel(handler, [self = weak_from_this()] {
    if (const auto alive = self.lock()) alive->cancel_read();
  });
  const std::scoped_lock lock(mutex_);
  reader_.ask(handler);
  reader_.serve();
  if (!reader_.waits()) return;
  if (how_.idle_timeout.count() > 0)
    set_timer({std::chrono::steady_clock::now() + how_.idle_timeout, errc::attempt_timeout});
  stream_->is_drained() ? watch(stream_socket::wait_read) : go_on();
}

/// Ends the read under way, and nothing else.
void body_stream::cancel_read() {
  const std::scoped_lock lock(mutex_);
  error_code ignored;
  // No wait keeps the context running.
  if (reader_.cancel() && socket_) socket_->cancel(ignored);
}

void body_stream::close() noexcept {
  const std::scoped_lock lock(mutex_);
  fail({errc::cancelled, {}}, now_in());
}

/// Completes whatever waits; the first reason counts.
void body_stream::fail(io_failure why, phase in) {
  const bool in_order = stage_ == stage_kind::body && why.code == errc::cancelled;
  stage_ = stage_kind::over;
  if (dial_) std::exchange(dial_, nullptr)->abandon();
  disconnect(in_order);
  reader_.fail(model::make_error(why.code, in, std::move(why.cause)));
}

phase body_stream::now_in() const {
  switch (stage_) {
    case stage_kind::dialling: return dial_ ? dial_->now_in() : phase::admission;
    case stage_kind::writing: return phase::write;
    case stage_kind::head: return parser_.in_body() ? phase::read_body : phase::read_head;
    case stage_kind::body:
    case stage_kind::over: break;
  }
  return phase::read_body;
}

void body_stream::watch(stream_socket::wait_type what) {
  if (watching_ || !socket_ || !socket_->is_open()) return;
  socket_->async_wait(what, [self = shared_from_this()](const error_code& ec) {
    const std::scoped_lock lock(self->mutex_);
    self->watching_ = false;
    if (!self->has_work()) return;
    if (ec && ec != asio::error::operation_aborted)
      return self->fail({errc::connection_reset, ec.message()}, self->now_in());
    self->go_on();
  });
  watching_ = true;
}

void body_stream::set_timer(const limit& until) {
  reader_.set_timer(until.at, [weak = weak_from_this(), code = until.code](std::uint64_t number) {
    const auto self = weak.lock();
    if (!self) return;
    const std::scoped_lock lock(self->mutex_);
    if (!self->reader_.is_due(number)) return;
    const bool reading = self->stage_ == stage_kind::body;
    self->fail({code, reading ? "nothing came within the idle timeout" : ""}, self->now_in());
  });
}

void body_stream::disconnect(bool goodbye) {
  reader_.stop_timer();
  if (!socket_) return;
  // A forked child's ends nothing.
  if (stream_ && socket_->is_open() && goodbye && how_.target->made_in.made_here())
    stream_->say_goodbye();
  close_own(*socket_);
}

}  // namespace upsun::http
