#include "lane.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <memory>
#include <utility>

#include "once_transport.hpp"

namespace upsun::load {
namespace {

namespace asio = boost::asio;
using clock = std::chrono::steady_clock;

thread_local thread_counts* mine = nullptr;

/// Counts what the client reports of calls and connections, for the thread that carries them.
class phase_recorder final : public upsun::observer {
 public:
  void on_call(const call_report& report) noexcept override {
    if (report.failure != nullptr) return;
    record(call_phase::queue, report.timings.queue);
    record(call_phase::first_byte, report.timings.first_byte);
    record(call_phase::transfer, report.timings.transfer);
  }
  void on_attempt(const attempt_event& event) noexcept override {
    if (event.what != attempt_event::kind::dialled || event.failure != nullptr) return;
    record(call_phase::dial, event.resolve + event.connect);
    if (event.handshake.count() > 0) record(call_phase::handshake, event.handshake);
  }

  static void record(call_phase which, std::chrono::nanoseconds length) noexcept {
    if (mine != nullptr) mine->phases[static_cast<std::size_t>(which)].record(length);
  }
};

/// Sees to the connections of a client with these settings.
client_config watched(client_config config, connection_use use, asio::io_context& context) {
  config.observer = std::make_shared<phase_recorder>();
  if (use == connection_use::kept) return config;
  config.http.version = http_version::http1;
  config.tls.session_tickets = use == connection_use::once;
  config.transport = make_once_transport(context.get_executor(), config);
  return config;
}

}  // namespace

lane::lane(const target& where, client_config config, const pace& wanted, int threads,
           error_log& errors, std::function<void()> on_done)
    : where_(where),
      project_(where.project),
      pace_(wanted),
      errors_(errors),
      on_done_(std::move(on_done)),
      context_(threads),
      work_(context_.get_executor()),
      client_(context_.get_executor(), watched(std::move(config), where.use, context_)),
      pacer_(wanted, clock::now()),
      timer_(context_) {
  for (const std::string& id : where.integrations)
    integrations_.emplace_back(project_, integration_id(id));
}

void lane::run(thread_counts& counts) {
  mine = &counts;
  count_allocations(counts.allocations);
  context_.run();
}

void lane::start(time_point first_due, time_point end) {
  {
    const std::scoped_lock lock(mutex_);
    pacer_ = pacer(pace_, first_due);
    pacer_.stop(end);
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
    const auto now = clock::now();
    {
      const std::scoped_lock lock(mutex_);
      next = pacer_.begin(now);
      if (!next) return after_change(now);
    }
    begun(*next, now);
    call(*next);
  }
}

/// Of an open loop it counts how late a call begins.
void lane::begun(const pacer::call& which, time_point now) {
  if (!pace_.plan.open() || which.due < measured_from_.load(std::memory_order_relaxed)) return;
  phase_recorder::record(call_phase::start, now - which.due);
  if (which.blocked) increment(mine->blocked);
}

void lane::call(const pacer::call& which) {
  const operation what = where_.mix.of_call(which.number);
  const auto handler = [this, what, due = which.due](const auto& got) {
    if (got) return completed(what, nullptr, due);
    const error failure = got.error();
    completed(what, &failure, due);
  };
  switch (what) {
    case operation::get:
      return client_.async_get_integration(integrations_[which.number % integrations_.size()],
                                           handler);
    case operation::list: return client_.async_list_integrations(project_, handler);
    case operation::activities: return client_.activities(project_).async_next_page(handler);
    case operation::project: return client_.async_get_project(project_, handler);
    case operation::environments: return client_.async_list_environments(project_, handler);
    case operation::capabilities: return client_.async_get_project_capabilities(project_, handler);
  }
}

void lane::completed(operation what, const error* failure, time_point due) {
  const auto now = clock::now();
  const auto from = measured_from_.load(std::memory_order_relaxed);
  auto& counts = mine->operations[static_cast<std::size_t>(what)];
  if (now >= from) increment(failure == nullptr ? counts.fetched : counts.failed);
  if (due >= from) {
    if (failure != nullptr) {
      errors_.add(failure->message());
    } else {
      counts.latencies.record(now - due);
      const bool second = due >= second_half_from_.load(std::memory_order_relaxed);
      mine->halves[second ? 1 : 0].record(now - due);
    }
  }
  std::optional<pacer::call> next;
  {
    const std::scoped_lock lock(mutex_);
    pacer_.end();
    next = pacer_.begin(now);
    if (!next) return after_change(now);
  }
  begun(*next, now);
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
  {
    // An overload leaves a backlog, which would fail call by call on the closed client.
    const std::scoped_lock lock(mutex_);
    pacer_.stop(time_point::min());
    timer_.cancel();
    after_change(clock::now());
  }
  work_.reset();
  client_.async_close(std::chrono::milliseconds(0), [](const result<close_report>&) {});
}

std::uint64_t lane::unfinished() const {
  const std::scoped_lock lock(mutex_);
  return pacer_.unfinished();
}

}  // namespace upsun::load
