#include <upsun/testing/fake_transport.hpp>

#include <boost/asio/any_completion_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <utility>

namespace upsun::testing {
namespace asio = boost::asio;
namespace {

using clock = std::chrono::steady_clock;

error failure(errc code, upsun::phase where, std::string cause = {}) {
  error_details details;
  details.phase = where;
  details.cause = std::move(cause);
  return {code, std::move(details)};
}

/// A handler with the executors it needs, whose contexts are kept running until it is called.
template <class Handler>
struct completion {
  completion(Handler h, const asio::any_io_executor& own)
      : handler(std::move(h)),
        via(asio::prefer(own, asio::execution::outstanding_work.tracked)),
        executor(asio::prefer(asio::get_associated_executor(handler, own),
                              asio::execution::outstanding_work.tracked)) {}

  template <class Result>
  void operator()(Result outcome) && {
    // In two steps, since the handler's executor may be one that cannot be asked never to block.
    asio::post(
        via, [ex = std::move(executor), h = std::move(handler), r = std::move(outcome)]() mutable {
          asio::dispatch(
              ex, [h = std::move(h), r = std::move(r)]() mutable { std::move(h)(std::move(r)); });
        });
  }

  Handler handler;
  asio::any_io_executor via;
  asio::any_completion_executor executor;
};

struct pending_request {
  http_request request;
  completion<transport::send_handler> complete;
  std::unique_ptr<asio::steady_timer> timer{};
};

struct pending_close {
  completion<transport::close_handler> complete;
  std::unique_ptr<asio::steady_timer> timer;
  close_report report{};
};

}  // namespace

struct fake_transport::state : std::enable_shared_from_this<state> {
  state(asio::any_io_executor e, responder r) : executor(std::move(e)), respond(std::move(r)) {}

  asio::any_io_executor executor;
  responder respond;
  mutable std::mutex mutex;
  std::deque<result<http_response>> queued;
  std::vector<http_request> seen;
  std::map<std::uint64_t, pending_request> pending;  // in the order they came
  std::vector<pending_close> closing;
  std::uint64_t admitted = 0;
  bool held = false;
  bool closed = false;

  /// Whoever takes a request out of `pending` completes it, so that happens once.
  void complete(std::uint64_t id, result<http_response> outcome,
                std::size_t close_report::*counted_as = &close_report::drained) {
    std::unique_lock lock(mutex);
    const auto taken = pending.extract(id);
    if (taken.empty()) return;
    for (pending_close& each : closing) ++(each.report.*counted_as);
    std::vector<pending_close> over;
    if (pending.empty()) over.swap(closing);
    lock.unlock();
    std::move(taken.mapped().complete)(std::move(outcome));
    for (pending_close& each : over) std::move(each.complete)(each.report);
  }

  void serve(std::uint64_t id) {
    std::unique_lock lock(mutex);
    const auto found = pending.find(id);
    if (found == pending.end()) return;
    result<http_response> outcome = failure(errc::connect_failed, phase::connect,
                                            "the fake transport has no response to this request");
    if (!queued.empty()) {
      outcome = std::move(queued.front());
      queued.pop_front();
      lock.unlock();
    } else if (respond) {
      const responder make = respond;
      const http_request request = found->second.request;
      lock.unlock();
      outcome = make(request);
    } else {
      lock.unlock();
    }
    complete(id, std::move(outcome));
  }

  std::vector<std::uint64_t> pending_ids() const {
    const std::lock_guard lock(mutex);
    std::vector<std::uint64_t> ids;
    for (const auto& [id, request] : pending) ids.push_back(id);
    return ids;
  }
  void cancel_all() {
    for (const std::uint64_t id : pending_ids())
      complete(id, failure(errc::cancelled, phase::read_head), &close_report::cancelled);
  }

