#include "operations/log_session.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/post.hpp>

#include <new>
#include <string_view>
#include <utility>

#include "api/operation.hpp"
#include "model/make_error.hpp"
#include "util/random.hpp"

namespace asio = boost::asio;

namespace upsun::operations {
namespace {

constexpr std::string_view path_template =
    "/projects/{projectId}/integrations/{integrationId}/activities/{activityId}/log";
constexpr std::chrono::seconds usual_idle_timeout(60);
constexpr std::size_t usual_line = std::size_t{1} << 20;

api::log_rules rules_of(const log_options& options, const retry_options& backoff) {
  return {.longest_line = options.max_line_bytes() != 0 ? options.max_line_bytes() : usual_line,
          .max_failures = options.max_failures(),
          .max_quiet = options.max_quiet_streams(),
          .backoff = backoff};
}

error refuse_second() {
  return model::refused_argument("another async_next of this log is under way");
}

}  // namespace

log_session::log_session(std::shared_ptr<calls::client_impl> client, std::string target,
                         const log_options& options)
    : client_(std::move(client)),
      target_(std::move(target)),
      options_(options),
      idle_timeout_(options.idle_timeout().count() != 0 ? options.idle_timeout()
                                                        : usual_idle_timeout + options.max_delay()),
      core_(rules_of(options, client_->config.retry), options.start_after()),
      timer_(client_->executor) {}

std::string log_session::last_id() const {
  const std::scoped_lock lock(mutex_);
  return core_.last_id();
}

void log_session::begin(const std::shared_ptr<next_line>& next) {
  const std::scoped_lock lock(mutex_);
  if (!current_.expired()) return next->complete_later(refuse_second());
  current_ = next;
  try {
    auto outcome = go_on();
    if (!outcome) return;
    current_.reset();
    next->complete_later(std::move(*outcome));
  } catch (...) {
    current_.reset();
    throw;
  }
}

/// What `next` waited for has happened.
template <class Event>
void log_session::on_event(next_line& next, Event event) {
  std::optional<line_result> outcome;
  {
    const std::scoped_lock lock(mutex_);
    waits_for_ = wait_kind::nothing;
    try {
      event();
      outcome = go_on();
    } catch (const std::bad_alloc&) {
      outcome = line_result(errc::out_of_memory);
    }
    if (outcome) current_.reset();
    if (outcome && closed_) drop_stream();
  }
  if (outcome) next.complete(std::move(*outcome));
}

void log_session::wake(const next_line& next) {
  const std::scoped_lock lock(mutex_);
  if (current_.lock().get() != &next) return;
  switch (waits_for_) {
    case wait_kind::nothing: return;
    case wait_kind::pause: timer_.cancel(); return;
    case wait_kind::token:
    case wait_kind::opening:
    case wait_kind::reading: cancel_.emit(asio::cancellation_type::total); return;
  }
}

void log_session::close() noexcept {
  const std::scoped_lock lock(mutex_);
  closed_ = true;
  const auto under_way = current_.lock();
  under_way ? under_way->stop() : drop_stream();
}

// ---- one step after the other, under the lock

/// How the one under way ends; nothing when it waits.
std::optional<log_session::line_result> log_session::go_on() {
  for (;;) {
    if (auto line = core_.next()) {
      if (!*line) return complete_error(line->error());
      over_.reset();
      return std::optional<log_line>(std::move(**line));
    }
    if (core_.sealed()) {
      drop_stream();
      return std::optional<log_line>();
    }
    if (std::exchange(ended_, false)) {
      follow(core_.ended(util::roll()));
      continue;
    }
    if (over_) {
      const error why = *std::exchange(over_, std::nullopt);
      return complete_error(why);
    }
    if (stopped()) return complete_error(errc::cancelled);
    if (stream_) return read(), std::nullopt;
    if (clock::now() < not_before_) return pause(), std::nullopt;
    if (!find_token()) return get_token(), std::nullopt;
    return open(), std::nullopt;
  }
}

bool log_session::stopped() const noexcept {
  const auto next = current_.lock();
  return !next || next->stopped();
}

/// Whether there is one for the next stream, or none is needed.
bool log_session::find_token() {
  if (!client_->tokens || has_token_) return true;
  auto ready = client_->tokens->try_get();
  if (ready) token_ = std::move(*ready);
  return has_token_ = ready.has_value();
}

void log_session::get_token() {
  auto answered = [this, next = current_.lock()](result<auth::token> token) {
    on_event(*next, [&] { on_token(std::move(token)); });
  };
  client_->tokens->async_get(clock::now() + client_->config.timeouts.total,
                             asio::bind_cancellation_slot(cancel_.slot(), std::move(answered)));
  waits_for_ = wait_kind::token;
}

void log_session::on_token(result<auth::token>&& token) {
  if (!token) return lost(token.error());
  token_ = std::move(*token);
  has_token_ = true;
}

void log_session::open() {
  http_request request;
  request.path_template = path_template;
  request.target = api::log_target(target_, core_.last_id(), options_);
  request.headers = options_.call().headers();
  request.authorization = token_.authorization;
  request.attempt_timeout = client_->config.timeouts.attempt + options_.max_delay();
  has_token_ = false;
  auto answered = [this, next = current_.lock()](result<streamed_response> answer) {
    on_event(*next, [&] { on_opened(std::move(answer)); });
  };
  client_->network->async_open_stream(
      std::move(request), idle_timeout_,
      asio::bind_cancellation_slot(cancel_.slot(), std::move(answered)));
  waits_for_ = wait_kind::opening;
}

void log_session::on_opened(result<streamed_response>&& answer) {
  if (!answer) return lost(answer.error());
  if (answer->head.status >= 200 && answer->head.status <= 299)
    return begin_stream(std::move(*answer));
  const error refusal = api::check_answer(answer->head).error();
  if (refusal != errc::unauthorized || !client_->tokens || std::exchange(renewed_, true))
    return lost(refusal);
  client_->tokens->invalidate(token_.generation);
}

void log_session::begin_stream(streamed_response&& opened) {
  renewed_ = false;
  core_.opened();
  stream_ = std::move(opened.body);
  if (stream_) return;
  core_.feed(opened.head.body);
  ended_ = true;
}

void log_session::read() {
  auto answered = [this, next = current_.lock()](result<std::string> piece) {
    on_event(*next, [&] { on_piece(std::move(piece)); });
  };
  stream_->async_read(asio::bind_cancellation_slot(cancel_.slot(), std::move(answered)));
  waits_for_ = wait_kind::reading;
}

void log_session::on_piece(result<std::string>&& piece) {
  if (piece && !piece->empty()) return core_.feed(*piece);
  if (!piece && piece.error() == errc::cancelled && stopped()) return;  // the stream is as it was
  drop_stream();
  if (!piece) return lost(piece.error());
  ended_ = true;
}

void log_session::pause() {
  timer_.expires_at(not_before_);
  timer_.async_wait([this, next = current_.lock()](const error_code&) { on_event(*next, [] {}); });
  waits_for_ = wait_kind::pause;
}

void log_session::lost(const error& why) {
  if (why != errc::cancelled || !stopped()) follow(core_.failed(why, util::roll()));
}

void log_session::follow(api::log_core::sequel&& what) {
  over_ = std::move(what.over);
  not_before_ = clock::now() + what.delay;
}

error log_session::complete_error(const error& why) const {
  error_details details = why.details();
  details.method = "GET";
  details.path_template = path_template;
  details.safe_to_retry = true;
  return {why.code(), std::move(details)};
}

void log_session::drop_stream() noexcept {
  if (stream_) std::exchange(stream_, nullptr)->close();
}

// ---- one async_next

next_line::~next_line() {
  if (is_linked()) session_->client()->leave(*this);  // its context was destroyed under it
}

void next_line::start(detail::handler_executor where, asio::cancellation_slot cancel,
                      handler_type&& handler) {
  const auto& client = session_->client();
  pending_.emplace(client->executor, std::move(where));
  handler_.swap(handler);  // its move assignment recurses without end in Boost 1.81
  if (!client->admit(*this, nullptr, std::chrono::steady_clock::now()))
    return complete_later(errc::client_closed);
  if (cancel.is_connected()) {
    cancel.assign([self = weak_from_this()](asio::cancellation_type type) {
      if (const auto alive = self.lock(); alive && type != asio::cancellation_type::none)
        alive->stop();
    });
  }
  session_->begin(shared_from_this());
}

void next_line::complete(result<std::optional<log_line>>&& outcome) {
  calls::deliver(*pending_, handler_, std::move(outcome));
  session_->client()->leave(*this);
}

void next_line::complete_later(result<std::optional<log_line>> outcome) {
  asio::post(session_->client()->executor,
             [self = shared_from_this(), kept = std::move(outcome)]() mutable {
               self->complete(std::move(kept));
             });
}

void next_line::stop() {
  stopped_ = true;
  session_->wake(*this);
}

void next_line::end() {
  ended_by_client_ = true;
  stop();
}

}  // namespace upsun::operations
