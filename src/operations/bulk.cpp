#include "operations/bulk.hpp"

#include <boost/asio/awaitable.hpp>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <exception>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "api/integrations.hpp"
#include "api/option_checks.hpp"
#include "calls/composed.hpp"
#include "calls/inbox.hpp"
#include "operations/bulk_core.hpp"
#include "operations/decoders.hpp"
#include "util/recycler.hpp"

namespace asio = boost::asio;

namespace upsun::operations {
namespace {

/// As many as the pool sends at once, unless the options say: more would only wait there.
std::size_t window_of(const bulk_options& options, const pool_options& pool) {
  if (options.concurrency() > 0) return options.concurrency();
  return std::min(pool.max_connections, api::widest_bulk);
}

// ---- what a target's fetch is, and what becomes of its response

result<api::operation> request_for(const integration_ref& ref) { return api::get_integration(ref); }
result<api::operation> request_for(const project_id& project) {
  return api::list_integrations(project_id(project));
}
template <class Target>
using response_of = std::conditional_t<std::is_same_v<Target, integration_ref>, integration,
                                       std::vector<result<integration>>>;
constexpr auto decoder_for(const integration_ref*) { return &decode_one; }
constexpr auto decoder_for(const project_id*) { return &decode_list; }

template <class Target>
class bulk;

/// One place in the window: a target, from the beginning of its fetch to the end of its handler.
template <class Target>
class place final : public detail::handling {
 public:
  using response = response_of<Target>;

  explicit place(bulk<Target>& owner) : owner_(owner) {}

  void begin(std::size_t which) {
    number = which;
    position_ = 0;
  }

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
  [[nodiscard]] const asio::any_io_executor& executor() const noexcept override {
    return owner_.steps.base_executor();
  }

  std::size_t number = 0;
  std::optional<Target> target;
  std::optional<result<response>> got;
  std::shared_ptr<calls::operation_under_way> fetch;
  bool deferred = false;
  std::exception_ptr thrown;

 private:
  bulk<Target>& owner_;
  std::size_t position_ = 0;
  std::optional<result<integration>> list_failure_;
};

/// The fetches of one bulk operation: a window of places, driven by one coroutine, to which the
/// fetches and the deferred handlers report through an inbox. Deferred handlers share ownership.
template <class Target>
class bulk final : public std::enable_shared_from_this<bulk<Target>> {
 public:
  bulk(calls::composed_base& of, const bulk_options& options,
       std::unique_ptr<detail::bulk_work<Target>> work, std::optional<std::size_t> total)
      : steps(of),
        arrived(of.strand()),
        options_(options),
        work_(std::move(work)),
        total_(total),
        core_(window_of(options, of.client().config.network.pool), options.fail_fast()) {}

  [[nodiscard]] asio::awaitable<void> run() {
    std::vector<place<Target>*> all;
    for (;;) {
      begin_more();
      if (core_.over()) co_return;
      co_await arrived.wait();
      arrived.take(all);
      for (place<Target>* each : all) {
        advance(*each);
        begin_more();  // at once, so that it uses the memory of what has ended
      }
    }
  }

  [[nodiscard]] bulk_core& core() noexcept { return core_; }
  [[nodiscard]] std::size_t begun() const noexcept { return begun_; }

  calls::composed_base& steps;
  calls::inbox<place<Target>*> arrived;

 private:
  void begin_more() {
    if (steps.cancelled() && core_.stop(errc::cancelled)) cancel_fetches();
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
      into.target = work_->next();
      if (!into.target) core_.exhausted();
    } catch (...) {
      threw();
    }
    return into.target.has_value();
  }

  void begin(place<Target>& one) {
    one.begin(begun_++);
    core_.begun();
    auto fetch = steps.template prepare<response_of<Target>>(
        request_for(*one.target), decoder_for(static_cast<Target*>(nullptr)));
    one.fetch = fetch;
    fetch->start(steps.client().executor, {}, fetched{this->weak_from_this(), &one});
  }

  /// The handler of a fetch. The bulk is gone only when its context was destroyed.
  struct fetched {
    std::weak_ptr<bulk> owner;
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

