#include "condition.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "numbers.hpp"
#include "report.hpp"

namespace upsun::load {
namespace {

using metric = condition::metric;
using comparison = condition::comparison;
using named_unit = std::pair<std::string_view, double>;

constexpr std::array<named_unit, 3> latency_units{{{"us", 1}, {"ms", 1e3}, {"s", 1e6}}};
constexpr std::array<named_unit, 1> error_units{{{"%", 1}}};
constexpr std::array<named_unit, 2> rate_units{{{"/s", 1}, {"", 1}}};

[[noreturn]] void refuse(std::string_view text, const std::string& why) {
  throw std::invalid_argument("'" + std::string(text) + "' " + why);
}

void parse_metric(std::string_view name, condition& made) {
  constexpr std::array<std::pair<std::string_view, metric>, 4> names{{{"max", metric::max},
                                                                      {"mean", metric::mean},
                                                                      {"errors", metric::errors},
                                                                      {"rate", metric::rate}}};
  for (const auto& [known, which] : names) {
    if (name == known) {
      made.what = which;
      return;
    }
  }
  const auto percentage = name.starts_with('p') ? parse_number(name.substr(1)) : std::nullopt;
  if (!percentage || *percentage <= 0 || *percentage >= 100)
    refuse(name, "is no metric; there are p50, p99.9 and the like, max, mean, errors, rate");
  made.part = *percentage / 100;
}

template <class Units>
double parse_bound(std::string_view text, const Units& units, const char* expected) {
  for (const auto& [name, factor] : units) {
    if (!text.ends_with(name)) continue;
    if (const auto value = parse_number(text.substr(0, text.size() - name.size())))
      return *value * factor;
  }
  refuse(text, expected);
}

bool is_latency(metric what) { return what != metric::errors && what != metric::rate; }

std::string latency_text(double us) {
  if (us < 1e3) return short_number(us) + " us";
  return us < 1e6 ? short_number(us / 1e3) + " ms" : short_number(us / 1e6) + " s";
}

}  // namespace

condition parse_condition(std::string_view text) {
  condition made;
  made.text = text;
  const auto sign = text.find_first_of("<>");
  if (sign == std::string_view::npos)
    refuse(text,
           "has no comparison; give a metric, one of < <= > >=, and a bound, such as "
           "p99>50ms");
  const bool less = text[sign] == '<';
  const bool equal = sign + 1 < text.size() && text[sign + 1] == '=';
  made.how = less ? (equal ? comparison::at_most : comparison::less)
                  : (equal ? comparison::at_least : comparison::more);
  parse_metric(text.substr(0, sign), made);
  const std::string_view bound = text.substr(sign + (equal ? 2 : 1));
  if (made.what == metric::errors) {
    made.bound = parse_bound(bound, error_units, "is no part of the calls; give a number with %");
  } else if (made.what == metric::rate) {
    made.bound = parse_bound(bound, rate_units, "is no rate; give a number of calls a second");
  } else {
    made.bound = parse_bound(bound, latency_units, "is no latency; give a number with us, ms or s");
  }
  return made;
}

std::optional<double> value_of(const condition& which, const run_record& run) {
  if (is_latency(which.what) && run.latencies.total() == 0) return std::nullopt;
  switch (which.what) {
    case metric::quantile: return in_microseconds(run.latencies.quantile(which.part));
    case metric::max: return in_microseconds(run.latencies.quantile(1));
    case metric::mean: return in_microseconds(run.latencies.mean());
    case metric::errors: return run.error_rate() * 100;
    case metric::rate: return run.rate();
  }
  return std::nullopt;
}

std::optional<bool> holds(const condition& which, const run_record& run) {
  const auto value = value_of(which, run);
  if (!value) return std::nullopt;
  switch (which.how) {
    case comparison::less: return *value < which.bound;
    case comparison::at_most: return *value <= which.bound;
    case comparison::more: return *value > which.bound;
    case comparison::at_least: return *value >= which.bound;
  }
  return std::nullopt;
}

std::string value_text(const condition& which, const run_record& run) {
  const std::string name = which.text.substr(0, which.text.find_first_of("<>"));
  const auto value = value_of(which, run);
  if (!value) return "no call succeeded";
  if (which.what == metric::errors) return "errors are " + short_number(*value) + " %";
  if (which.what == metric::rate) return "rate is " + short_number(*value) + "/s";
  return name + " is " + latency_text(*value);
}

std::string threshold_result::line() const {
  return (failed ? "failed: " : "passed: ") + (run.empty() ? "" : run + ": ") + text + " (" +
         value + ")";
}

threshold_result judge(const condition& threshold, const run_record& run, std::string name) {
  return {threshold.text, std::move(name), value_text(threshold, run),
          holds(threshold, run).value_or(true)};
}

}  // namespace upsun::load
