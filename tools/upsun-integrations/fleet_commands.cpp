#include <algorithm>
#include <chrono>
#include <exception>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <variant>

#include <boost/asio/co_spawn.hpp>
#include <boost/json/serialize.hpp>

#include "commands.hpp"
#include "common/files.hpp"
#include "describe.hpp"
#include "fleet_rows.hpp"
#include "fleet_walk.hpp"
#include "project_names.hpp"

namespace upsun::tool {
namespace {

/// Whether everything was seen, but for parts that are forbidden or gone.
bool is_passable(exit_status status) {
  return status == exit_status::fine || status == exit_status::incomplete;
}

/// The first failure counts, and any more than a part that is missing.
void keep_worst(exit_status& status, exit_status failed) {
  if (is_passable(status)) status = failed;
}

/// Validates integrations of a walk, and counts.
struct validator {
  using on_verdict =
      std::function<void(const fleet_project&, const integration&, const validation&)>;

  session& with;
  fleet_walk& walk;
  on_verdict handler;
  verdict_counts counts{};
  exit_status failed = exit_status::fine;  ///< Of the first that could not be validated.

  boost::asio::awaitable<void> validate(fleet_project of, integration value) {
    const integration_ref ref(project_id(of.id), integration_id(value.id.value_or("")));
    const auto verdict = co_await with.api.async_validate_integration(ref);
    if (verdict) {
      ++(verdict->valid ? counts.valid : counts.invalid);
      handler(of, value, *verdict);
    } else if (verdict.error() == condition::unsupported) {
      ++counts.unsupported;
    } else {
      ++counts.failed;
      walk.clear_line();
      keep_worst(failed, with.out.fail(verdict.error(), of.id + ' ' + value.id.value_or("-")));
    }
  }

  void start(const fleet_project& of, const result<integration>& got, bulk_done done) {
    if (!got) return;
    auto steps = validate(of, *got);
    const auto executor = with.api.get_executor();
    boost::asio::co_spawn(
        executor, std::move(steps),
        [done = std::move(done)](std::exception_ptr thrown) mutable { done(std::move(thrown)); });
  }

