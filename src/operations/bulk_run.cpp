#include "operations/bulk_run.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <new>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>

#include "api/integrations.hpp"
#include "model/make_error.hpp"
#include "operations/answers.hpp"
#include "util/recycler.hpp"

namespace asio = boost::asio;

namespace upsun::operations {
namespace {

constexpr std::size_t widest_window = 65'536;

/// What the pool sends at once: more would only wait there.
std::size_t own_window(const pool_options& pool) {
  return std::min(pool.max_connections * pool.pipeline_depth, widest_window);
}

}  // namespace

result<api::operation> fetch_one::operation(integration_ref ref) {
  project_id project = std::move(ref).project();
  return api::get_integration(
      std::move(project),
      std::move(ref).id());  // NOLINT(bugprone-use-after-move): each takes its own member
}
result<integration> fetch_one::decode(const calls::client_impl& client,
                                      const http_response& response) {
  return decode_one(client, response);
}
result<api::operation> fetch_list::operation(project_id project) {
  return api::list_integrations(std::move(project));
}
result<fetch_list::answer> fetch_list::decode(const calls::client_impl& client,
                                              const http_response& response) {
  return decode_list(client, response);
}

// ---- one fetch

template <class Target>
bulk_item<Target>::bulk_item(std::shared_ptr<bulk_run<Target>> run, Target&& target,
                             std::size_t number, result<answer>* place)
    : shared_options{run->options()},
      calls::typed_call<answer>(
          run->client(),
          fetch_of<Target>::operation(place != nullptr ? std::move(target) : Target(target)),
          shared_options::options->each(), &fetch_of<Target>::decode),
      owner_(*run),
      run_(std::move(run)),
      target_(std::move(target)),
      number_(number),
      place_(place) {}

template <class Target>
bulk_item<Target>::~bulk_item() {
  if (run_) run_->lost(*this);
}

template <class Target>
void bulk_item<Target>::take(result<answer>&& outcome) {
  keep(std::move(outcome));
  const auto run = std::move(run_);
  run->came(shared());
}

template <class Target>
void bulk_item<Target>::keep(result<answer>&& outcome) {
  if (place_ != nullptr) {
    *place_ = std::move(outcome);
  } else {
    kept_.emplace(std::move(outcome));
  }
}

template <class Target>
void bulk_item<Target>::fail(errc why) {
  run_->lost(*this);
  run_.reset();
  keep(error(why));
}

template <class Target>
result<integration>* bulk_item<Target>::next_result() {
  if constexpr (std::is_same_v<answer, integration>) {
    return position_++ == 0 ? &outcome() : nullptr;
  } else {
    if (outcome()) return position_ < outcome()->size() ? &(*outcome())[position_++] : nullptr;
    return position_++ == 0 ? &list_failure_.emplace(outcome().error()) : nullptr;
  }
}

template <class Target>
std::shared_ptr<detail::handling> bulk_item<Target>::defer() {
  deferred_ = true;
  run_ = owner_.shared_from_this();
  return shared();
}

template <class Target>
void bulk_item<Target>::ended(std::exception_ptr thrown) noexcept {
  thrown_ = std::move(thrown);
  const auto run = std::move(run_);
  run->came(shared());
}

template <class Target>
const asio::any_io_executor& bulk_item<Target>::executor() const noexcept {
  return owner_.spawns_on();
}

// ---- the beginning

template <class Target>
bulk_run<Target>::bulk_run(std::shared_ptr<calls::client_impl> client, bulk_options&& options)
    : client_(std::move(client)),
      options_(std::make_shared<const bulk_options>(std::move(options))) {}

template <class Target>
bulk_run<Target>::~bulk_run() {
  if (is_linked()) client_->leave(*this);  // its context was destroyed under it
}

template <class Target>
std::optional<error> bulk_run<Target>::refusal() const {
  constexpr auto longest = std::chrono::hours(24);
  if (options_->window() > widest_window)
    return model::refused_argument("window of the bulk's options is not from 0 to 65536");
  if (options_->timeout().count() < 0 || options_->timeout() > longest)
    return model::refused_argument("timeout of the bulk's options is not from 0 to 24 h");
  if (options_->each().info() != nullptr)
    return model::refused_argument("info cannot be shared by the calls of a bulk");
  if (auto problem = calls::call_base::check(options_->each()))
    return model::refused_argument(std::move(*problem));
  return std::nullopt;
}

template <class Target>
void bulk_run<Target>::begin(detail::handler_executor&& where, asio::cancellation_slot cancel,
                             std::chrono::milliseconds whole) {
  const auto* io = std::get_if<asio::any_io_executor>(&where);
  spawns_on_ = io != nullptr ? *io : client_->executor;
  pending_.emplace(client_->executor, std::move(where));
  if (auto why = refusal()) return complete_later(std::move(*why));

  std::size_t window =
      options_->window() > 0 ? options_->window() : own_window(client_->config.network.pool);
  core_.emplace(window, options_->fail_fast());
  if (const auto known = total()) window = std::min(window, *known);
  ready_.reserve(window);
  taken_.reserve(window);
  if (options_->timeout().count() > 0) whole = options_->timeout();
  const clock::time_point now = clock::now();
  if (whole.count() > 0) deadline_ = now + whole;
  if (!client_->admit(*this, nullptr, now)) return complete_later(errc::client_closed);
  if (cancel.is_connected()) {
    cancel.assign([self = this->weak_from_this()](asio::cancellation_type type) {
      if (const auto alive = self.lock(); alive && type != asio::cancellation_type::none)
        alive->stop();
    });
  }
  try {
    asio::post(client_->executor, [self = this->shared_from_this()] { self->run_pump(); });
  } catch (const std::bad_alloc&) {
    client_->leave(*this);
    throw;
  }
}

/// Completes from within the initiating function, where the handler must not be called.
template <class Target>
void bulk_run<Target>::complete_later(error why) {
  asio::post(client_->executor,
             [self = this->shared_from_this(), why = std::move(why)] { self->complete(&why, 0); });
}

// ---- events, on any thread

template <class Target>
void bulk_run<Target>::came(std::shared_ptr<item>&& one) {
  {
    const std::scoped_lock lock(mutex_);
    if (one->bulk_item_hook::is_linked()) under_way_.erase(under_way_.iterator_to(*one));
    ready_.push_back(std::move(one));
    if (std::exchange(pumping_, true)) return;
  }
  run_pump();
}

template <class Target>
void bulk_run<Target>::lost(item& one) noexcept {
  const std::scoped_lock lock(mutex_);
  if (one.bulk_item_hook::is_linked()) under_way_.erase(under_way_.iterator_to(one));
}

template <class Target>
void bulk_run<Target>::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stop_asked_ = true;
  }
  stop_under_way();  // whose ends bring the pump
}

