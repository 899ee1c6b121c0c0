#include "calls/composed.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>

#include <algorithm>

namespace asio = boost::asio;

namespace upsun::calls {

composed_base::composed_base(std::shared_ptr<client_impl> client, call_options&& options)
    : client_(std::move(client)),
      options_(std::move(options)),
      strand_(asio::make_strand(client_->executor)) {}

composed_base::~composed_base() {
  if (is_linked())
    client_->leave(*this);  // its context was destroyed under it, or it could not be started
}

bool composed_base::admit(asio::cancellation_slot cancel) {
  const clock::time_point now = clock::now();
  deadline_ =
      now + (options_.timeout().count() > 0 ? options_.timeout() : client_->config.timeouts.total);
  if (!client_->admit(*this, nullptr, now)) return false;
  if (cancel.is_connected()) {
    cancel.assign([self = weak_from_this()](asio::cancellation_type type) {
      if (const auto alive = self.lock(); alive && type != asio::cancellation_type::none)
        alive->stop();
    });
  }
  return true;
}

void composed_base::stop() {
  stopped_ = true;
  asio::post(strand_, [self = shared_from_this()] {
    self->cancel_.emit(asio::cancellation_type::terminal);
  });
}

/// The client ends the single calls itself.
void composed_base::end() {
  ended_by_client_ = true;
  try {
    stop();
  } catch (const std::bad_alloc&) {
    stopped_ = true;  // a pause then ends when its time has come
  }
}

std::optional<error> composed_base::over() const {
  if (stopped_) return errc::cancelled;
  if (clock::now() >= deadline_) return errc::deadline_exceeded;
  return std::nullopt;
}

result<api::operation> composed_base::allowed(result<api::operation>&& operation) const {
  const std::optional<error> why = operation ? over() : std::nullopt;
  if (!why) return std::move(operation);
  error_details details;
  details.method = operation->method;
  details.path_template = operation->path_template;
  return error(why->code(), std::move(details));
}

std::chrono::milliseconds composed_base::left() const {
  return std::max(std::chrono::ceil<std::chrono::milliseconds>(deadline_ - clock::now()),
                  std::chrono::milliseconds(1));
}

/// What is refused in the caller's options is refused by the first step.
call_options composed_base::options_of_step() const {
  call_options options = options_;
  return options.timeout().count() < 0 ? options : std::move(options).timeout(left());
}

call_options composed_base::options_elsewhere() const {
  call_options options;
  options.timeout(left()).attempt_timeout(options_.attempt_timeout()).info(options_.info());
  if (options_.retry()) options.retry(*options_.retry());
  return options;
}

asio::awaitable<result<void>> composed_base::pause(clock::duration time) {
  if (auto why = over()) co_return *why;
  asio::steady_timer timer(strand_, std::min(clock::now() + time, deadline_));
  co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  if (auto why = over()) co_return *why;
  co_return result<void>();
}

}  // namespace upsun::calls