  /// The worse of a walk's status and what validation has found.
  [[nodiscard]] exit_status worst(exit_status walked) const {
    if (!is_passable(walked)) return walked;
    if (failed != exit_status::fine) return failed;
    return counts.invalid > 0 ? exit_status::invalid : walked;
  }
};

}  // namespace

outcome run(session& with, const organizations_command&) {
  listing list = with.out.make_listing(organization_columns());
  sequence<organization> read = with.api.organizations();
  exit_status status = exit_status::fine;
  for (;;) {
    const auto page = co_await read.async_next_page();
    if (!page) keep_worst(status, with.out.fail(page.error()));
    if (!page || page->items.empty()) break;
    for (const auto& each : page->items) {
      if (!each) {
        keep_worst(status, with.out.fail(each.error()));
        continue;
      }
      list.add([&] { return row_of(*each); },
               [&] { return boost::json::serialize(to_json(*each)); });
    }
  }
  list.finish();
  co_return status;
}

outcome run(session& with, const projects_command& wanted) {
  listing list = with.out.make_listing(project_columns());
  exit_status status = exit_status::fine;
  const on_project add = [&](const organization& of, const result<organization_project>& each) {
    if (!each) {
      const exit_status failed = with.out.fail(each.error(), of.name.value_or(of.id));
      const bool is_part =
          wanted.organizations.empty() && !of.id.empty() &&
          (each.error() == condition::forbidden || each.error() == condition::not_found);
      keep_worst(status, is_part ? exit_status::incomplete : failed);
      return;
    }
    list.add([&] { return row_of(*each, of); },
             [&] { return boost::json::serialize(to_json(*each, of)); });
  };
  const project_filter all;
  co_await for_each_project(with.api, wanted.organizations, all, add);
  list.finish({4, 1, 0});  // organization, title, id
  co_return status;
}

outcome list_fleet(session& with, const walk_options& wanted) {
  fleet_walk walk(with, wanted);
  listing list = with.out.make_listing(integration_columns(), !walk.goes_on());
  const fleet_walk::on_result take = [&](const fleet_project& of, const result<integration>& got,
                                         bulk_done) {
    if (got)
      list.add([&] { return row_of(of, *got); }, [&] { return with.out.document_of(of, *got); });
    else
      list.add_to_json([&] { return output::document_of(of, got.error()); });
  };
  const auto walked = co_await walk.run(take);
  if (!walked) co_return with.out.fail(walked.error());
  list.finish({0, 2, 1, 3});  // organization, title, project, id
  co_return walk.finish(*walked);
}

outcome get_fleet(session& with, const get_command& wanted) {
  fleet_walk walk(with, wanted.walk);
  std::set<std::string> missing(wanted.ids.begin(), wanted.ids.end());
  const fleet_walk::on_result take = [&](const fleet_project& of, const result<integration>& got,
                                         bulk_done) {
    if (!got || missing.erase(got->id.value_or("")) == 0) return;
    with.out.print_found(of, *got);
    if (missing.empty()) throw seen_enough();
  };
  const auto walked = co_await walk.run(take);
  if (!walked) co_return with.out.fail(walked.error());
  if (missing.empty()) co_return exit_status::fine;
  exit_status status = walk.finish(*walked);
  if (status == exit_status::incomplete) status = exit_status::fine;
  for (const std::string& id : missing)
    keep_worst(status, with.out.fail(exit_status::not_found, id + ": no project has it"));
  co_return status;
}

outcome validate_fleet(session& with, const walk_options& wanted) {
  fleet_walk walk(with, wanted);
  validator validating{
      with, walk,
      [&](const fleet_project& of, const integration& value, const validation& verdict) {
        if (verdict.valid) return;
        walk.clear_line();
        with.out.print_invalid(of, value, verdict);
      }};
  const fleet_walk::on_result take = [&](const fleet_project& of, const result<integration>& got,
                                         bulk_done done) {
    validating.start(of, got, std::move(done));
  };
  const auto walked = co_await walk.run(take);
  if (!walked) co_return with.out.fail(walked.error());
  const exit_status status = walk.finish(*walked);
  with.out.print(validating.counts);
  co_return validating.worst(status);
}

outcome run(session& with, const report_command& wanted) {
  if (!wanted.html_file.empty()) require_writable(wanted.html_file);
  survey seen{
      .now = std::chrono::time_point_cast<timestamp::duration>(std::chrono::system_clock::now()),
      .days = wanted.days,
      .validated = wanted.validate};
  fleet_walk walk(with, wanted.walk);
  validator validating{
      with, walk,
      [&](const fleet_project& of, const integration& value, const validation& verdict) {
        if (!verdict.valid) seen.add_invalid(of, value, verdict);
      }};
  const fleet_walk::on_result take = [&](const fleet_project& of, const result<integration>& got,
                                         bulk_done done) {
    if (got) seen.count(of, *got);
    if (wanted.validate) validating.start(of, got, std::move(done));
  };
  const auto walked = co_await walk.run(take);
  if (!walked) co_return with.out.fail(walked.error());
  seen.not_validated = validating.counts.unsupported + validating.counts.failed;
  seen.finish();
  with.out.print(seen, *walked);
  exit_status status = walk.finish(*walked);
  if (!wanted.html_file.empty()) {
    if (walked->report.stopped_by.code())
      with.out.note(wanted.html_file + " was not written, since the walk is not complete");
    else
      replace_file(wanted.html_file, html_of(seen, *walked));
  }
  if (validating.failed != exit_status::fine) keep_worst(status, validating.failed);
  co_return status;
}

outcome run(session& with, const command& what) {
  if (is_of_project(what)) {
    const auto found = co_await find_project(with.api, with.project);
    if (!found) co_return with.out.fail(found.error());
    with.project = *found;
  }
  auto chosen = std::visit([&with](const auto& wanted) { return run(with, wanted); }, what);
  co_return co_await std::move(chosen);
}

}  // namespace upsun::tool
