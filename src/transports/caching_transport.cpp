#include "transports/caching_transport.hpp"

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "model/make_error.hpp"
#include "util/ascii.hpp"
#include "util/on_cancel.hpp"
#include "util/recycler.hpp"

namespace asio = boost::asio;

namespace upsun::transports {
namespace {

/// Conditional and partial requests, and those with a word to caches, get a response of their own.
bool may_share(const http_request& request) {
  const auto excludes = [](const auto& header) {
    const std::string_view name = header.first;
    return util::equal_ignoring_case(name, "cache-control") ||
           util::equal_ignoring_case(name, "pragma") || util::equal_ignoring_case(name, "range") ||
           util::equal_ignoring_case(name.substr(0, 3), "if-");
  };
  return request.shareable && request.method == "GET" && request.body.empty() &&
         std::none_of(request.headers.begin(), request.headers.end(), excludes);
}

/// Without what only its own exchange could say.
http_response from_cache(const http_response& cached) {
  http_response response = cached;
  response.cached = true;
  response.reused_connection = false;
  response.timings = {};
  return response;
}

/// The cached response that a 304 confirmed.
http_response confirmed_by(http_response&& not_modified, const http_response& cached) {
  http_response response = from_cache(cached);
  response.revalidated = true;
  response.request_id = std::move(not_modified.request_id);
  response.no_store = not_modified.no_store;
  response.reused_connection = not_modified.reused_connection;
  response.timings = not_modified.timings;
  return response;
}

/// The outcome of a fetch, for a request that joined it.
result<http_response> shared_copy(const result<http_response>& outcome) {
  if (outcome) {
    http_response response = *outcome;
    response.shared = true;
    return response;
  }
  error_details details = outcome.error().details();
  details.shared = true;
  return error(outcome.error().code(), std::move(details));
}

error left_early(errc why) {
  return model::make_error(
      why, phase::queue,
      why == errc::deadline_exceeded ? "a fetch shared with other calls was still under way" : "");
}

}  // namespace

/// One request that waits, with its handler. Its fetch owns it.
struct caching_transport::waiting_request : waiter {
  send_handler handler;
  std::uint64_t call = 0;
  bool leads = false;                         // the fetch was begun for it
  std::optional<asio::steady_timer> timer{};  // under the lock

  void complete(result<http_response>&& outcome) { std::move(handler)(std::move(outcome)); }
};

/// One request to the transport below. The handler that waits for its response owns it.
struct caching_transport::shared_fetch : fetch, std::enable_shared_from_this<shared_fetch> {
  /// \param known the cached response, if there is one.
  shared_fetch(std::shared_ptr<caching_transport> of, fetch_key&& what,
               response_cache::response_ptr known)
      : fetch{.key = std::move(what)},
        home(std::move(of)),
        stale(known && !known->etag.empty() ? std::move(known) : nullptr) {}
  shared_fetch(const shared_fetch&) = delete;
  shared_fetch& operator=(const shared_fetch&) = delete;
  /// Still listed when it was not sent, or when its context was destroyed under it.
  ~shared_fetch() {
    waiters unserved;  // destroyed without the lock
    const std::scoped_lock lock(home->mutex_);
    unserved = home->fetches_.end(*this);
  }

  const std::shared_ptr<caching_transport> home;
  const response_cache::response_ptr stale;          // to be confirmed by 304; may be null
  std::shared_ptr<const request_progress> progress;  // of the request below; null: nobody asks
  asio::cancellation_signal cancel;

  // Under the lock, while anybody waits.
  request_ptr last{};  // the last waiter, which left: it learns from the cancelled request below
  std::optional<errc> left_because{};
  shared_outcome failure{};  // those who wait, if anyone, wait for a retry
};

struct caching_transport::fetch_handler {
  fetch_ptr fetch;

  using allocator_type = util::recycler<void>;
  [[nodiscard]] allocator_type get_allocator() const noexcept { return {}; }
  using cancellation_slot_type = asio::cancellation_slot;
  [[nodiscard]] cancellation_slot_type get_cancellation_slot() const noexcept {
    return fetch->cancel.slot();
  }
  void operator()(result<http_response>&& got) { fetch->home->on_response(*fetch, std::move(got)); }
};

/// Whether a change was done is not always known, so it counts however it ended.
struct caching_transport::change_handler {
  std::shared_ptr<caching_transport> home;
  std::string method;
  std::string target;
  asio::cancellation_slot slot;
  send_handler handler;

