#pragma once

#include <boost/asio/awaitable.hpp>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include <upsun/bulk_options.hpp>
#include <upsun/detail/bulk_work.hpp>
#include <upsun/fleet.hpp>

#include "api/integrations.hpp"
#include "calls/composed.hpp"
#include "calls/inbox.hpp"
#include "operations/bulk_core.hpp"
#include "operations/bulk_feed.hpp"
#include "operations/decoders.hpp"
#include "util/recycler.hpp"

namespace upsun::operations {

// What a target's fetch is, and what becomes of its response.

inline result<api::operation> request_for(const integration_ref& ref) {
  return api::get_integration(ref);
}
inline result<api::operation> request_for(const project_id& project) {
  return api::list_integrations(project_id(project));
}
inline result<api::operation> request_for(const fleet_project& project) {
  return api::list_integrations(project_id(project.id));
}
template <class Target>
using response_of = std::conditional_t<std::is_same_v<Target, integration_ref>, integration,
                                       std::vector<result<integration>>>;
template <class Target>
constexpr auto decoder_for() {
  if constexpr (std::is_same_v<Target, integration_ref>) {
    return &decode_one;
  } else {
    return &decode_list;
  }
}

template <class Target>
class bulk_run;

/// One place in the window: a target, from the beginning of its fetch to the end of its handler.
template <class Target>
class place final : public detail::handling, public bulk_event {
 public:
  using response = response_of<Target>;

  explicit place(bulk_run<Target>& owner) : owner_(owner) {}

  void begin(std::size_t which) {
    number = which;
    position_ = 0;
    whole = true;
  }
  void advance() override { owner_.advance(*this); }

  /// Whether none of the results was taken.
  [[nodiscard]] bool is_fresh() const noexcept { return position_ == 0; }
  /// The next of the results; null when there are no more.
  [[nodiscard]] result<integration>* next_result() {
    if constexpr (std::is_same_v<response, integration>) {
      return position_++ == 0 ? &*got : nullptr;
    } else {
      if (*got) return position_ < (*got)->size() ? &(**got)[position_++] : nullptr;
      return position_++ == 0 ? &list_failure_.emplace(got->error()) : nullptr;
    }
  }

  // A handler that ends later, on any thread.
  [[nodiscard]] std::shared_ptr<detail::handling> defer() override {
    deferred = true;
    return {owner_.shared_from_this(), this};
  }
  void ended(std::exception_ptr what) noexcept override {
    thrown = std::move(what);
    owner_.arrived.push(this);
  }
  [[nodiscard]] const boost::asio::any_io_executor& executor() const noexcept override {
    return owner_.steps.base_executor();
  }

  std::size_t number = 0;
  std::optional<Target> target;
  std::optional<result<response>> got;
  std::shared_ptr<calls::operation_under_way> fetch;
  bool deferred = false;
  std::exception_ptr thrown;
  bool whole = true;  ///< Each result so far was handed on, to a handler that did not throw.

 private:
  bulk_run<Target>& owner_;
  std::size_t position_ = 0;
  std::optional<result<integration>> list_failure_;
};

/// The fetches of one bulk operation: a window of places, driven by one coroutine, to which the
/// fetches and the deferred handlers report through an inbox. Deferred handlers share ownership.
template <class Target>
class bulk_run final : public std::enable_shared_from_this<bulk_run<Target>> {
 public:
  /// \param total how many results there will be, if that is known
  bulk_run(calls::composed_base& of, const bulk_options& options, std::size_t window,
           std::unique_ptr<detail::bulk_work<Target>> work,
           std::optional<std::size_t> total = std::nullopt)
      : steps(of),
        arrived(of.strand()),
        options_(options),
        work_(std::move(work)),
        total_(total),
        core_(window, options.fail_fast()) {}

  /// \param feed where the targets come from
  [[nodiscard]] boost::asio::awaitable<void> run(bulk_feed<Target>& feed) {
    feed_ = &feed;
    std::vector<bulk_event*> all;
    for (;;) {
      begin_more();
      if (core_.over() && !feed_->fetching()) co_return;
      co_await arrived.wait(pause_end());
      arrived.take(all);
      for (bulk_event* each : all) {
        each->advance();
        begin_more();  // at once, so that it uses the memory of what has ended
      }
    }
  }

  [[nodiscard]] bulk_core& core() noexcept { return core_; }
  [[nodiscard]] std::size_t begun() const noexcept { return begun_; }

  /// Stops the whole, and cancels what is under way.
  void stop(const error& why) {
    if (core_.stop(why)) cancel_fetches();
  }

