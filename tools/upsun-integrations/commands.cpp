#include "commands.hpp"

#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "inputs.hpp"

namespace upsun::tool {
namespace {

/// Prints a change that was accepted, and before that waits for its activities if `wait`.
outcome finish(session& with, accepted_change change, const char* verb, integration_ref ref,
               bool wait) {
  with.out.announce(change, verb, ref.id().str());
  exit_status status = exit_status::fine;
  if (wait && !change.activities.empty()) {
    auto waited = co_await wait_for(with, ref, change);
    if (waited) {
      status = exit_status_of(waited->outcome);
      change.activities = std::move(waited->activities);
    } else {
      status = with.out.fail(waited.error());
    }
  }
  with.out.print(change);
  co_return status;
}

}  // namespace

outcome run(session& with, const get_command& wanted) {
  if (wanted.walk.on()) co_return co_await get_fleet(with, wanted);
  if (wanted.ids.size() == 1) {
    const integration_ref ref = with.ref(wanted.ids.front());
    const auto got = co_await with.api.async_get_integration(ref);
    co_return got ? with.out.print(*got) : with.out.fail(got.error());
  }
  std::vector<integration_ref> refs;
  for (const std::string& id : wanted.ids) refs.push_back(with.ref(id));
  const auto got = co_await with.api.async_get_integrations(refs);
  co_return got ? with.out.print(got->results, wanted.ids) : with.out.fail(got.error());
}

outcome run(session& with, const list_command& wanted) {
  if (wanted.walk.on()) co_return co_await list_fleet(with, wanted.walk);
  const project_id project(with.project);
  const auto listed = co_await with.api.async_list_integrations(project);
  co_return listed ? with.out.print(*listed) : with.out.fail(listed.error());
}

outcome run(session& with, const create_command& wanted) {
  const given_members given = gather_members(wanted.members, std::cin);
  const integration_input input = make_input(kind_of(wanted.kind, given), given);
  const project_id project(with.project);
  const auto created = co_await with.api.async_create_integration(project, input);
  if (!created) co_return with.out.fail(created.error());
  const std::string id = created->entity ? created->entity->id.value_or("") : "";
  const bool wait = wanted.wait && !id.empty();
  co_return co_await finish(with, *created, "created", with.ref(id), wait);
}

outcome run(session& with, const update_command& wanted) {
  const given_members given = gather_members(wanted.members, std::cin);
  const integration_ref ref = with.ref(wanted.id);
  std::string kind = wanted.kind;
  if (kind.empty()) {  // a patch is of the integration's kind
    const auto current = co_await with.api.async_get_integration(ref);
    if (!current) co_return with.out.fail(current.error());
    kind = current->type;
  }
  const integration_patch patch = make_patch(kind_of(kind, given), given);
  const auto updated = co_await with.api.async_update_integration(ref, patch);
  if (!updated) co_return with.out.fail(updated.error());
  co_return co_await finish(with, *updated, "updated", ref, wanted.wait);
}

outcome run(session& with, const delete_command& wanted) {
  const integration_ref ref = with.ref(wanted.id);
  const auto deleted = co_await with.api.async_delete_integration(ref);
  if (!deleted) co_return with.out.fail(deleted.error());
  co_return co_await finish(with, *deleted, "deleted", ref, false);  // its activities went with it
}

outcome run(session& with, const validate_command& wanted) {
  if (wanted.walk.on()) co_return co_await validate_fleet(with, wanted.walk);
  const integration_ref ref = with.ref(wanted.id);
  const auto verdict = co_await with.api.async_validate_integration(ref);
  co_return verdict ? with.out.print(*verdict, wanted.id) : with.out.fail(verdict.error());
}

outcome run(session& with, const hook_command& wanted) {
  const integration_ref ref = with.ref(wanted.id);
  const auto triggered = co_await with.api.async_trigger_hook(ref);
  co_return triggered ? with.out.print_done("triggered", wanted.id)
                      : with.out.fail(triggered.error());
}

outcome run(session& with, const hook_url_command& wanted) {
  const integration_ref ref = with.ref(wanted.id);
  const auto url = co_await with.api.async_get_hook_url(ref);
  co_return url ? with.out.print_url(*url) : with.out.fail(url.error());
}

outcome run(session& with, const kinds_command& wanted) {
  co_return wanted.kind.empty() ? with.out.print_kinds()
                                : with.out.print_members(kind_of(wanted.kind, {}));
}

}  // namespace upsun::tool