  using cancellation_slot_type = asio::cancellation_slot;
  [[nodiscard]] cancellation_slot_type get_cancellation_slot() const noexcept { return slot; }
  void operator()(result<http_response>&& got) {
    home->forget(change_by(method, target));
    std::move(handler)(std::move(got));
  }
};

// ---- requests

void caching_transport::async_send(http_request request, send_handler handler) {
  if (closed_ || !may_share(request)) return send_alone(std::move(request), std::move(handler));
  const auto mine = std::allocate_shared<waiting_request>(util::recycler<waiting_request>());
  util::on_cancel(handler, [self = weak_from_this(), who = std::weak_ptr<waiting_request>(mine)] {
    if (const auto home = self.lock()) home->leave(who.lock(), errc::cancelled);
  });
  mine->handler.swap(handler);  // its move assignment recurses without end in Boost 1.81
  mine->call = request.call;
  fetch_key key{resource_key(request), request.authorization, request.hedge};
  // Destroyed without the lock.
  fetch_ptr begun;
  fetch_ptr failed;  // this is its retry
  waiters served;
  std::unique_lock lock(mutex_);
  response_cache::found cached;
  if (caches_) cached = cache_.find(key.resource, key.credentials, util::age_clock::now());
  const bool retries = !key.hedge && failed_.contains(mine->call);
  if (cached.fresh) {
    if (retries) {  // its response is also that of those who wait for the retry
      failed = take_failed(mine->call);
      served = end(*failed);
    }
    served.push_back(mine);
    for (const auto& each : served) {
      asio::post(executor_, [who = std::static_pointer_cast<waiting_request>(each),
                             response = cached.response] { who->complete(from_cache(*response)); });
    }
    ++counts_.hits;
    return;
  }
  if (fetch* under_way = coalesces_ && !retries ? fetches_.find(key) : nullptr) {
    wait(mine, *under_way, request.deadline);
    if (request.progress)
      request.progress->shared = static_cast<const shared_fetch&>(*under_way).progress;
    ++counts_.coalesced;
    return;
  }
  mine->leads = true;
  begun = std::make_shared<shared_fetch>(shared_from_this(), std::move(key),
                                         std::move(cached.response));
  begun->progress = request.progress;
  fetches_.begin(*begun);
  wait(mine, *begun, request.deadline);
  if (retries) {
    failed = take_failed(mine->call);
    fetches_.move_waiters(*failed, *begun);
  }
  lock.unlock();
  send_shared(begun, std::move(request));
}

/// Nobody joins, and nothing is cancelled, until the transport below has the request.
void caching_transport::send_shared(const fetch_ptr& fetch, http_request&& request) {
  if (fetch->stale) request.headers.emplace_back("If-None-Match", fetch->stale->etag);
  if (coalesces_) request.deadline = time_point::max();
  ++sent_;
  inner_->async_send(std::move(request), fetch_handler{fetch});
  bool abandoned = false;
  {
    const std::scoped_lock lock(mutex_);
    fetch->joinable = true;
    abandoned = fetch->last != nullptr;
  }
  if (abandoned) fetch->cancel.emit(asio::cancellation_type::total);
}

void caching_transport::send_alone(http_request&& request, send_handler&& handler) {
  ++sent_;
  if (request.method == "GET" || request.method == "HEAD")
    return inner_->async_send(std::move(request), std::move(handler));
  const auto slot = asio::get_associated_cancellation_slot(handler);
  change_handler forgets{shared_from_this(), std::string(request.method), request.target, slot,
                         std::move(handler)};
  inner_->async_send(std::move(request), std::move(forgets));
}

void caching_transport::wait(const request_ptr& who, fetch& on, time_point deadline) {
  if (coalesces_ && deadline != time_point::max()) {  // else the transport below has the deadline
    who->timer.emplace(executor_, deadline);
    who->timer->async_wait([self = weak_from_this(),
                            weak = std::weak_ptr<waiting_request>(who)](const error_code& stopped) {
      if (const auto home = self.lock(); home && !stopped)
        home->leave(weak.lock(), errc::deadline_exceeded);
    });
  }
  fetch_table::join(on, who);
}

/// The last one to leave waits for the end of the request below, which says how far it came.
void caching_transport::leave(const request_ptr& from, errc why) {
  fetch_ptr abandoned;
  bool sent = false;
  {
    const std::scoped_lock lock(mutex_);
    if (!from || from->on == nullptr) return;
    auto& fetch = static_cast<shared_fetch&>(*from->on);
    from->timer.reset();
    if (fetches_.leave(*from) && !fetch.failure) {
      fetch.last = from;
      fetch.left_because = why;
      abandoned = fetch.weak_from_this().lock();
      sent = fetch.joinable;
    }
  }
  if (sent && abandoned) abandoned->cancel.emit(asio::cancellation_type::total);
  if (!abandoned) asio::post(executor_, [from, why] { from->complete(left_early(why)); });
}

// ---- responses

void caching_transport::on_response(shared_fetch& fetch, result<http_response>&& got) {
  const bool confirmed = got && got->status == 304 && fetch.stale;
  if (confirmed) *got = confirmed_by(std::move(*got), *fetch.stale);
  cache_effect effect = cache_effect::none;
  if (caches_ && got)
    effect = effect_of(got->status, confirmed || is_document(*got), got->no_store);
  response_cache::response_ptr to_store;
  if (effect == cache_effect::store)
    to_store = confirmed ? fetch.stale : std::make_shared<const http_response>(*got);
  const bool failed = !got || (!confirmed && got->status / 100 != 2);
  shared_outcome failure;
  if (failed) failure = std::make_shared<const result<http_response>>(shared_copy(got));
  waiters ended;
  {
    const std::scoped_lock lock(mutex_);
    if (confirmed) ++counts_.revalidations;
    if (fetch.current() && effect == cache_effect::drop) cache_.drop(fetch.key.resource);
    if (fetch.current() && effect == cache_effect::store)
      cache_.store(fetch.key.resource, std::move(to_store), fetch.key.credentials,
                   util::age_clock::now());
    if (failed && others_wait_for_retry(fetch)) {
      fetch.failure = std::move(failure);
      ended.push_back(let_first_decide(fetch.shared_from_this()));
    } else {
      ended = end(fetch);
    }
    if (fetch.last) ended.push_back(std::move(fetch.last));
  }
  if (fetch.left_because && got.has_error() && got.error() == errc::cancelled)
    got = error(*fetch.left_because, got.error().details());
  complete(std::move(ended), std::move(got));
}

void caching_transport::complete(waiters&& ended, result<http_response>&& outcome) {
  request_ptr leader;
  shared_outcome shared;
  for (const auto& each : ended) {
    auto who = std::static_pointer_cast<waiting_request>(each);
    if (who->leads) {
      leader = std::move(who);
      continue;
    }
    if (!shared) shared = std::make_shared<const result<http_response>>(shared_copy(outcome));
    complete_joined(who, shared);
  }
  if (leader) leader->complete(std::move(outcome));
}

/// Those who joined decode the response and run their handlers on the executor, each by itself, so
/// that threads can share the work.
void caching_transport::complete_joined(const request_ptr& who, shared_outcome outcome) {
  asio::post(executor_, [who, outcome = std::move(outcome)] {
    who->complete(result<http_response>(*outcome));
  });
}

waiters caching_transport::end(fetch& of) {
  waiters ended = fetches_.end(of);
  for (const auto& each : ended) static_cast<waiting_request&>(*each).timer.reset();
  return ended;
}

// ---- retries of what several calls wait for

/// When the call that began the fetch is gone, somebody who joined has to decide. A request that
/// names no call is not retried.
bool caching_transport::others_wait_for_retry(const shared_fetch& failed) {
  if (failed.key.hedge || failed.waiting.empty()) return false;
  const auto& first = static_cast<const waiting_request&>(*failed.waiting.front());
  return first.call != 0 && (failed.waiting.size() > 1 || !first.leads);
}

caching_transport::request_ptr caching_transport::let_first_decide(const fetch_ptr& failed) {
  auto first = std::static_pointer_cast<waiting_request>(failed->waiting.front());
  failed_.emplace(first->call, failed);
  failed_count_ = failed_.size();
  fetches_.leave(*first);
  first->timer.reset();
  return first;
}

/// Null when nobody waits for a retry by that call.
caching_transport::fetch_ptr caching_transport::take_failed(std::uint64_t call) {
  auto taken = failed_.extract(call);
  failed_count_ = failed_.size();
  return taken ? std::move(taken.mapped()) : nullptr;
}

bool caching_transport::decides_on_retry(std::uint64_t call) const {
  const std::scoped_lock lock(mutex_);
  return failed_.contains(call);
}

void caching_transport::call_ended(std::uint64_t call, bool for_all) {
  if (failed_count_ == 0) return;
  fetch_ptr failed;
  waiters ended;
  {
    const std::scoped_lock lock(mutex_);
    failed = take_failed(call);
    if (!failed) return;
    if (for_all || closed_) {
      ended = end(*failed);
    } else if (!failed->waiting.empty()) {
      ended.push_back(let_first_decide(failed));
    }
  }
  for (const auto& each : ended)
    complete_joined(std::static_pointer_cast<waiting_request>(each), failed->failure);
}

void caching_transport::forget(const change& what) {
  const std::scoped_lock lock(mutex_);
  cache_.forget(what);
  fetches_.forget(what);
}

// ---- the rest

void caching_transport::async_open_stream(http_request request,
                                          std::chrono::milliseconds idle_timeout,
                                          open_handler handler) {
  inner_->async_open_stream(std::move(request), idle_timeout, std::move(handler));
}

void caching_transport::async_close(std::chrono::milliseconds grace, close_handler handler) {
  closed_ = true;
  inner_->async_close(grace, std::move(handler));
}

void caching_transport::shutdown() noexcept {
  closed_ = true;
  end_retries();
  inner_->shutdown();
}

/// The calls that decide on them may never end, when their context runs no more.
void caching_transport::end_retries() noexcept {
  std::map<std::uint64_t, fetch_ptr> failed;  // destroyed without the lock
  waiters ended;
  {
    const std::scoped_lock lock(mutex_);
    failed.swap(failed_);
    failed_count_ = 0;
    for (const auto& [call, each] : failed) ended.splice(ended.end(), end(*each));
  }
  const auto cancelled = std::make_shared<const result<http_response>>(
      model::make_error(errc::cancelled, phase::backoff, {}));
  for (const auto& each : ended)
    complete_joined(std::static_pointer_cast<waiting_request>(each), cancelled);
}

caching_transport::counts caching_transport::counted() const {
  const std::scoped_lock lock(mutex_);
  counts now = counts_;
  now.cached = cache_.size();
  now.sent = sent_.load(std::memory_order_relaxed);
  return now;
}

}  // namespace upsun::transports
