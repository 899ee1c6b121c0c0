#include "operations/wait.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <cstddef>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "api/integrations.hpp"
#include "api/wait_core.hpp"
#include "calls/composed.hpp"
#include "model/make_error.hpp"
#include "operations/answers.hpp"
#include "util/random.hpp"

namespace asio = boost::asio;

namespace upsun::operations {
namespace {

using api::wait_core;

/// Why the wait cannot even begin, if so.
std::optional<error> refuse(const integration_ref& ref, const awaited_activities& what,
                            const wait_options& options) {
  if (auto problem = api::check_wait(options)) return problem;
  const auto refused = [&](const std::string& id) -> std::optional<error> {
    const auto operation = api::get_activity(ref, activity_id(id));
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

/// \return whether it was told.
bool tell(const wait_options& options, const activity& news) {
  try {
    if (options.on_progress()) options.on_progress()(news);
    return true;
  } catch (...) {
    return false;
  }
}

error progress_threw() {
  return model::make_error(errc::cancelled, phase::admission, "wait_options::on_progress threw");
}

/// The fetches of a wait, on its strand.
struct fetches : std::enable_shared_from_this<fetches> {
  struct answer {
    std::size_t number;
    result<activity> outcome;
  };

  explicit fetches(const asio::any_io_executor& strand) : wake(strand) {}

  void start(calls::composed_base& steps, std::size_t number, result<api::operation>&& operation) {
    auto came_back = [self = shared_from_this(), number](result<activity> outcome) {
      self->came.push_back({number, std::move(outcome)});
      self->wake.cancel();
    };
    auto call = steps.prepare<activity>(std::move(operation), &decode_one_activity);
    detail::initiate(
        std::move(call),
        asio::bind_cancellation_slot(cancels[number].slot(),
                                     asio::bind_executor(steps.strand(), std::move(came_back))));
  }
  void stop() {
    for (auto& [number, cancel] : cancels) cancel.emit(asio::cancellation_type::terminal);
  }

  std::vector<answer> came;
  std::map<std::size_t, asio::cancellation_signal> cancels;  // by number
  asio::steady_timer wake;
};

/// Makes the core's fetches until all activities have ended.
asio::awaitable<result<wait_report>> wait_for(calls::composed_base& steps,
                                              const integration_ref& ref, wait_core& core,
                                              const wait_options& options, fetches& under_way) {
  while (!core.over()) {
    if (const auto why = steps.over())
      co_return *why == errc::deadline_exceeded ? core.deadline_error() : *why;
    for (const std::size_t number : core.begin(wait_core::clock::now()))
      under_way.start(steps, number, api::get_activity(ref, activity_id(core.id(number))));
    if (under_way.came.empty()) {
      under_way.wake.expires_at(std::min(core.next(), steps.deadline()));
      co_await under_way.wake.async_wait(asio::as_tuple(asio::use_awaitable));
    }
    for (auto& [number, outcome] : std::exchange(under_way.came, {})) {
      const auto now = wait_core::clock::now();
      if (outcome) {
        const bool news = core.fetched(number, std::move(*outcome), now, util::roll());
        if (news && !tell(options, core.value(number))) co_return progress_threw();
      } else if (steps.over()) {
        continue;  // most likely why it failed
      } else if (const auto why = core.failed(number, outcome.error(), now, util::roll())) {
        co_return *why;
      }
    }
  }
  co_return std::move(core).report();
}

/// What it holds outlives the steps, and what they leave under way is stopped.
asio::awaitable<result<wait_report>> wait_with(calls::composed_base& steps, integration_ref ref,
                                               awaited_activities what, wait_options options) {
  if (auto problem = refuse(ref, what, options)) co_return std::move(*problem);
  wait_core core(what, options, wait_core::clock::now(), util::roll());
  const auto under_way = std::make_shared<fetches>(steps.strand());
  auto outcome = co_await wait_for(steps, ref, core, options, *under_way);
  under_way->stop();
  co_return std::move(outcome);
}

}  // namespace

detail::prepared_call<wait_report> prepare_wait(std::shared_ptr<calls::client_impl> client,
                                                const integration_ref& ref,
                                                awaited_activities&& what, wait_options&& options) {
  call_options of_all = call_options(options.fetch()).timeout(options.timeout());
  auto steps = [ref, what = std::move(what), options = std::move(options)](
                   calls::composed_base& of) { return wait_with(of, ref, what, options); };
  return std::make_shared<calls::composed<wait_report>>(std::move(client), std::move(of_all),
                                                        std::move(steps));
}

}  // namespace upsun::operations