  /// Hands on what it has, until a handler defers its end.
  void advance(place<Target>& one) {
    one.fetch.reset();
    if (std::exchange(one.deferred, false)) {
      if (auto thrown = std::exchange(one.thrown, nullptr);
          thrown && core_.threw(std::move(thrown)))
        cancel_fetches();
    }
    while (result<integration>* got = one.next_result()) {
      const error failure = *got ? error() : got->error();
      if (core_.ended(*got ? nullptr : &failure)) cancel_fetches();
      if (!core_.report().thrown) {
        hand_on(one, std::move(*got));
        notify_progress();
      }
      if (one.deferred) return;
    }
    one.target.reset();
    one.got.reset();
    free_.push_back(&one);
    core_.handled();
  }

  void hand_on(place<Target>& one, result<integration>&& got) {
    try {
      work_->handle(*one.target, std::move(got), one);
    } catch (...) {
      threw();
    }
  }

  void notify_progress() {
    if (!options_.on_progress()) return;
    try {
      options_.on_progress()(core_.progress(total_));
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
  }

  const bulk_options& options_;
  const std::unique_ptr<detail::bulk_work<Target>> work_;
  const std::optional<std::size_t> total_;
  bulk_core core_;
  std::size_t begun_ = 0;
  std::deque<place<Target>> places_;
  std::vector<place<Target>*> free_;
};

template <class Target>
asio::awaitable<result<bulk_report>> hand_on_each(calls::composed_base& steps, bulk_options options,
                                                  std::unique_ptr<detail::bulk_work<Target>> work) {
  if (auto why = api::check(options)) co_return std::move(*why);
  const auto all = std::make_shared<bulk<Target>>(steps, options, std::move(work), std::nullopt);
  co_await all->run();
  co_return all->core().report();
}

/// Source and handler of `get_many`: results go to their places in the outcome.
class collecting final : public detail::bulk_work<integration_ref> {
 public:
  collecting(std::vector<integration_ref>&& refs, bulk_results& outcome)
      : refs_(std::move(refs)), outcome_(outcome) {
    outcome_.results.resize(refs_.size(), error());
  }

  [[nodiscard]] std::optional<integration_ref> next() override {
    if (next_ == refs_.size()) return std::nullopt;
    return std::move(refs_[next_++]);
  }
  void handle(const integration_ref&, result<integration>&& got, detail::handling& one) override {
    const std::size_t number = static_cast<place<integration_ref>&>(one).number;
    if (!got && !outcome_.first_failed && got.error() != condition::cancelled &&
        got.error() != condition::closed)
      outcome_.first_failed = number;
    outcome_.results[number] = std::move(got);
  }

 private:
  std::vector<integration_ref> refs_;
  std::size_t next_ = 0;
  bulk_results& outcome_;
};

asio::awaitable<result<bulk_results>> collect(calls::composed_base& steps, bulk_options options,
                                              std::vector<integration_ref> refs) {
  if (auto why = api::check(options)) co_return std::move(*why);
  bulk_results outcome;
  const std::size_t count = refs.size();
  const auto all = std::make_shared<bulk<integration_ref>>(
      steps, options, std::make_unique<collecting>(std::move(refs), outcome), count);
  co_await all->run();
  for (std::size_t i = all->begun(); i < count; ++i) outcome.results[i] = all->core().skip(1);
  outcome.report = all->core().report();
  co_return std::move(outcome);
}

/// Everything the steps need is theirs when they begin, and destroyed before the handler is called.
template <class T, class Input, class Steps>
detail::prepared_call<T> prepare(std::shared_ptr<calls::client_impl> client, bulk_options&& options,
                                 Input&& input, std::chrono::milliseconds usual_timeout,
                                 Steps steps) {
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

}  // namespace

detail::prepared_call<bulk_results> get_many(std::shared_ptr<calls::client_impl> client,
                                             std::vector<integration_ref>&& refs,
                                             bulk_options&& options) {
  const auto usual = client->config.timeouts.total;
  return prepare<bulk_results>(std::move(client), std::move(options), std::move(refs), usual,
                               &collect);
}

detail::prepared_call<bulk_report> for_each(
    std::shared_ptr<calls::client_impl> client,
    std::unique_ptr<detail::bulk_work<integration_ref>> work, bulk_options&& options) {
  return prepare<bulk_report>(std::move(client), std::move(options), std::move(work), {},
                              &hand_on_each<integration_ref>);
}

detail::prepared_call<bulk_report> for_each(std::shared_ptr<calls::client_impl> client,
                                            std::unique_ptr<detail::bulk_work<project_id>> work,
                                            bulk_options&& options) {
  return prepare<bulk_report>(std::move(client), std::move(options), std::move(work), {},
                              &hand_on_each<project_id>);
}

}  // namespace upsun::operations
