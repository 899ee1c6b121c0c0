#include "operations/log_session.hpp"

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

}  // namespace

log_session::log_session(std::shared_ptr<calls::client_impl> client, std::string target,
                         const log_options& options)
    : client_(std::move(client)),
      target_(std::move(target)),
      options_(options),
      idle_timeout_(options.idle_timeout().count() != 0
                        ? options.idle_timeout()
                        : usual_idle_timeout + options.batch_delay()),
      core_(rules_of(options, client_->config.retry), options.start_after()),
      last_id_(options.start_after()) {}

detail::prepared_call<std::optional<log_line>> log_session::prepare_next() {
  using reading = calls::composed<std::optional<log_line>>;
  return std::make_shared<reading>(
      client_, call_options(), [self = shared_from_this()](steps& of) { return self->next(of); },
      std::chrono::milliseconds(0));
}

std::string log_session::last_id() const {
  const std::scoped_lock lock(mutex_);
  return last_id_;
}

void log_session::close() noexcept {
  std::shared_ptr<calls::operation_under_way> reading;
  std::shared_ptr<response_stream> unused;
  {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
    reading = under_way_.lock();
    if (!reading) unused.swap(stream_);
  }
  if (reading) reading->cancel();
  if (unused) unused->close();
}

// ---- one async_next

asio::awaitable<log_session::line_result> log_session::next(steps& of) {
  const calls::exclusive_use use(busy_);
  if (!use.granted())
    co_return model::refused_argument("another async_next of this log is under way");
  {
    const std::scoped_lock lock(mutex_);
    under_way_ = of.weak_from_this();
    if (closed_) of.cancel();  // the handle went before this began
  }
  auto line = co_await read_line(of);
  const std::scoped_lock lock(mutex_);
  under_way_.reset();
  last_id_ = core_.last_id();
  if (closed_) drop_stream();
  co_return std::move(line);
}

asio::awaitable<log_session::line_result> log_session::read_line(steps& of) {
  for (;;) {
    if (auto line = core_.next()) {
      if (!*line) co_return complete_error(line->error());
      over_.reset();
      co_return std::optional<log_line>(std::move(**line));
    }
    if (core_.sealed()) {
      drop_stream();
      co_return std::optional<log_line>();
    }
    if (std::exchange(stream_ended_, false)) {
      follow(core_.ended(util::roll()));
    } else if (const auto over = std::exchange(over_, std::nullopt)) {
      co_return complete_error(*over);
    } else if (of.cancelled()) {
      co_return complete_error(errc::cancelled);
    } else if (stream_) {
      co_await read(of);
    } else if (const auto now = clock::now(); now < not_before_) {
      (void)co_await of.pause(not_before_ - now);
    } else if (!has_token()) {
      co_await get_token(of);
    } else {
      co_await open(of);
    }
  }
}

/// Whether there is one for the next stream, or none is needed.
bool log_session::has_token() {
  if (!client_->tokens || has_token_) return true;
  auto ready = client_->tokens->try_get();
  if (ready) token_ = std::move(*ready);
  return has_token_ = ready.has_value();
}

asio::awaitable<void> log_session::get_token(const steps& of) {
  const auto latest = clock::now() + client_->config.timeouts.total;
  auto ask = [this, latest](auto handler) {
    client_->tokens->async_get(latest, std::move(handler));
  };
  auto token = co_await steps::from_below<auth::token>(std::move(ask));
  if (!token) co_return lost(of, token.error());
  token_ = std::move(*token);
  has_token_ = true;
}

asio::awaitable<void> log_session::open(const steps& of) {
  auto send = [this](auto handler) {
    http_request request;
    request.path_template = path_template;
    request.target = api::log_target(target_, core_.last_id(), options_);
    request.headers = options_.fetch().headers();
    request.authorization = token_.authorization;
    request.attempt_timeout = client_->config.timeouts.attempt + options_.batch_delay();
    client_->network->async_open_stream(std::move(request), idle_timeout_, std::move(handler));
  };
  has_token_ = false;
  auto opened = co_await steps::from_below<streamed_response>(std::move(send));
  on_opened(of, std::move(opened));
}

void log_session::on_opened(const steps& of, result<streamed_response>&& opened) {
  if (!opened) return lost(of, opened.error());
  if (opened->head.status >= 200 && opened->head.status <= 299) {
    const auto readable = api::check_coding(opened->head, client_->authorization(token_));
    if (!readable) {
      if (opened->body) opened->body->close();
      return lost(of, readable.error());
    }
    renewed_ = false;
    core_.opened();
    if (opened->body) {
      stream_ = std::move(opened->body);
      return;
    }
    core_.feed(opened->head.body);
    stream_ended_ = true;
    return;
  }
  const error refusal = api::check_response(opened->head, api::response_body::required,
                                            client_->authorization(token_))
                            .error();
  if (refusal != errc::unauthorized || !client_->tokens || std::exchange(renewed_, true))
    return lost(of, refusal);
  client_->tokens->invalidate(token_.generation);
}

asio::awaitable<void> log_session::read(const steps& of) {
  auto take = [from = stream_](auto handler) { from->async_read(std::move(handler)); };
  const auto piece = co_await steps::from_below<std::string>(std::move(take));
  if (piece && !piece->empty()) co_return core_.feed(*piece);
  if (!piece && piece.error() == errc::cancelled && of.cancelled())
    co_return;  // the stream is as it was
  drop_stream();
  if (!piece) co_return lost(of, piece.error());
  stream_ended_ = true;
}

void log_session::drop_stream() {
  if (stream_) std::exchange(stream_, nullptr)->close();
}

void log_session::lost(const steps& of, const error& why) {
  if (why != errc::cancelled || !of.cancelled()) follow(core_.failed(why, util::roll()));
}

void log_session::follow(api::log_core::sequel&& what) {
  over_ = std::move(what.over);
  not_before_ = clock::now() + what.delay;
}

error log_session::complete_error(const error& why) {
  error_details details = why.details();
  details.method = "GET";
  details.path_template = path_template;
  details.safe_to_retry = true;
  return {why.code(), std::move(details)};
}

}  // namespace upsun::operations
