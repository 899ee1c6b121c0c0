#include "calls/composed.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>

#include <algorithm>

namespace asio = boost::asio;

namespace upsun::calls {

composed_base::composed_base(std::shared_ptr<client_impl> client, call_options&& options,
                             std::chrono::milliseconds timeout)
    : operation_under_way(std::move(client)), options_(std::move(options)), timeout_(timeout) {}

void composed_base::make_strand(const asio::any_io_executor& base) {
  base_ = base;
  strand_.emplace(asio::make_strand(base));
}

bool composed_base::begin(asio::cancellation_slot slot) {
  const clock::time_point now = clock::now();
  deadline_ = timeout_.count() > 0 ? now + timeout_ : clock::time_point::max();
  return admit(slot, now).has_value();
}

void composed_base::cancel() {
  if (cancelled_.exchange(true)) return;
  asio::post(*strand_, [self = shared_from_this(), this] {
    cancel_.emit(asio::cancellation_type::terminal);
  });
}

std::optional<error> composed_base::over() const {
  if (cancelled_) return errc::cancelled;
  if (deadline_ != clock::time_point::max() && clock::now() >= deadline_)
    return errc::deadline_exceeded;
  return std::nullopt;
}

void composed_base::refuse_when_over(result<api::operation>& step) const {
  const std::optional<error> why = step ? over() : std::nullopt;
  if (!why) return;
  error_details details;
  details.method = step->method;
  details.path_template = step->path_template;
  step = error(why->code(), std::move(details));
}

/// The deadline of the whole goes beside them.
call_options composed_base::options_of_step() const {
  constexpr std::chrono::milliseconds longest = std::chrono::hours(24);
  call_options options = options_;
  if (options.timeout() > longest) options.timeout(longest);
  return options;
}

call_options composed_base::options_elsewhere() const {
  const call_options same = options_of_step();
  call_options options;
  options.timeout(same.timeout()).attempt_timeout(same.attempt_timeout()).info(same.info());
  if (same.retry()) options.retry(*same.retry());
  return options;
}

asio::awaitable<result<void>> composed_base::pause(clock::duration time) {
  if (auto why = over()) co_return *why;
  asio::steady_timer timer(*strand_, std::min(clock::now() + time, deadline_));
  co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  if (auto why = over()) co_return *why;
  co_return result<void>();
}

}  // namespace upsun::calls
