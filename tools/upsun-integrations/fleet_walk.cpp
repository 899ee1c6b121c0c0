#include "fleet_walk.hpp"

#include <cstddef>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <stdexcept>
#include <utility>

#include "common/files.hpp"

namespace upsun::tool {
namespace {

fleet_filter filter_of(const walk_options& wanted, const std::string& project,
                       const std::string& resume) {
  fleet_filter filter;
  for (const std::string& each : wanted.organizations) filter.organization(each);
  for (const std::string& each : wanted.kinds) filter.kind(each);
  for (const std::string& each : wanted.regions) filter.region(each);
  for (const std::string& each : wanted.statuses) filter.status(open_enum<project_status>(each));
  if (!project.empty()) filter.project(project);
  filter.shared(wanted.shared);
  if (!resume.empty()) filter.resume(resume);
  return filter;
}

/// The token of an interrupted walk; empty when there is no such file.
std::string read_resume_file(const std::string& name) {
  if (!std::filesystem::exists(name)) return "";
  std::ifstream file(name);
  std::string token(std::istreambuf_iterator<char>(file), {});
  if (!file || token.empty())
    throw usage_error("cannot read where to go on from the file '" + name + "'");
  while (!token.empty() && token.back() == '\n') token.pop_back();
  return token;
}

/// Of what the handler got, the errors that the report does not name: elements of lists that are no
/// integrations.
std::vector<unread_part> broken_of(const std::vector<unread_part>& errors,
                                   const fleet_report& report) {
  std::set<std::string> unread;
  for (const unread_part& part : report.unread) unread.insert(part.project_id);
  std::vector<unread_part> broken;
  for (const unread_part& each : errors) {
    if (!unread.contains(each.project_id) && broken.size() < report.broken) broken.push_back(each);
  }
  return broken;
}

}  // namespace

fleet_walk::fleet_walk(session& with, const walk_options& wanted)
    : with_(with), wanted_(wanted), shown_(with.out.make_fleet_progress()) {
  if (wanted.resume_file.empty()) return;
  resume_ = read_resume_file(wanted.resume_file);
  require_writable(wanted.resume_file);
  if (goes_on()) with.out.note("going on where " + wanted.resume_file + " says");
}

boost::asio::awaitable<result<fleet_account>> fleet_walk::run(const on_result& handler) {
  const auto began = fleet_progress::clock::now();
  std::vector<unread_part> errors;
  const auto take = [&](const fleet_project& of, result<integration> got, bulk_done done) {
    if (!got) {
      if (got.error() == condition::cancelled) return;
      if (errors.size() < fleet_report::most_named)
        errors.push_back({unread_reason::failed, got.error(), of.organization_id,
                          of.organization_name, of.id, of.title});
    }
    if (with_.out.is_on_terminal()) shown_.clear();  // the handler may print
    handler(of, got, std::move(done));
  };
  bulk_options options;
  options.concurrency(wanted_.concurrency);
  std::size_t found = 0;
  options.on_progress([&](const bulk_progress& seen) {
    found = seen.projects_found;
    shown_.show(seen, fleet_progress::clock::now());
  });
  fleet source(filter_of(wanted_, with_.wanted.project, resume_));
  auto walk = with_.api.async_for_each_integration(std::move(source), take, options);
  auto walked = co_await std::move(walk);
  shown_.clear();
  if (!walked) co_return walked.error();
  fleet_account account{std::move(*walked), {}, found, fleet_progress::clock::now() - began};
  if (account.report.thrown) {
    try {
      std::rethrow_exception(account.report.thrown);
    } catch (const seen_enough&) {
      account.report.thrown = nullptr;
      account.report.stopped_by = {};
    }
  }
  account.broken = broken_of(errors, account.report);
  co_return account;
}

exit_status fleet_walk::finish(const fleet_account& account) {
  exit_status status = with_.out.print(account);
  const error& stopped = account.report.stopped_by;
  if (stopped.code()) status = with_.out.fail(stopped, "the walk is not complete");
  if (wanted_.resume_file.empty()) return status;
  try {
    if (stopped.code() && !account.report.resume.empty()) {
      replace_file(wanted_.resume_file, account.report.resume + '\n');
      with_.out.note("the same command goes on where " + wanted_.resume_file + " says");
    } else if (goes_on()) {
      std::filesystem::remove(wanted_.resume_file);
    }
  } catch (const std::runtime_error& e) {  // said here: of a signal the program only says that
    status = with_.out.fail(exit_status::failed, e.what());
  }
  return status;
}

}  // namespace upsun::tool
