#include <upsun/activity_sequence.hpp>

#include <algorithm>
#include <atomic>
#include <iterator>
#include <utility>

#include "api/activity_paging.hpp"
#include "api/integrations.hpp"
#include "calls/composed.hpp"
#include "model/make_error.hpp"
#include "operations/answers.hpp"
#include "operations/exclusive_use.hpp"

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
};

namespace {

error not_alone() { return model::refused_argument("another read of the sequence is under way"); }

/// Fetches until there is something at hand, or the end.
template <class State>
asio::awaitable<result<void>> fill(calls::composed_base& steps, State& state) {
  while (state.used_up() && !state.paging.over()) {
    auto fetched = co_await steps.perform<api::activity_paging::page>(
        api::list_activities(state.ref, state.paging.next()), &operations::decode_activity_page);
    if (!fetched) co_return fetched.error();
    state.at_hand = state.paging.take(std::move(*fetched));
    state.position = 0;
  }
  co_return result<void>();
}

template <class State>
asio::awaitable<result<std::optional<activity>>> next(calls::composed_base& steps,
                                                      std::shared_ptr<State> state) {
  const operations::exclusive_use use(state->busy);
  if (!use.granted()) co_return not_alone();
  const auto filled = co_await fill(steps, *state);
  if (!filled) co_return filled.error();
  if (state->used_up()) co_return std::nullopt;
  result<activity>& one = state->at_hand[state->position++];
  if (!one) co_return one.error();
  co_return std::optional(std::move(*one));
}

template <class State>
asio::awaitable<result<api::activity_paging::page>> next_page(calls::composed_base& steps,
                                                              std::shared_ptr<State> state) {
  const operations::exclusive_use use(state->busy);
  if (!use.granted()) co_return not_alone();
  const auto filled = co_await fill(steps, *state);
  if (!filled) co_return filled.error();
  api::activity_paging::page rest(
      std::make_move_iterator(state->at_hand.begin() +
                              static_cast<std::ptrdiff_t>(state->position)),
      std::make_move_iterator(state->at_hand.end()));
  state->at_hand.clear();
  state->position = 0;
  co_return std::move(rest);
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
  auto steps = [state = state_](calls::composed_base& of) { return next(of, state); };
  return std::make_shared<calls::composed<std::optional<activity>>>(
      state_->client, call_options(state_->options), std::move(steps));
}

detail::prepared_call<activity_sequence::page> activity_sequence::prepare_next_page() const {
  auto steps = [state = state_](calls::composed_base& of) { return next_page(of, state); };
  return std::make_shared<calls::composed<page>>(state_->client, call_options(state_->options),
                                                 std::move(steps));
}

}  // namespace upsun
