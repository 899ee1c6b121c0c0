#include "http/exchange/body_reader.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace asio = boost::asio;

namespace upsun::http {

transport::open_handler body_reader::take_opener() {
  transport::open_handler taken;
  taken.swap(opener_);  // its move assignment recurses without end in Boost 1.81
  return taken;
}

void body_reader::opened(result<streamed_response> outcome) {
  if (opener_) complete(opener_, std::move(outcome));
}

bool body_reader::cancel() {
  if (!reader_) return false;
  stop_timer();
  complete(reader_, result<std::string>(errc::cancelled));
  return true;
}

void body_reader::fail(error why) {
  if (!failure_) failure_ = std::move(why);
  opened(*failure_);
  serve();
}

std::size_t body_reader::serve() {
  if (!reader_ || (arrived_.empty() && !is_over())) return 0;
  stop_timer();
  const std::size_t size = arrived_.size();
  const bool failed = size == 0 && !complete_;
  complete(reader_, failed ? result<std::string>(*failure_)
                           : result<std::string>(std::exchange(arrived_, {})));
  return size;
}

void body_reader::set_timer(time_point at, std::function<void(std::uint64_t)> due) {
  timer_.expires_at(at);
  timer_.async_wait(
      [due = std::move(due), number = ++timer_number_](const error_code&) { due(number); });
}

void body_reader::stop_timer() {
  ++timer_number_;
  timer_.cancel();
}

/// Posts it, since the lock is held.
template <class Handler, class Outcome>
void body_reader::complete(Handler& handler, Outcome outcome) {
  Handler taken;
  taken.swap(handler);  // its move assignment recurses without end in Boost 1.81
  asio::post(executor_, [taken = std::move(taken), outcome = std::move(outcome)]() mutable {
    std::move(taken)(std::move(outcome));
  });
}

}  // namespace upsun::http
