#include <upsun/activity_sequence.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

#include "api/activity_paging.hpp"
#include "api/integrations.hpp"
#include "calls/composed.hpp"
#include "model/make_error.hpp"
#include "operations/decoders.hpp"

namespace asio = boost::asio;

namespace upsun {

struct activity_sequence::state {
  const std::shared_ptr<calls::client_impl> client;
  const integration_ref ref;
  const call_options options;
  std::atomic<bool> busy{false};

  // The read's that is under way.
  api::activity_paging paging;
  page at_hand{};
  std::size_t position = 0;

  [[nodiscard]] bool used_up() const noexcept { return position == at_hand.size(); }

  static result<std::optional<activity>> take_one(state& from) {
    if (from.used_up()) return std::optional<activity>();
    result<activity>& one = from.at_hand[from.position++];
    if (!one) return one.error();
    return std::optional(std::move(*one));
  }
  static result<page> take_rest(state& from) {
    page rest = std::exchange(from.at_hand, {});
    rest.erase(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(from.position));
    from.position = 0;
    return rest;
  }
};

namespace {

/// Fetches until there is something at hand, or the end. \return what `take` makes of it
template <class T, class State>
asio::awaitable<result<T>> read(calls::composed_base& steps, std::shared_ptr<State> state,
                                result<T> (*take)(State&)) {
  const calls::exclusive_use use(state->busy);
  if (!use.granted())
    co_return model::refused_argument("another read of the sequence is under way");
  while (state->used_up() && !state->paging.over()) {
    auto fetched = co_await steps.perform<api::activity_paging::page>(
        api::list_activities(state->ref, state->paging.next()), &operations::decode_activity_page);
    if (!fetched) co_return fetched.error();
    state->at_hand = state->paging.take(std::move(*fetched));
    state->position = 0;
  }
  co_return take(*state);
}

template <class T, class State>
detail::prepared_call<T> prepare(const std::shared_ptr<State>& state, result<T> (*take)(State&)) {
  auto steps = [state, take](calls::composed_base& of) { return read(of, state, take); };
  return std::make_shared<calls::composed<T>>(state->client, call_options(state->options),
                                              std::move(steps));
}

}  // namespace

activity_sequence::activity_sequence(std::shared_ptr<calls::client_impl> client,
                                     const integration_ref& ref, activity_filter&& filter,
                                     call_options&& options)
    : state_(new state{std::move(client),
                       ref,
                       std::move(options),
                       {},
                       api::activity_paging(std::move(filter))}) {}
activity_sequence::activity_sequence(activity_sequence&&) noexcept = default;
activity_sequence& activity_sequence::operator=(activity_sequence&&) noexcept = default;
activity_sequence::~activity_sequence() = default;

detail::prepared_call<std::optional<activity>> activity_sequence::prepare_next() const {
  return prepare(state_, &state::take_one);
}

detail::prepared_call<activity_sequence::page> activity_sequence::prepare_next_page() const {
  return prepare(state_, &state::take_rest);
}

}  // namespace upsun