  /// Takes in the response of a fetch, or the end of a handler: hands on what there is, until a
  /// handler defers its end.
  void advance(place<Target>& one) {
    one.fetch.reset();
    if (std::exchange(one.deferred, false)) {
      if (auto thrown = std::exchange(one.thrown, nullptr)) {
        one.whole = false;
        if (core_.threw(std::move(thrown))) cancel_fetches();
      }
    }
    const error failure = *one.got ? error() : one.got->error();
    if (!*one.got && one.is_fresh() && !core_.stopped() && feed_->postpones(one.number, failure))
      return release(one);
    while (result<integration>* got = one.next_result()) {
      const error why = *got ? error() : got->error();
      const bool wanted = feed_->wants(*got, one.got->has_value());
      if ((wanted || !*got) && core_.ended(*got ? nullptr : &why)) cancel_fetches();
      if (!wanted) continue;
      if (core_.report().thrown) {
        one.whole = false;
      } else {
        hand_on(one, std::move(*got));
        notify_progress();
      }
      if (one.deferred) return;
    }
    feed_->ended(one.number, *one.got ? nullptr : &failure, one.whole);
    if constexpr (std::is_same_v<Target, fleet_project>) notify_progress();
    release(one);
  }

  calls::composed_base& steps;
  calls::inbox<bulk_event*> arrived;

 private:
  using time_point = calls::operation_under_way::clock::time_point;

  /// Until when to wait at most: a feed that pauses may have nothing under way that ends in time.
  [[nodiscard]] time_point pause_end() const {
    const time_point wake = core_.stopped() ? time_point::max() : feed_->wake();
    return wake == time_point::max() ? wake : std::min(wake, steps.deadline());
  }

  void begin_more() {
    if (steps.cancelled()) stop(errc::cancelled);
    if (core_.stopped()) return;
    feed_->fetch();
    while (core_.wants_more()) {
      if (steps.over() == errc::deadline_exceeded) {
        (void)core_.stop(errc::deadline_exceeded);  // the fetches have the same deadline
        return;
      }
      place<Target>& one = free_place();
      if (!pull(one)) return free_.push_back(&one);
      begin(one);
    }
  }

  /// Whether there is a next target.
  bool pull(place<Target>& into) {
    try {
      into.target = feed_->next(begun_);
      if (feed_->exhausted()) core_.exhausted();
    } catch (...) {
      threw();
    }
    return into.target.has_value();
  }

  void begin(place<Target>& one) {
    one.begin(begun_++);
    core_.begun();
    auto fetch = steps.template prepare<response_of<Target>>(request_for(*one.target),
                                                             decoder_for<Target>());
    one.fetch = fetch;
    fetch->start(steps.client().executor, {}, fetched{this->weak_from_this(), &one});
  }

  /// The handler of a fetch. The operation is gone only when its context was destroyed.
  struct fetched {
    std::weak_ptr<bulk_run> owner;
    place<Target>* one;

    using allocator_type = util::recycler<void>;
    [[nodiscard]] allocator_type get_allocator() const noexcept { return {}; }
    void operator()(result<response_of<Target>>&& got) const {
      const auto all = owner.lock();
      if (!all) return;
      one->got.emplace(std::move(got));
      all->arrived.push(one);
    }
  };

  place<Target>& free_place() {
    if (free_.empty()) return places_.emplace_back(*this);
    place<Target>& one = *free_.back();
    free_.pop_back();
    return one;
  }

  void release(place<Target>& one) {
    one.target.reset();
    one.got.reset();
    free_.push_back(&one);
    core_.handled();
    if (feed_->exhausted()) core_.exhausted();
  }

  void hand_on(place<Target>& one, result<integration>&& got) {
    try {
      work_->handle(*one.target, std::move(got), one);
    } catch (...) {
      one.whole = false;
      threw();
    }
  }

  void notify_progress() {
    if (!options_.on_progress() || core_.report().thrown) return;
    try {
      bulk_progress progress = core_.progress(total_);
      feed_->describe(progress);
      options_.on_progress()(progress);
    } catch (...) {
      threw();
    }
  }

  void threw() {
    if (core_.threw(std::current_exception())) cancel_fetches();
  }

  void cancel_fetches() {
    for (const place<Target>& each : places_) {
      if (each.fetch) each.fetch->cancel();
    }
    feed_->cancel();
  }

  const bulk_options& options_;
  const std::unique_ptr<detail::bulk_work<Target>> work_;
  const std::optional<std::size_t> total_;
  bulk_feed<Target>* feed_ = nullptr;
  bulk_core core_;
  std::size_t begun_ = 0;
  std::deque<place<Target>> places_;
  std::vector<place<Target>*> free_;
};

/// As many as the pool sends at once, unless the options say: more would only wait there.
[[nodiscard]] std::size_t window_of(const bulk_options& options, const pool_options& pool);

/// Everything the steps need is theirs when they begin, and destroyed before the handler is called.
template <class T, class Input, class Steps>
detail::prepared_call<T> prepare_bulk(std::shared_ptr<calls::client_impl> client,
                                      bulk_options&& options, Input&& input,
                                      std::chrono::milliseconds usual_timeout, Steps steps) {
  call_options of_each = options.fetch();
  const auto timeout = options.timeout().count() > 0 ? options.timeout() : usual_timeout;
  const auto given = std::make_shared<std::pair<bulk_options, std::decay_t<Input>>>(
      std::move(options), std::forward<Input>(input));
  auto begin = [given, steps](calls::composed_base& of) {
    return steps(of, std::move(given->first), std::move(given->second));
  };
  return std::make_shared<calls::composed<T>>(std::move(client), std::move(of_each),
                                              std::move(begin), timeout,
                                              calls::steps_run::on_handler);
}

}  // namespace upsun::operations
