#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/html.hpp"
#include "common/terminal.hpp"
#include "describe.hpp"
#include "survey.hpp"
#include "table.hpp"

namespace upsun::tool {
namespace {

constexpr std::string_view head = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Integrations</title>
<style>
:root { color-scheme: light dark; --text: #1f2328; --faint: #636c76; --back: #fff; --line: #d1d9e0; --bar: #3557d4; --late: #c4320a; }
@media (prefers-color-scheme: dark) { :root { --text: #e6e8eb; --faint: #9aa4ae; --back: #15181c; --line: #353b43; --bar: #7f9bff; --late: #ff8a65; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; color: var(--text); background: var(--back); }
h2 { margin-top: 2.5rem; }
p.faint { color: var(--faint); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.875rem; }
th, td { text-align: left; padding: 0.25rem 0.75rem 0.25rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
.late { color: var(--late); font-weight: 600; }
svg { display: block; width: 100%; max-width: 48rem; height: auto; }
svg text { fill: var(--text); font: 13px system-ui, sans-serif; }
svg rect { fill: var(--bar); }
svg rect.late { fill: var(--late); }
</style>
</head>
<body>
)";

/// Text for a page. Control characters, which no page may hold, are escaped as for a terminal.
std::string escaped(std::string_view text) { return html_escaped(printable(text)); }

std::string counted(std::size_t number) { return std::to_string(number); }

struct bar {
  std::string label{};
  std::size_t value = 0;
  bool late = false;
};

std::string attribute(std::string_view name, std::size_t value) {
  return std::string(" ").append(name).append("=\"").append(counted(value)).append("\"");
}

/// A plot with a bar for each entry, its name before it and its value behind it.
std::string plot_of(std::string_view title, const std::vector<bar>& bars) {
  constexpr std::size_t height = 22, labels = 190, width = 720, most = width - labels - 60;
  std::size_t largest = 1;
  for (const bar& each : bars) largest = std::max(largest, each.value);
  std::string svg = "<svg role=\"img\" aria-label=\"" + escaped(title) + "\" viewBox=\"0 0 " +
                    counted(width) + ' ' + counted(std::max<std::size_t>(bars.size(), 1) * height) +
                    "\">\n";
  std::size_t top = 0;
  for (const bar& each : bars) {
    const std::string value = counted(each.value);
    const std::size_t length =
        each.value == 0 ? 0 : std::max<std::size_t>(each.value * most / largest, 1);
    const std::string_view shown = terminal::fitted(each.label, 20);
    svg.append("<g><title>").append(escaped(each.label)).append(": ").append(value);
    svg.append("</title><text text-anchor=\"end\"").append(attribute("x", labels - 8));
    svg.append(attribute("y", top + 15)).append(">").append(escaped(shown));
    svg.append(shown.size() < each.label.size() ? "\u2026" : "").append("</text><rect");
    svg.append(each.late ? " class=\"late\"" : "").append(attribute("x", labels));
    svg.append(attribute("y", top + 3)).append(attribute("width", length));
    svg.append(attribute("height", height - 6)).append("/><text");
    svg.append(attribute("x", labels + length + 6)).append(attribute("y", top + 15));
    svg.append(">").append(value).append("</text></g>\n");
    top += height;
  }
  return svg + "</svg>\n";
}

/// A table whose first row is its head. \param numbers_from the first column that holds numbers
std::string table_html(const std::vector<std::vector<std::string>>& rows,
                       std::size_t numbers_from = std::string::npos) {
  std::string html = "<div class=\"scroll\"><table>\n";
  for (std::size_t i = 0; i < rows.size(); ++i) {
    html += i == 0 ? "<thead><tr>" : "<tr>";
    for (std::size_t column = 0; column < rows[i].size(); ++column) {
      const std::string_view name = i == 0 ? "th" : "td";
      html.append("<").append(name).append(column >= numbers_from ? " class=\"number\">" : ">");
      html.append(escaped(rows[i][column])).append("</").append(name).append(">");
    }
    html += i == 0 ? "</tr></thead>\n<tbody>\n" : "</tr>\n";
  }
  return html + "</tbody></table></div>\n";
}

std::string heading(const std::string& text) { return "<h2>" + escaped(text) + "</h2>\n"; }

std::vector<bar> bars_of(const std::vector<std::pair<std::string, std::size_t>>& counts,
                         std::size_t most) {
  std::vector<bar> bars;
  std::size_t rest = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (i < most)
      bars.push_back({counts[i].first, counts[i].second});
    else
      rest += counts[i].second;
  }
  if (rest > 0) bars.push_back({"all others", rest});
  return bars;
}

std::string kinds_part(const survey& seen) {
  return heading("By kind") +
         plot_of("Integrations by kind", bars_of(largest_first(seen.kinds), 40));
}

/// How many of each kind in each organization: the kinds are the columns.
std::string organizations_part(const survey& seen) {
  constexpr std::size_t most_bars = 40;
  std::vector<std::pair<std::string, std::size_t>> counts;
  for (const auto& [id, each] : seen.organizations)
    counts.emplace_back(each.label.empty() ? each.name : each.label, each.integrations);
  std::stable_sort(counts.begin(), counts.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::vector<std::vector<std::string>> rows{{"Organization", "Label", "All"}};
  const auto kinds = largest_first(seen.kinds);
  for (const auto& [kind, count] : kinds) rows.front().push_back(kind);
  for (const auto& [id, each] : seen.organizations) {
    rows.push_back({each.name, each.label, counted(each.integrations)});
    for (const auto& [kind, count] : kinds) {
      const auto found = each.kinds.find(kind);
      rows.back().push_back(found == each.kinds.end() ? "" : counted(found->second));
    }
  }
  std::sort(rows.begin() + 1, rows.end());  // by their names
  return heading("By organization") +
         plot_of("Integrations by organization", bars_of(counts, most_bars)) + table_html(rows, 2);
}

/// Tokens by the days that are left, the expired ones first.
std::vector<bar> expiry_bars(const survey& seen) {
  constexpr int steps = 10;
  const int step = std::max((seen.days + steps - 1) / steps, 1);
  std::vector<bar> bars{{"expired", 0, true}};
  for (int from = 0; from < seen.days; from += step)
    bars.push_back(
        {std::to_string(from) + " to " + std::to_string(std::min(from + step, seen.days)) + " days",
         0, false});
  for (const survey::token& each : seen.tokens) {
    const auto left = each.expires - seen.now;
    const auto day = static_cast<std::size_t>(
        std::max<std::chrono::hours::rep>(
            std::chrono::duration_cast<std::chrono::hours>(left).count(), 0) /
        24);
    const std::size_t at = left < left.zero() ? 0 : 1 + day / static_cast<std::size_t>(step);
    ++bars[std::min(at, bars.size() - 1)].value;
  }
  return bars;
}

std::string tokens_part(const survey& seen) {
  std::string html = heading("Tokens that expire within " + std::to_string(seen.days) + " days");
  if (seen.tokens.empty()) return html + "<p>None.</p>\n";
  std::vector<std::vector<std::string>> rows{
      {"Expires", "Renewed", "Organization", "Project", "Title", "Integration", "Target"}};
  for (const survey::token& each : seen.tokens)
    rows.push_back({short_time(each.expires), each.renewed ? "yes" : "no", each.of.organization,
                    each.of.project, each.of.title, each.of.id, each.of.target});
  return html + plot_of("Tokens by the days that are left", expiry_bars(seen)) + table_html(rows);
}

std::string invalid_part(const survey& seen) {
  if (!seen.validated) return "";
  std::string html = heading("Integrations that fail validation");
  if (seen.not_validated > 0)
    html += "<p class=\"faint\">There is no verdict on " + counted(seen.not_validated) + ".</p>\n";
  if (seen.invalids.empty()) return html + "<p>None.</p>\n";
  std::vector<std::vector<std::string>> rows{
      {"Organization", "Project", "Title", "Integration", "Kind", "Why"}};
  for (const survey::invalid& each : seen.invalids)
    rows.push_back(
        {each.of.organization, each.of.project, each.of.title, each.of.id, each.of.kind, each.why});
  return html + table_html(rows);
}

}  // namespace

std::string html_of(const survey& seen, const fleet_account& account) {
  std::string page(head);
  page += "<h1>Integrations</h1>\n<p class=\"faint\">" + escaped(short_time(seen.now)) +
          "</p>\n<p>" + escaped(summary_of(account)) + ".</p>\n";
  if (account.report.stopped_by.code())
    page +=
        "<p class=\"late\">Incomplete: " + escaped(account.report.stopped_by.message()) + "</p>\n";
  page += kinds_part(seen) + organizations_part(seen) + tokens_part(seen) + invalid_part(seen);
  const auto unread = unread_of(account).rows();
  if (!unread.empty()) page += heading("Not read") + table_html(unread);
  return page + "</body>\n</html>\n";
}

}  // namespace upsun::tool
