#pragma once

/// \file
/// What `client::async_for_each_integration` makes of a source and a handler. Not for programs to
/// use.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>

#include <concepts>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <ranges>
#include <type_traits>
#include <utility>
#include <vector>

#include <upsun/bulk_done.hpp>
#include <upsun/detail/handling.hpp>
#include <upsun/fleet.hpp>
#include <upsun/model/ids.hpp>
#include <upsun/model/integration.hpp>
#include <upsun/result.hpp>

namespace upsun::detail {

/// The source and the handler of a bulk operation, as compiled code sees them.
template <class Target>
class bulk_work {
 public:
  bulk_work() = default;
  bulk_work(const bulk_work&) = delete;
  bulk_work& operator=(const bulk_work&) = delete;
  virtual ~bulk_work() = default;

  /// The next target; none when there are no more.
  [[nodiscard]] virtual std::optional<Target> next() = 0;
  virtual void handle(const Target& target, result<integration>&& got, handling& one) = 0;
};

template <class T>
concept bulk_target = std::same_as<T, integration_ref> || std::same_as<T, project_id>;

/// A callable that returns one target after the other, then none.
template <class Source>
concept bulk_generator = requires(std::decay_t<Source>& source) {
  requires bulk_target<typename std::remove_cvref_t<decltype(source())>::value_type>;
  {
    source()
    } -> std::convertible_to<
        std::optional<typename std::remove_cvref_t<decltype(source())>::value_type>>;
};

template <class Source>
concept bulk_range = std::ranges::input_range<std::add_lvalue_reference_t<std::decay_t<Source>>> &&
    bulk_target<std::ranges::range_value_t<std::add_lvalue_reference_t<std::decay_t<Source>>>>;

template <class Source>
concept bulk_source = bulk_generator<Source> || bulk_range<Source>;

template <class Source>
class bulk_targets;

template <bulk_generator Source>
class bulk_targets<Source> {
 public:
  using target = typename std::remove_cvref_t<decltype(std::declval<Source&>()())>::value_type;

  explicit bulk_targets(Source source) : source_(std::move(source)) {}
  [[nodiscard]] std::optional<target> next() { return source_(); }

 private:
  Source source_;
};

template <bulk_range Source>
class bulk_targets<Source> {
 public:
  using target = std::ranges::range_value_t<Source&>;

  explicit bulk_targets(Source source) : source_(std::move(source)) {}
  [[nodiscard]] std::optional<target> next() {
    if (at_) {
      ++*at_;
    } else {
      at_.emplace(std::ranges::begin(source_));
    }
    if (*at_ == std::ranges::end(source_)) return std::nullopt;
    return std::optional<target>(**at_);
  }

 private:
  Source source_;
  std::optional<std::ranges::iterator_t<Source&>> at_;
};

template <class Source>
using bulk_target_of = typename bulk_targets<std::decay_t<Source>>::target;

/// The refs of a range; moved when it is a vector that may be moved from.
template <class Refs>
std::vector<integration_ref> to_vector(Refs&& refs) {
  if constexpr (std::is_same_v<Refs, std::vector<integration_ref>>) {
    return std::forward<Refs>(refs);
  } else {
    std::vector<integration_ref> all;
    if constexpr (std::ranges::sized_range<Refs>) all.reserve(std::ranges::size(refs));
    for (auto&& each : refs) all.emplace_back(std::forward<decltype(each)>(each));
    return all;
  }
}

template <class T>
inline constexpr bool is_awaitable = false;
template <class Executor>
inline constexpr bool is_awaitable<boost::asio::awaitable<void, Executor>> = true;

/// A callable that handles an integration at once, as a coroutine, or until it calls a
/// `bulk_done`.
template <class Handler, class Target>
concept bulk_handler = std::invocable<Handler&, const Target&, result<integration>> ||
    std::invocable<Handler&, const Target&, result<integration>, bulk_done>;

/// Calls a handler of any of these forms.
template <class Target, class Handler>
void hand_on(Handler& handler, const Target& which, result<integration>&& got, handling& one) {
  if constexpr (std::invocable<Handler&, const Target&, result<integration>, bulk_done>) {
    std::invoke(handler, which, std::move(got), bulk_done(one.defer()));
  } else if constexpr (is_awaitable<
                           std::invoke_result_t<Handler&, const Target&, result<integration>>>) {
    auto steps = std::invoke(handler, which, std::move(got));
    boost::asio::co_spawn(one.executor(), std::move(steps),
                          [done = bulk_done(one.defer())](std::exception_ptr thrown) mutable {
                            done(std::move(thrown));
                          });
  } else {
    std::invoke(handler, which, std::move(got));
  }
}

/// A source and a handler as the user gave them.
template <class Source, class Handler>
class bulk_work_of final : public bulk_work<typename bulk_targets<Source>::target> {
 public:
  using target = typename bulk_targets<Source>::target;

  bulk_work_of(Source source, Handler handler)
      : targets_(std::move(source)), handler_(std::move(handler)) {}

  [[nodiscard]] std::optional<target> next() override { return targets_.next(); }
  void handle(const target& which, result<integration>&& got, handling& one) override {
    hand_on(handler_, which, std::move(got), one);
  }

 private:
  bulk_targets<Source> targets_;
  Handler handler_;
};

/// A handler of a walk, whose targets the walk finds by itself.
template <class Handler>
class fleet_work_of final : public bulk_work<fleet_project> {
 public:
  explicit fleet_work_of(Handler handler) : handler_(std::move(handler)) {}

  [[nodiscard]] std::optional<fleet_project> next() override { return std::nullopt; }
  void handle(const fleet_project& which, result<integration>&& got, handling& one) override {
    hand_on(handler_, which, std::move(got), one);
  }

 private:
  Handler handler_;
};

}  // namespace upsun::detail
