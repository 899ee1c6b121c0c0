#include "schedule.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

#include "numbers.hpp"

namespace upsun::load {
namespace {

double parse_rate(std::string_view text) {
  if (const auto rate = parse_number(text)) return *rate;
  throw std::invalid_argument("'" + std::string(text) +
                              "' is no rate; give a number of calls a second from 0 to 1e9");
}

stage parse_stage(std::string_view text) {
  const auto rate_end = text.find("/s:");
  if (rate_end == std::string_view::npos)
    throw std::invalid_argument("'" + std::string(text) +
                                "' is not RATE/s:LENGTH or RATE..RATE/s:LENGTH");
  const std::string_view rates = text.substr(0, rate_end);
  const auto ramp = rates.find("..");
  const double from = parse_rate(rates.substr(0, ramp));
  const double to = ramp == std::string_view::npos ? from : parse_rate(rates.substr(ramp + 2));
  if (from == 0 && to == 0)
    throw std::invalid_argument("'" + std::string(text) + "' makes no call");
  return {from, to, parse_length(text.substr(rate_end + 3))};
}

}  // namespace

schedule::schedule(const std::vector<stage>& stages) {
  double begin = 0;
  double calls = 0;
  for (const stage& each : stages) {
    const double length = each.length.count();
    if (length <= 0) continue;
    pieces_.push_back({begin, calls, each.from, (each.to - each.from) / length});
    begin += length;
    calls += (each.from + each.to) / 2 * length;
  }
  if (!stages.empty()) pieces_.push_back({begin, calls, stages.back().to, 0});
}

seconds schedule::due(double number) const {
  const auto next =
      std::upper_bound(pieces_.begin(), pieces_.end(), number,
                       [](double wanted, const piece& each) { return wanted < each.calls; });
  const piece& in = *std::prev(next);
  const double left = number - in.calls;
  if (left <= 0) return seconds(in.begin);
  // Solves rate * t + slope / 2 * t^2 = left, in the form that needs no case for a slope of zero.
  const double root = std::sqrt(std::max(0.0, in.rate * in.rate + 2 * in.slope * left));
  return seconds(in.begin + 2 * left / (in.rate + root));
}

double schedule::calls_until(seconds after) const {
  if (after.count() <= 0) return 0;
  const auto next =
      std::upper_bound(pieces_.begin(), pieces_.end(), after.count(),
                       [](double wanted, const piece& each) { return wanted < each.begin; });
  const piece& in = *std::prev(next);
  const double t = after.count() - in.begin;
  return in.calls + in.rate * t + in.slope / 2 * t * t;
}

std::vector<stage> parse_stages(std::string_view text) {
  std::vector<stage> stages;
  for (const std::string_view part : split(text, ',')) stages.push_back(parse_stage(part));
  return stages;
}

std::string stage_name(const stage& of) {
  return (of.from == of.to ? "" : short_number(of.from) + "..") + short_number(of.to) + "/s";
}

double rate_at(const std::vector<stage>& stages, seconds after) {
  for (const stage& each : stages) {
    if (after <= each.length)
      return each.from + (each.to - each.from) * (after.count() / each.length.count());
    after -= each.length;
  }
  return stages.empty() ? 0 : stages.back().to;
}

seconds parse_length(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, double>, 4> units{
      {{"ms", 1e-3}, {"s", 1}, {"m", 60}, {"h", 3600}}};
  for (const auto& [unit, factor] : units) {
    if (!text.ends_with(unit)) continue;
    const auto value = parse_number(text.substr(0, text.size() - unit.size()));
    if (value && *value > 0 && *value * factor <= 86'400) return seconds(*value * factor);
  }
  throw std::invalid_argument("'" + std::string(text) +
                              "' is no length; give a number above 0 with ms, s, m or h, at most a "
                              "day");
}

}  // namespace upsun::load
