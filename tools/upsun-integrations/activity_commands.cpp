#include <string>
#include <utility>
#include <vector>

#include "commands.hpp"

namespace upsun::tool {
namespace {

/// Activities of an integration, up to a limit. Zero: all.
boost::asio::awaitable<result<std::vector<result<activity>>>> read_activities(
    session& with, integration_ref ref, activity_filter filter, std::size_t limit) {
  sequence<activity> read = with.api.activities(ref, std::move(filter));
  std::vector<result<activity>> all;
  for (;;) {
    auto page = co_await read.async_next_page();
    if (!page) co_return page.error();
    if (page->items.empty()) co_return all;
    for (auto& each : page->items) {
      all.push_back(std::move(each));
      if (all.size() == limit) co_return all;
    }
  }
}

}  // namespace

boost::asio::awaitable<result<wait_report>> wait_for(session& with, const integration_ref& ref,
                                                     awaited_activities what) {
  progress shown = with.out.make_progress();
  wait_options options;
  if (with.wanted.timeout) options.timeout(*with.wanted.timeout);
  options.on_progress([&shown](const activity& seen) { shown.show(seen); });
  auto waited = co_await with.api.async_wait_for_activities(ref, std::move(what), options);
  shown.clear();
  co_return waited;
}

exit_status exit_status_of(wait_outcome how) noexcept {
  return how == wait_outcome::success ? exit_status::fine : exit_status::activity_failed;
}

outcome run(session& with, const activities_command& wanted) {
  activity_filter filter;
  for (const std::string& state : wanted.states) filter.state(open_enum<activity_state>(state));
  for (const std::string& type : wanted.types) filter.type(type);
  const integration_ref ref = with.ref(wanted.id);
  const auto listed = co_await read_activities(with, ref, filter, wanted.limit);
  co_return listed ? with.out.print(*listed) : with.out.fail(listed.error());
}

outcome run(session& with, const wait_command& wanted) {
  const integration_ref ref = with.ref(wanted.id);
  std::vector<activity_id> ids;
  for (const std::string& id : wanted.activities) ids.emplace_back(id);
  if (ids.empty()) {
    activity_filter unfinished;
    for (const auto state : {activity_state::pending, activity_state::in_progress,
                             activity_state::scheduled, activity_state::staged})
      unfinished.state(state);
    const auto listed = co_await read_activities(with, ref, unfinished, 0);
    if (!listed) co_return with.out.fail(listed.error());
    for (const auto& each : *listed) {
      if (each)
        ids.emplace_back(each->id);
      else
        co_return with.out.fail(each.error());
    }
  }
  if (ids.empty()) with.out.note("there is nothing to wait for");
  const auto waited = co_await wait_for(with, ref, ids);
  if (!waited) co_return with.out.fail(waited.error());
  std::vector<result<activity>> ended(waited->activities.begin(), waited->activities.end());
  with.out.print(ended);
  co_return exit_status_of(waited->outcome);
}

outcome run(session& with, const cancel_command& wanted) {
  const integration_ref ref = with.ref(wanted.id);
  const activity_id activity(wanted.activity);
  const auto cancelled = co_await with.api.async_cancel_activity(ref, activity);
  if (!cancelled) co_return with.out.fail(cancelled.error());
  with.out.note("the server was asked to cancel " + wanted.activity +
                "; `upsun-integrations wait` shows whether it was cancelled");
  co_return with.out.print(*cancelled);
}

outcome run(session& with, const log_command& wanted) {
  const integration_ref ref = with.ref(wanted.id);
  const activity_id id(wanted.activity);
  if (!wanted.follow) {
    const auto seen = co_await with.api.async_get_activity(ref, id);
    if (!seen) co_return with.out.fail(seen.error());
    if (!seen->done()) {
      with.out.print(log_line{.message = seen->log.value_or("")});
      with.out.note(wanted.activity + " has not ended; --follow follows its log");
      co_return exit_status::fine;
    }
  }
  auto log = co_await with.api.async_open_activity_log(ref, id);
  if (!log) co_return with.out.fail(log.error());
  exit_status status = exit_status::fine;
  for (;;) {
    const auto line = co_await log->async_next();
    if (line && !*line) co_return status;
    if (line) {
      with.out.print(**line);
    } else if (line.error().phase() == phase::decode) {  // one item; the log goes on
      const exit_status unread = with.out.print_unread(line.error());
      if (status == exit_status::fine) status = unread;
    } else {
      co_return with.out.fail(line.error());
    }
  }
}

}  // namespace upsun::tool
