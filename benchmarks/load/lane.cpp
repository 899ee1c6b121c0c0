#include "lane.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace upsun::load {
namespace {

namespace asio = boost::asio;
using clock = std::chrono::steady_clock;

thread_local thread_counts* mine = nullptr;

}  // namespace

lane::lane(const target& where, client_config config, const pace& wanted, int threads,
           error_log& errors, std::function<void()> on_done)
    : where_(where),
      pace_(wanted),
      errors_(errors),
      on_done_(std::move(on_done)),
      context_(threads),
      work_(context_.get_executor()),
      client_(context_.get_executor(), std::move(config)),
      pacer_(wanted, clock::now()),
      timer_(context_) {}

void lane::run(thread_counts& counts) {
  mine = &counts;
  count_allocations(counts.allocations);
  context_.run();
}

void lane::start(time_point first_due) {
  {
    const std::scoped_lock lock(mutex_);
    pacer_ = pacer(pace_, first_due);
  }
  asio::post(context_, [this] {
    const auto before = heap_in_use();
    begin_due();
    const auto after = heap_in_use();
    const auto calls = static_cast<double>(std::min<std::uint64_t>(pace_.slots, pace_.limit));
    if (before && after && *after > *before)
      bytes_per_call_ = static_cast<double>(*after - *before) / calls;
  });
}

void lane::begin_due() {
  for (;;) {
    std::optional<pacer::call> next;
    {
      const std::scoped_lock lock(mutex_);
      const auto now = clock::now();
      next = pacer_.begin(now);
      if (!next) return after_change(now);
    }
    call(*next);
  }
}

void lane::call(const pacer::call& which) {
  const std::string& integration = where_.integrations[which.number % where_.integrations.size()];
  client_.async_get_integration(
      {project_id(where_.project), integration_id(integration)},
      [this, due = which.due](const result<upsun::integration>& got) { completed(got, due); });
}

void lane::completed(const result<integration>& got, time_point due) {
  const auto now = clock::now();
  if (got) {
    increment(mine->fetched);
    if (due >= measured_from_.load(std::memory_order_relaxed)) mine->latencies.record(now - due);
  } else {
    increment(mine->failed);
    errors_.add(got.error().message());
  }
  std::optional<pacer::call> next;
  {
    const std::scoped_lock lock(mutex_);
    pacer_.end();
    next = pacer_.begin(now);
    if (!next) return after_change(now);
  }
  call(*next);
}

/// With the lock, when no call can begin: waits until the next one is due, or is done.
void lane::after_change(time_point now) {
  if (pacer_.done(now)) {
    if (!std::exchange(done_, true)) asio::post(context_, on_done_);
    return;
  }
  const auto due = pacer_.next_due();
  if (!due || *due <= now || waiting_) return;
  waiting_ = true;
  timer_.expires_at(*due);
  timer_.async_wait([this](const boost::system::error_code&) {
    {
      const std::scoped_lock lock(mutex_);
      waiting_ = false;
    }
    begin_due();
  });
}

void lane::stop() {
  const std::scoped_lock lock(mutex_);
  const auto now = clock::now();
  pacer_.stop(now);
  timer_.cancel();
  after_change(now);
}

void lane::close() {
  stop();
  work_.reset();
  client_.async_close(std::chrono::milliseconds(0), [](const result<close_report>&) {});
}

std::uint64_t lane::unfinished() const {
  const std::scoped_lock lock(mutex_);
  return pacer_.unfinished();
}

}  // namespace upsun::load