/// The client ends the single calls itself.
template <class Target>
void bulk_run<Target>::end() {
  ended_by_client_ = true;
  const std::scoped_lock lock(mutex_);
  stop_asked_ = true;
}

/// Without the lock while a call is stopped: an observer may stop the whole from within a call.
template <class Target>
void bulk_run<Target>::stop_under_way() {
  std::unique_lock lock(mutex_);
  const unsigned round = ++stop_rounds_;
  while (!under_way_.empty() && under_way_.front().stop_round != round) {
    item& next = under_way_.front();
    next.stop_round = round;
    under_way_.splice(under_way_.end(), under_way_, under_way_.begin());
    const auto alive = next.weak_from_this().lock();
    if (!alive) continue;
    lock.unlock();
    alive->stop();
    lock.lock();
  }
}

/// At once, without an allocation, when this thread runs the handler's executor. Another executor
/// may need memory: without, the thread rests and tries again.
template <class Target>
void bulk_run<Target>::run_pump() {
  if (pending_->is_here()) return pump();
  entered_ = false;
  for (;;) {
    try {
      return pending_->dispatch([self = this->shared_from_this()] { self->pump(); });
    } catch (const std::bad_alloc&) {
      if (entered_) throw;  // the handler's own
    }
    std::this_thread::sleep_for(calls::no_memory_pause);
  }
}

// ---- the pump

template <class Target>
void bulk_run<Target>::pump() {
  entered_ = true;
  for (;;) {
    bool stop = false;
    {
      const std::scoped_lock lock(mutex_);
      taken_.swap(ready_);
      stop = std::exchange(stop_asked_, false);
    }
    if (stop && core_->stop(errc::cancelled)) stop_under_way();
    for (const auto& one : taken_) advance(*one);
    taken_.clear();
    begin_more();
    if (core_->over()) break;
    const std::scoped_lock lock(mutex_);
    if (ready_.empty() && !stop_asked_) {
      pumping_ = false;
      return;
    }
  }
  const auto self = this->shared_from_this();
  complete(nullptr, begun_);
  client_->leave(*this);
}

template <class Target>
void bulk_run<Target>::begin_more() {
  while (core_->wants_more()) {
    if (deadline_ != clock::time_point::max() && clock::now() >= deadline_) {
      (void)core_->stop(errc::deadline_exceeded);  // what is under way has the same deadline
      return;
    }
    std::optional<Target> target;
    try {
      target = next();
    } catch (...) {
      return threw();
    }
    if (!target) return core_->exhausted();
    std::shared_ptr<item> made;
    try {
      made = std::allocate_shared<item>(util::recycler<item>(), this->shared_from_this(),
                                        std::move(*target), begun_, place(begun_));
    } catch (const std::bad_alloc&) {
      if (core_->stop(errc::out_of_memory)) stop_under_way();
      return;
    }
    ++begun_;
    core_->begun();
    {
      const std::scoped_lock lock(mutex_);
      under_way_.push_back(*made);
    }
    try {
      made->begin(deadline_);
    } catch (const std::bad_alloc&) {
      made->fail(errc::out_of_memory);
      advance(*made);
    }
  }
}

/// Hands on what it has, as far as the handler is not deferred.
template <class Target>
void bulk_run<Target>::advance(item& one) {
  if (one.deferred()) {
    if (auto thrown = one.resume(); thrown && core_->threw(std::move(thrown))) stop_under_way();
  }
  while (result<integration>* got = one.next_result()) {
    const error failure = *got ? error() : got->error();
    if (core_->ended(*got ? nullptr : &failure)) stop_under_way();
    if (!core_->report().thrown) {
      try {
        handle(one, std::move(*got));
      } catch (...) {
        threw();
      }
      tell_progress();
    }
    if (one.deferred()) return;
  }
  core_->handled();
}

template <class Target>
void bulk_run<Target>::tell_progress() {
  if (!options_->progress()) return;
  try {
    options_->progress()(core_->progress(total()));
  } catch (...) {
    threw();
  }
}

template <class Target>
void bulk_run<Target>::threw() {
  if (core_->threw(std::current_exception())) stop_under_way();
}

template class bulk_item<integration_ref>;
template class bulk_item<project_id>;
template class bulk_run<integration_ref>;
template class bulk_run<project_id>;

}  // namespace upsun::operations
