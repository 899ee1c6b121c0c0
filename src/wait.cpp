#include <upsun/client.hpp>

#include <random>
#include <utility>
#include <vector>

#include "answers.hpp"
#include "api/integrations.hpp"
#include "api/wait_core.hpp"
#include "composed.hpp"
#include "gather.hpp"

namespace asio = boost::asio;

namespace upsun {
namespace {

using api::wait_core;

/// Why the wait cannot even begin, if so.
std::optional<error> refuse(const integration_ref& ref, const awaited_activities& what, const wait_options& options) {
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
  error_details details;
  details.cause = "wait_options::on_progress threw";
  return {errc::cancelled, std::move(details)};
}

error with_pending(const error& why, const wait_core& core) { return why == errc::deadline_exceeded ? core.deadline_error() : why; }

/// Fetches the activities until all have ended.
asio::awaitable<result<wait_report>> wait_for(composed_base& steps, integration_ref ref, awaited_activities what, wait_options options) {
  if (auto problem = refuse(ref, what, options)) co_return std::move(*problem);
  std::minstd_rand random(std::random_device{}());
  std::uniform_real_distribution<double> dice(0, 1);
  wait_core core(what, options, wait_core::clock::now(), dice(random));
  while (!core.over()) {
    const auto due = core.due(wait_core::clock::now());
    if (due.empty()) {
      const auto rested = co_await steps.pause(core.next() - wait_core::clock::now());
      if (!rested) co_return with_pending(rested.error(), core);
      continue;
    }
    std::vector<detail::prepared_call<activity>> fetches;
    for (const std::size_t number : due) fetches.push_back(steps.prepare<activity>(api::get_activity(ref, activity_id(core.id(number))), &decode_one_activity));
    auto fetched = co_await gather(steps, std::move(fetches));
    for (std::size_t i = 0; i < due.size(); ++i) {
      if (!fetched[i]) continue;
      const bool news = core.fetched(due[i], std::move(*fetched[i]), wait_core::clock::now(), dice(random));
      if (news && !tell(options, core.value(due[i]))) co_return progress_threw();
    }
    if (core.over()) break;
    if (const auto why = steps.over()) co_return with_pending(*why, core);
    for (std::size_t i = 0; i < due.size(); ++i) {
      if (fetched[i]) continue;
      if (const auto why = core.failed(due[i], fetched[i].error(), wait_core::clock::now(), dice(random))) co_return *why;
    }
  }
  co_return std::move(core).report();
}

}  // namespace

detail::prepared_call<wait_report> client::prepare_wait(const integration_ref& ref, awaited_activities&& what, wait_options&& options) const {
  call_options of_all = call_options(options.fetch()).timeout(options.timeout());
  auto steps = [ref, what = std::move(what), options = std::move(options)](composed_base& of) { return wait_for(of, ref, what, options); };
  return std::make_shared<composed<wait_report>>(impl_, std::move(of_all), std::move(steps));
}

}  // namespace upsun
