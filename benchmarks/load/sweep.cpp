#include "sweep.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <stdexcept>

#include "numbers.hpp"

namespace upsun::load {
namespace {

struct setting {
  std::string_view name;
  bool whole;
  double least;
  double most;
  void (*set)(run_settings&, double);
  double (*get)(const run_settings&);
};

template <std::size_t run_settings::*Member>
constexpr setting count(std::string_view name, std::size_t most) {
  return {name,
          true,
          1,
          static_cast<double>(most),
          [](run_settings& run, double value) { run.*Member = static_cast<std::size_t>(value); },
          [](const run_settings& run) { return static_cast<double>(run.*Member); }};
}

constexpr std::array known_settings{
    count<&run_settings::concurrency>("concurrency", most_concurrency),
    count<&run_settings::connections>("connections", most_connections),
    count<&run_settings::threads>("threads", most_threads),
    count<&run_settings::round>("round", 1'000'000'000),
    setting{"rate", false, least_rate, most_rate,
            [](run_settings& run, double value) { run.rate = value; },
            [](const run_settings& run) { return run.rate; }},
};

const setting& find(std::string_view name) {
  const auto* const found = std::find_if(known_settings.begin(), known_settings.end(),
                                         [&](const setting& s) { return s.name == name; });
  if (found != known_settings.end()) return *found;
  std::string names;
  for (const setting& s : known_settings) names.append(names.empty() ? "" : ", ").append(s.name);
  throw std::invalid_argument("'" + std::string(name) + "' cannot be swept; what can is " + names);
}

double parse_value(const setting& what, std::string_view text) {
  double value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool number = failure == std::errc() && end == text.data() + text.size() &&
                      value >= what.least && value <= what.most;
  if (number && !(what.whole && value != std::floor(value))) return value;
  throw std::invalid_argument("'" + std::string(text) + "' is no value for " +
                              std::string(what.name) + "; give " + (what.whole ? "whole " : "") +
                              "numbers from " + short_number(what.least) + " to " +
                              short_number(what.most) + ", separated by commas");
}

}  // namespace

sweep parse_sweep(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos)
    throw std::invalid_argument("'" + std::string(text) + "' is not NAME=VALUE,VALUE...");
  const setting& what = find(text.substr(0, equals));
  sweep parsed{.name = std::string(what.name), .values = {}};
  for (std::size_t begin = equals + 1; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    parsed.values.push_back(parse_value(what, text.substr(begin, end - begin)));
    begin = end + 1;
  }
  return parsed;
}

std::vector<run_settings> runs_of(const run_settings& base, const sweep& over) {
  if (over.values.empty()) return {base};
  std::vector<run_settings> runs;
  for (const double value : over.values) {
    runs.push_back(base);
    find(over.name).set(runs.back(), value);
  }
  return runs;
}

double value_of(const run_settings& run, std::string_view name) { return find(name).get(run); }

}  // namespace upsun::load
