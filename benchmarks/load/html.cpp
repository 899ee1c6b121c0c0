#include "common/html.hpp"

#include <string_view>

#include "numbers.hpp"
#include "plots.hpp"
#include "report.hpp"

namespace upsun::load {
namespace {

constexpr std::string_view head = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>upsun-load</title>
<style>
:root { color-scheme: light dark; --text: #1f2328; --faint: #636c76; --back: #fff; --card: #f6f8fa; --line: #d1d9e0; --bad: #c4320a;
  --c0: #3557d4; --c1: #d9480f; --c2: #2b8a3e; --c3: #9c36b5; --c4: #0b7285; --c5: #a67c00; --c6: #c2255c; --c7: #495057; }
@media (prefers-color-scheme: dark) { :root { --text: #e6e8eb; --faint: #9aa4ae; --back: #15181c; --card: #1d2127; --line: #353b43; --bad: #ff8a65;
  --c0: #7f9bff; --c1: #ff922b; --c2: #69db7c; --c3: #da77f2; --c4: #3bc9db; --c5: #ffd43b; --c6: #f783ac; --c7: #ced4da; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; color: var(--text); background: var(--back); }
h1 { margin-bottom: 0; }
h2, summary { margin: 2.5rem 0 1rem; font-size: 1.5rem; font-weight: bold; }
summary { margin-bottom: 0.5rem; cursor: pointer; }
.faint { color: var(--faint); white-space: pre-line; }
.verdict { font-weight: 600; }
.bad { color: var(--bad); }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: 0.75rem; margin: 1.5rem 0; }
.card { padding: 0.75rem 1rem; background: var(--card); border: 1px solid var(--line); border-radius: 0.5rem; }
.card b { display: block; font-size: 1.5rem; font-variant-numeric: tabular-nums; }
.card span { color: var(--faint); font-size: 0.875rem; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 27rem), 1fr)); gap: 0.75rem; }
figure { margin: 0; padding: 0.75rem; background: var(--card); border: 1px solid var(--line); border-radius: 0.5rem; }
figcaption { font-weight: 600; }
svg { display: block; width: 100%; max-width: 40rem; height: auto; }
svg text { fill: var(--faint); font: 13px system-ui, sans-serif; }
svg .grid { stroke: var(--line); fill: none; }
svg .curve { stroke: currentColor; stroke-width: 2; stroke-linejoin: round; fill: none; }
svg .dashed .curve { stroke-dasharray: 6 4; }
svg circle { fill: currentColor; }
.legend { display: flex; flex-wrap: wrap; gap: 0 1rem; margin: 0.25rem 0 0; padding: 0; list-style: none; font-size: 0.875rem; }
.legend li::before { content: ""; display: inline-block; width: 1.25rem; margin-right: 0.4rem; vertical-align: middle; border-top: 3px solid; }
.legend li.dashed::before { border-top-style: dashed; }
.c0 { color: var(--c0); } .c1 { color: var(--c1); } .c2 { color: var(--c2); } .c3 { color: var(--c3); }
.c4 { color: var(--c4); } .c5 { color: var(--c5); } .c6 { color: var(--c6); } .c7 { color: var(--c7); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.875rem; }
th, td { padding: 0.25rem 1rem 0.25rem 0; border-bottom: 1px solid var(--line); text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
th:first-child { text-align: left; font-weight: normal; white-space: pre; }
</style>
</head>
<body>
<h1>Load test</h1>
)";

std::string card(const std::string& value, std::string_view label, bool bad = false) {
  return std::string("<div class=\"card\"><b") + (bad ? " class=\"bad\">" : ">") +
         html_escaped(value) + "</b><span>" + html_escaped(label) + "</span></div>\n";
}

std::string latency_text(const latency_counts& seen, double part) {
  if (seen.total() == 0) return "-";
  const double us = in_microseconds(seen.quantile(part));
  return us < 1e3 ? number(us, 0) + " us" : number(us / 1e3, us < 1e4 ? 2 : 1) + " ms";
}

std::string cards_of(const run_record& run) {
  const std::uint64_t bad = run.failed() + run.unfinished;
  return "<div class=\"cards\">\n" + card(number(run.rate(), 0), "fetches a second") +
         card(latency_text(run.latencies, .5), "median latency") +
         card(latency_text(run.latencies, .99), "99th percentile") +
         card(std::to_string(run.fetched), "fetched") +
         card(std::to_string(bad), "failed or unfinished", bad > 0) + "</div>\n";
}

/// A table whose first row is its head and whose first column names the rows.
std::string table_html(const table_rows& rows) {
  std::string html = "<div class=\"scroll\"><table>\n";
  for (std::size_t i = 0; i < rows.size(); ++i) {
    html += "<tr>";
    for (std::size_t column = 0; column < rows[i].size(); ++column) {
      const std::string_view name = i == 0 || column == 0 ? "th" : "td";
      html.append("<").append(name).append(">").append(html_escaped(rows[i][column]));
      html.append("</").append(name).append(">");
    }
    html += "</tr>\n";
  }
  return html + "</table></div>\n";
}

/// A paragraph of lines; those about what failed stand out.
std::string lines_html(const std::string& lines, std::string_view style) {
  std::string html;
  for (const std::string_view line : split(lines, '\n')) {
    if (line.empty()) continue;
    html += (html.empty() ? "" : "<br>\n") +
            std::string(line.starts_with("failed: ") ? "<span class=\"bad\">" : "<span>") +
            html_escaped(line) + "</span>";
  }
  return html.empty() ? "" : "<p class=\"" + std::string(style) + "\">" + html + "</p>\n";
}

}  // namespace

std::string html_of(const report& data) {
  const report shown = in_full(data);
  std::string page(head);
  page += "<p class=\"faint\">" + html_escaped(conditions_of(data)) + "</p>\n";
  page += lines_html(verdicts_of(data), "verdict");
  if (shown.runs.size() == 1) page += cards_of(shown.runs.front());
  page += "<div class=\"charts\">\n";
  for (const chart& each : charts_of(data)) page += figure_of(each);
  page += "</div>\n";
  if (data.search) page += "<h2>Search</h2>\n" + table_html(steps_of(data));
  page += "<h2>Figures</h2>\n" + table_html(measures_of(data));
  for (const run_record& run : shown.runs) {
    const table_rows details = details_of(run);
    if (details.size() == 1) continue;
    const bool only = shown.runs.size() == 1;
    const std::string name = name_of(data, run);
    page += std::string("<details") + (only ? " open" : "") + "><summary>Parts" +
            html_escaped(name.empty() ? "" : ", " + name) + "</summary>\n" + table_html(details) +
            "</details>\n";
  }
  const std::string notes = notes_of(shown);
  if (!notes.empty()) page += "<h2>Errors</h2>\n" + lines_html(notes, "faint");
  return page + "</body>\n</html>\n";
}

}  // namespace upsun::load
