#include "compare.hpp"

#include <boost/json/serialize.hpp>
#include <boost/math/distributions/students_t.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <string_view>

#include "numbers.hpp"
#include "report.hpp"

namespace upsun::load {
namespace {

namespace json = boost::json;

/// The most samples that the slices of a run are merged to. Neighbouring slices are alike, so that
/// each by itself counts for less than a sample; long batches are nearly independent.
constexpr std::size_t most_batches = 20;

struct moments {
  double mean = 0;
  double relative_variance = 0;  ///< Of the mean, by its square.
  double freedom = 0;
};

double mean_of(const samples& seen) {
  return std::accumulate(seen.begin(), seen.end(), 0.0) / static_cast<double>(seen.size());
}

moments moments_of(const samples& seen) {
  const auto n = static_cast<double>(seen.size());
  const double mean = mean_of(seen);
  double squares = 0;
  for (const double each : seen) squares += (each - mean) * (each - mean);
  return {mean, squares / (n - 1) / n / (mean * mean), n - 1};
}

/// A slice as the report has it.
struct slice {
  double length = 0;
  double fetched = 0;
  double p50 = 0;
  double p99 = 0;
  double cpu = 0;
};

/// A number; NaN for null, where there was nothing to measure.
double member(const json::value& of, std::string_view name) {
  const json::value& found = of.at(name);
  return found.is_null() ? std::numeric_limits<double>::quiet_NaN() : found.to_number<double>();
}

std::vector<slice> slices_of(const json::value& run) {
  std::vector<slice> slices;
  double end = 0;
  for (const json::value& each : run.at("timeline").as_array()) {
    const double length = member(each, "end_s") - end;
    end += length;
    slices.push_back({length, member(each, "fetched"), member(each, "p50_us"),
                      member(each, "p99_us"), member(each, "cpu_us")});
  }
  return slices;
}

/// A sample for each batch of slices, where it has a value.
template <class Value>
samples batches_of(const std::vector<slice>& slices, Value value) {
  const std::size_t size = (slices.size() + most_batches - 1) / most_batches;
  samples made;
  // What is left over at the end, such as a short last slice, would be a batch like no other.
  for (std::size_t i = 0; size > 0 && i + size <= slices.size(); i += size) {
    slice sum;
    double with_latency = 0;
    for (std::size_t j = i; j < i + size; ++j) {
      sum.length += slices[j].length;
      sum.fetched += slices[j].fetched;
      sum.cpu += slices[j].cpu;
      if (!(slices[j].p50 > 0)) continue;  // no call that counts for latency ended here
      ++with_latency;
      sum.p50 += slices[j].p50;
      sum.p99 += slices[j].p99;
    }
    sum.p50 /= with_latency;
    sum.p99 /= with_latency;
    const double sample = value(sum);
    if (std::isfinite(sample)) made.push_back(sample);
  }
  return made;
}

/// What is compared: of a whole run, and of a batch of its slices.
struct measure {
  const char* name;
  bool higher_is_better;
  double (*of_run)(const json::value&);
  double (*of_batch)(const slice&);
};

constexpr std::array measures{
    measure{"fetches a second", true, [](const json::value& run) { return member(run, "rate"); },
            [](const slice& batch) { return batch.fetched / batch.length; }},
    measure{"latency p50, us", false,
            [](const json::value& run) { return member(run.at("latency_us"), "p50"); },
            [](const slice& batch) { return batch.p50; }},
    measure{"latency p99, us", false,
            [](const json::value& run) { return member(run.at("latency_us"), "p99"); },
            [](const slice& batch) { return batch.p99; }},
    measure{"CPU a fetch, us", false,
            [](const json::value& run) { return member(run.at("cpu_us_per_fetch"), "total"); },
            [](const slice& batch) { return batch.cpu / batch.fetched; }},
};

change error_change(double before, double after) {
  return {"failed or unfinished, %", false, before * 100, after * 100, std::nullopt};
}

std::vector<change> changes_of(const json::value& before, const json::value& after) {
  const std::vector<slice> old_slices = slices_of(before);
  const std::vector<slice> new_slices = slices_of(after);
  std::vector<change> changes;
  changes.reserve(measures.size() + 1);
  for (const measure& each : measures)
    changes.push_back({each.name, each.higher_is_better, each.of_run(before), each.of_run(after),
                       change_interval(batches_of(old_slices, each.of_batch),
                                       batches_of(new_slices, each.of_batch))});
  changes.push_back(error_change(member(before, "error_rate"), member(after, "error_rate")));
  return changes;
}

using rounds = std::vector<const json::value*>;

/// A sample for each round that has a value.
template <class Value>
samples of_each(const rounds& runs, Value value) {
  samples made;
  made.reserve(runs.size());
  for (const json::value* const run : runs)
    if (const double sample = value(*run); !std::isnan(sample)) made.push_back(sample);
  return made;
}

/// Of reports whose runs are rounds of the same.
std::vector<change> changes_of_rounds(const rounds& before, const rounds& after) {
  std::vector<change> changes;
  changes.reserve(measures.size() + 1);
  for (const measure& each : measures) {
    const samples old_values = of_each(before, each.of_run);
    const samples new_values = of_each(after, each.of_run);
    changes.push_back({each.name, each.higher_is_better, mean_of(old_values), mean_of(new_values),
                       change_interval(old_values, new_values)});
  }
  const auto errors = [](const json::value& run) { return member(run, "error_rate"); };
  changes.push_back(
      error_change(mean_of(of_each(before, errors)), mean_of(of_each(after, errors))));
  return changes;
}

using notes = std::vector<std::string>;

void note_unless_same(notes& to, std::string_view name, const json::object& before,
                      const json::object& after) {
  const auto text = [&](const json::object& of) {
    const json::value* const value = of.if_contains(name);
    return value == nullptr || value->is_null() ? "none" : json::serialize(*value);
  };
  const std::string old_text = text(before);
  const std::string new_text = text(after);
  if (old_text != new_text)
    to.push_back("not the same " + std::string(name) + ": " + old_text + " and " + new_text);
}

/// The settings of a run that differ.
notes notes_on(const json::value& before, const json::value& after) {
  notes made;
  const json::object& given = before.at("settings").as_object();
  const json::object& now = after.at("settings").as_object();
  for (const auto& each : now) note_unless_same(made, each.key(), given, now);
  for (const auto& each : given)
    if (!now.contains(each.key())) note_unless_same(made, each.key(), given, now);
  return made;
}

/// The settings of all runs that differ.
notes notes_on_reports(const json::object& before, const json::object& after) {
  notes made;
  for (const char* const name :
       {"server", "sandbox_latency_ms", "http", "streams", "handshakes", "mix", "seed", "swept"})
    note_unless_same(made, name, before, after);
  return made;
}

bool has_success(const json::value& run) { return member(run.at("latency_us"), "count") > 0; }

bool was_interrupted(const json::value& run) {
  const json::object* const all = run.if_object();
  const json::value* const said = all == nullptr ? nullptr : all->if_contains("interrupted");
  return said != nullptr && *said == json::value(true);
}

/// The rounds that were not interrupted, and a note on the others.
rounds whole_rounds(const json::array& runs, const char* which, notes& to) {
  rounds whole;
  for (const json::value& run : runs)
    if (!was_interrupted(run)) whole.push_back(&run);
  if (whole.empty())
    throw std::invalid_argument(std::string("the rounds of the ") + which +
                                " report were interrupted; compare whole ones");
  if (whole.size() < runs.size())
    to.push_back(std::string(which) + " report: " + std::to_string(runs.size() - whole.size()) +
                 " of " + std::to_string(runs.size()) + " rounds left out, which were interrupted");
  return whole;
}

void require_whole(const json::array& runs, const char* which) {
  for (std::size_t i = 0; i < runs.size(); ++i)
    if (was_interrupted(runs[i]))
      throw std::invalid_argument("run " + std::to_string(i + 1) + " of the " + which +
                                  " report was interrupted; compare whole runs");
}

const json::array& runs_of_report(const json::value& report, const char* which) {
  const json::object* const all = report.if_object();
  const json::value* const program = all == nullptr ? nullptr : all->if_contains("program");
  if (program == nullptr || *program != "upsun-load" || !all->contains("swept") ||
      !all->contains("runs") || !all->at("runs").is_array())
    throw std::invalid_argument(std::string("the ") + which +
                                " file is no report of upsun-load; --json writes one");
  return all->at("runs").as_array();
}

std::string percent(double value) { return (value < 0 ? "" : "+") + number(value, 1) + " %"; }

void append_right(std::string& line, const std::string& text, std::size_t columns) {
  line.append(columns - std::min(columns - 1, text.size()), ' ').append(text);
}

}  // namespace

std::optional<interval> change_interval(const samples& before, const samples& after) {
  if (before.size() < 2 || after.size() < 2) return std::nullopt;
  const moments a = moments_of(before);
  const moments b = moments_of(after);
  if (!(a.mean > 0) || !(b.mean > 0)) return std::nullopt;
  const double variance = a.relative_variance + b.relative_variance;
  const double ratio = std::log(b.mean / a.mean);
  double half = 0;
  if (variance > 0) {
    const double freedom = variance * variance /
                           (a.relative_variance * a.relative_variance / a.freedom +
                            b.relative_variance * b.relative_variance / b.freedom);
    half = boost::math::quantile(boost::math::students_t(freedom), 0.975) * std::sqrt(variance);
  }
  return interval{(std::exp(ratio - half) - 1) * 100, (std::exp(ratio + half) - 1) * 100};
}

std::optional<double> change::change_percent() const {
  return before > 0 && !std::isnan(after) ? std::optional((after / before - 1) * 100)
                                          : std::nullopt;
}

bool change::worse_by(double percentage) const {
  if (!percent) return false;
  return higher_is_better ? percent->high < -percentage : percent->low > percentage;
}

std::string change::verdict() const {
  if (!percent) return "";
  if (percent->low <= 0 && percent->high >= 0) return "no difference shown";
  return worse_by(0) ? "worse" : "better";
}

std::vector<run_comparison> compare(const json::value& before, const json::value& after) {
  const json::array& old_runs = runs_of_report(before, "first");
  const json::array& new_runs = runs_of_report(after, "second");
  const auto of_rounds = [](const json::value& report) {
    return report.at("swept") == "round" && !report.at("runs").as_array().empty();
  };
  notes general = notes_on_reports(before.as_object(), after.as_object());
  std::vector<run_comparison> all;
  const auto attempt = [](auto action) {
    try {
      action();
    } catch (const std::exception& e) {
      throw std::invalid_argument(
          std::string("a report lacks what is compared; write both with this version (") +
          e.what() + ")");
    }
  };
  if (of_rounds(before) && of_rounds(after)) {
    const rounds old_rounds = whole_rounds(old_runs, "first", general);
    const rounds new_rounds = whole_rounds(new_runs, "second", general);
    const auto succeeded = [](const rounds& in) {
      return std::any_of(in.begin(), in.end(), [](const auto* run) { return has_success(*run); });
    };
    attempt([&] {
      all.push_back({"", changes_of_rounds(old_rounds, new_rounds),
                     notes_on(*old_rounds.front(), *new_rounds.front()), succeeded(old_rounds),
                     succeeded(new_rounds)});
    });
  } else {
    if (old_runs.size() != new_runs.size())
      throw std::invalid_argument("the reports have " + std::to_string(old_runs.size()) + " and " +
                                  std::to_string(new_runs.size()) +
                                  " runs; compare reports of the same runs");
    require_whole(old_runs, "first");
    require_whole(new_runs, "second");
    attempt([&] {
      for (std::size_t i = 0; i < old_runs.size(); ++i)
        all.push_back({old_runs.size() > 1 ? "run " + std::to_string(i + 1) : "",
                       changes_of(old_runs[i], new_runs[i]), notes_on(old_runs[i], new_runs[i]),
                       has_success(old_runs[i]), has_success(new_runs[i])});
    });
  }
  if (!all.empty())
    all.front().notes.insert(all.front().notes.begin(), general.begin(), general.end());
  return all;
}

std::string comparison_text(const std::vector<run_comparison>& all, const std::string& before,
                            const std::string& after) {
  const auto cell = [](double value) { return std::isnan(value) ? "-" : short_number(value); };
  std::string text = "before: " + before + "\nafter:  " + after + "\n";
  for (const run_comparison& run : all) {
    std::string line = run.name;
    line.resize(24, ' ');
    append_right(line, "before", 12);
    append_right(line, "after", 12);
    append_right(line, "change", 10);
    text += "\n" + line + "    95 % interval\n";
    for (const change& each : run.changes) {
      line = each.measure;
      line.resize(24, ' ');
      append_right(line, cell(each.before), 12);
      append_right(line, cell(each.after), 12);
      const auto changed = each.change_percent();
      append_right(line, changed ? percent(*changed) : "-", 10);
      if (each.percent)
        line += "    " + percent(each.percent->low) + " to " + percent(each.percent->high) + ": " +
                each.verdict();
      text += line + "\n";
    }
    if (!run.succeeded_before) text += "no call succeeded before\n";
    if (!run.succeeded_after) text += "no call succeeded after\n";
    for (const std::string& note : run.notes) text += note + "\n";
  }
  return text;
}

}  // namespace upsun::load
