#include "operations/wait.hpp"

#include <boost/asio/awaitable.hpp>

#include <algorithm>
#include <cstddef>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "api/activities.hpp"
#include "api/option_checks.hpp"
#include "api/wait_core.hpp"
#include "calls/composed.hpp"
#include "calls/inbox.hpp"
#include "model/make_error.hpp"
#include "operations/decoders.hpp"
#include "util/random.hpp"

namespace asio = boost::asio;

namespace upsun::operations {
namespace {

using api::wait_core;

/// Why the wait cannot even begin, if so.
std::optional<error> refuse(const activity_scope& of, const awaited_activities& what,
                            const wait_options& options) {
  if (auto problem = api::check(options)) return problem;
  const auto refused = [&](const std::string& id) -> std::optional<error> {
    const auto operation = api::get_activity(of, activity_id(id));
    return operation ? std::nullopt : std::optional(operation.error());
  };
  for (const activity_id& id : what.ids()) {
    if (auto problem = refused(id.str())) return problem;
  }
  for (const activity& each : what.seen()) {
    if (auto problem = refused(each.id)) return problem;
  }
  return std::nullopt;
}

/// False when the function threw.
bool notify(const wait_options& options, const activity& changed) {
  try {
    if (options.on_progress()) options.on_progress()(changed);
    return true;
  } catch (...) {
    return false;
  }
}

struct fetched {
  std::size_t number;
  result<activity> outcome;
};
using inbox = calls::inbox<fetched>;

/// The fetches of a wait. Their handlers share the inbox, which outlives the steps.
class fetches {
 public:
  explicit fetches(calls::composed_base& steps)
      : steps_(steps), arrived_(std::make_shared<inbox>(steps.strand())) {}

  void start(std::size_t number, result<api::operation>&& operation) {
    if (operation) operation->shareable = false;  // a wait asks how things are now
    const auto call = steps_.prepare<activity>(std::move(operation), &decoder_of<activity>::decode);
    under_way_[number] = call;
    call->start(steps_.client().executor, {},
                [arrived = arrived_, number](result<activity> outcome) {
                  arrived->push({number, std::move(outcome)});
                });
  }
  void cancel() {
    for (const auto& [number, call] : under_way_) {
      if (const auto alive = call.lock()) alive->cancel();
    }
  }
  [[nodiscard]] inbox& arrived() noexcept { return *arrived_; }

 private:
  calls::composed_base& steps_;
  const std::shared_ptr<inbox> arrived_;
  std::map<std::size_t, std::weak_ptr<calls::operation_under_way>> under_way_;
};

/// Takes in what a fetch brought. \return why the wait is over, if so
std::optional<error> take_in(fetched&& one, wait_core& core, const wait_options& options,
                             const calls::composed_base& steps) {
  const auto now = wait_core::clock::now();
  if (one.outcome) {
    const bool changed = core.fetched(one.number, std::move(*one.outcome), now, util::roll());
    if (changed && !notify(options, core.value(one.number)))
      return model::make_error(errc::cancelled, phase::admission,
                               "wait_options::on_progress threw");
    return std::nullopt;
  }
  if (steps.over()) return std::nullopt;  // most likely why it failed
  return core.failed(one.number, one.outcome.error(), now, util::roll());
}

/// Makes the core's fetches until all activities have ended.
asio::awaitable<result<wait_report>> wait_for(calls::composed_base& steps, const activity_scope& of,
                                              wait_core& core, const wait_options& options,
                                              fetches& under_way) {
  std::vector<fetched> arrived;
  while (!core.over()) {
    if (const auto why = steps.over())
      co_return *why == errc::deadline_exceeded ? core.deadline_error() : *why;
    for (const std::size_t number : core.begin(wait_core::clock::now()))
      under_way.start(number, api::get_activity(of, activity_id(core.id(number))));
    co_await under_way.arrived().wait(std::min(core.next(), steps.deadline()));
    under_way.arrived().take(arrived);
    for (fetched& one : arrived) {
      if (auto why = take_in(std::move(one), core, options, steps)) co_return std::move(*why);
    }
  }
  co_return std::move(core).report();
}

/// What the steps leave under way is cancelled.
asio::awaitable<result<wait_report>> wait_with(calls::composed_base& steps, activity_scope of,
                                               awaited_activities what, wait_options options) {
  if (auto problem = refuse(of, what, options)) co_return std::move(*problem);
  wait_core core(what, options, wait_core::clock::now(), util::roll());
  fetches under_way(steps);
  auto outcome = co_await wait_for(steps, of, core, options, under_way);
  under_way.cancel();
  co_return std::move(outcome);
}

}  // namespace

detail::prepared_call<wait_report> prepare_wait(std::shared_ptr<calls::client_impl> client,
                                                const activity_scope& of, awaited_activities&& what,
                                                wait_options&& options) {
  call_options of_all = call_options(options.fetch()).timeout(options.timeout());
  auto steps = [of, what = std::move(what), options = std::move(options)](
                   calls::composed_base& whole) { return wait_with(whole, of, what, options); };
  return std::make_shared<calls::composed<wait_report>>(std::move(client), std::move(of_all),
                                                        std::move(steps));
}

}  // namespace upsun::operations
