#include "report.hpp"

#include <algorithm>
#include <cstdio>
#include <numeric>
#include <utility>
#include <vector>

#include "number_table.hpp"

namespace {

/// Prints the largest counts, and the sum of the others.
void print_counts(const char* what, const char* others,
                  const std::map<std::string, std::size_t>& counts, std::size_t most) {
  std::vector<std::pair<std::string, std::size_t>> sorted(counts.begin(), counts.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  const auto sum_from = [&](std::size_t first) {
    return std::accumulate(sorted.begin() + static_cast<std::ptrdiff_t>(first), sorted.end(),
                           std::size_t{0},
                           [](std::size_t sum, const auto& each) { return sum + each.second; });
  };
  const std::size_t all = sum_from(0);
  number_table table({what, "integrations", "share"});
  const auto add = [&](const std::string& name, std::size_t count) {
    const std::size_t tenths = (count * 1000 + all / 2) / std::max<std::size_t>(all, 1);
    table.add({name, std::to_string(count),
               std::to_string(tenths / 10) + '.' + std::to_string(tenths % 10) + " %"});
  };
  const std::size_t shown = std::min(most, sorted.size());
  for (std::size_t i = 0; i < shown; ++i) add(sorted[i].first, sorted[i].second);
  if (shown < sorted.size())
    add(std::to_string(sorted.size() - shown) + ' ' + others, sum_from(shown));
  table.print();
}

std::string name_of(const upsun::unread_part& part) {
  if (!part.project_id.empty()) return "project " + part.project_id;
  const bool named = !part.organization_name.empty();
  return "the projects of " + (named ? part.organization_name : part.organization_id);
}

/// How many parts there are for each reason, with one of them as an example.
void print_unread(const upsun::fleet_report& walked) {
  number_table table({"not read", "count"});
  const auto add = [&](upsun::unread_reason reason, std::size_t count) {
    if (count == 0) return;
    std::string name(to_string(reason));
    const auto first = std::find_if(walked.unread.begin(), walked.unread.end(),
                                    [&](const auto& part) { return part.reason == reason; });
    if (first != walked.unread.end()) name += ", such as " + name_of(*first);
    table.add({name, std::to_string(count)});
  };
  add(upsun::unread_reason::forbidden, walked.forbidden);
  add(upsun::unread_reason::not_found, walked.not_found);
  add(upsun::unread_reason::suspended, walked.suspended);
  add(upsun::unread_reason::failed, walked.failed);
  if (walked.broken > 0)
    table.add({"elements of lists that are no integrations", std::to_string(walked.broken)});
  table.print();
}

}  // namespace

void report::add(const upsun::fleet_project& of, const upsun::result<upsun::integration>& got) {
  if (!got) return;  // the walk's own report counts it
  ++by_kind_[got->type];
  ++by_organization_[of.organization_name.empty() ? "other people's " + of.organization_id
                                                  : of.organization_name];
}

void report::print(const upsun::fleet_report& walked) const {
  print_counts("kind", "other kinds", by_kind_, 24);
  print_counts("organization", "other organizations", by_organization_, 10);
  print_unread(walked);
}

void print_summary(const upsun::fleet_report& walked, std::chrono::steady_clock::duration elapsed,
                   std::size_t window, const upsun::client_statistics& client,
                   std::string_view http_version) {
  const double seconds = std::max(std::chrono::duration<double>(elapsed).count(), 1e-9);
  const auto each_second = [seconds](std::size_t count) {
    return static_cast<double>(count) / seconds;
  };
  const auto attempts = static_cast<std::size_t>(client.attempts);
  const auto count = [](const char* name, std::size_t value) {
    std::printf("%-15s%zu\n", name, value);
  };
  std::puts("");
  count("organizations", walked.organizations);
  std::printf("%-15s%zu, %zu of them shared by other people\n", "projects", walked.projects,
              walked.shared);
  count("integrations", walked.integrations);
  std::printf("%-15s%.2f s, %zu requests at a time\n", "duration", seconds, window);
  std::printf("%-15s%.0f projects, %.0f integrations, %.0f requests a second\n", "throughput",
              each_second(walked.projects), each_second(walked.integrations),
              each_second(attempts));
  std::printf("%-15s%zu, %zu of them again\n", "requests", attempts,
              static_cast<std::size_t>(client.retries));
  std::printf("%-15s%zu by HTTP/%.*s, %zu times reused\n", "connections",
              static_cast<std::size_t>(client.dials - client.dial_failures),
              static_cast<int>(http_version.size()), http_version.data(),
              static_cast<std::size_t>(client.reuses));
}