  /// A timer that calls `expired` on the state, if that is still there.
  template <class F>
  std::unique_ptr<asio::steady_timer> start_timer(clock::time_point when, F expired) {
    auto timer = std::make_unique<asio::steady_timer>(executor, when);
    timer->async_wait([weak = weak_from_this(), expired](error_code cancelled) {
      const auto self = weak.lock();
      if (self && !cancelled) expired(*self);
    });
    return timer;
  }

  void arm_deadline(std::uint64_t id, pending_request& entry) {
    const http_request& request = entry.request;
    const bool limited = request.attempt_timeout.count() > 0;
    const auto attempt_end =
        limited ? clock::now() + request.attempt_timeout : clock::time_point::max();
    const auto end = std::min(request.deadline, attempt_end);
    if (end == clock::time_point::max()) return;
    const errc code = end == request.deadline ? errc::deadline_exceeded : errc::attempt_timeout;
    entry.timer = start_timer(
        end, [id, code](state& self) { self.complete(id, failure(code, phase::read_head)); });
  }
};

fake_transport::fake_transport(asio::any_io_executor executor, responder respond)
    : state_(std::make_shared<state>(std::move(executor), std::move(respond))) {}
fake_transport::~fake_transport() { shutdown(); }

void fake_transport::push(result<http_response> response) {
  const std::lock_guard lock(state_->mutex);
  state_->queued.push_back(std::move(response));
}

http_response fake_transport::json(std::string body, int status) {
  http_response response;
  response.status = status;
  response.content_type = "application/json";
  response.body = std::move(body);
  return response;
}

void fake_transport::hold() {
  const std::lock_guard lock(state_->mutex);
  state_->held = true;
}

void fake_transport::release() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->held = false;
  }
  for (const std::uint64_t id : state_->pending_ids()) state_->serve(id);
}

std::size_t fake_transport::pending() const {
  const std::lock_guard lock(state_->mutex);
  return state_->pending.size();
}

std::vector<http_request> fake_transport::requests() const {
  const std::lock_guard lock(state_->mutex);
  return state_->seen;
}

void fake_transport::async_send(http_request request, send_handler handler) {
  completion<send_handler> complete(std::move(handler), state_->executor);
  std::unique_lock lock(state_->mutex);
  state_->seen.push_back(request);
  if (state_->closed) {
    lock.unlock();
    std::move(complete)(result<http_response>(failure(errc::client_closed, phase::admission)));
    return;
  }
  const std::uint64_t id = state_->admitted++;
  if (auto slot = asio::get_associated_cancellation_slot(complete.handler); slot.is_connected()) {
    slot.assign([weak = state_->weak_from_this(), id](asio::cancellation_type) {
      if (const auto self = weak.lock())
        self->complete(id, failure(errc::cancelled, phase::read_head));
    });
  }
  pending_request& entry =
      state_->pending.try_emplace(id, pending_request{std::move(request), std::move(complete)})
          .first->second;
  const bool held = state_->held;
  if (held) state_->arm_deadline(id, entry);
  lock.unlock();
  if (!held) state_->serve(id);
}

void fake_transport::async_close(std::chrono::milliseconds grace, close_handler handler) {
  completion<close_handler> complete(std::move(handler), state_->executor);
  std::unique_lock lock(state_->mutex);
  state_->closed = true;
  if (state_->pending.empty()) {
    lock.unlock();
    std::move(complete)(close_report{});
    return;
  }
  auto timer = state_->start_timer(clock::now() + grace, [](state& self) { self.cancel_all(); });
  state_->closing.push_back({std::move(complete), std::move(timer)});
}

void fake_transport::shutdown() noexcept {
  {
    const std::lock_guard lock(state_->mutex);
    state_->closed = true;
  }
  state_->cancel_all();
}

pool_statistics fake_transport::statistics() const {
  const std::lock_guard lock(state_->mutex);
  pool_statistics s;
  s.leased = state_->pending.size();
  s.leases = state_->admitted;
  return s;
}

}  // namespace upsun::testing
