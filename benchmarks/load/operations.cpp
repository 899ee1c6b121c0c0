#include "operations.hpp"

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <string>

#include "numbers.hpp"

namespace upsun::load {
namespace {

/// The finalizer of SplitMix64, by which neighbouring numbers get unrelated values.
constexpr std::uint64_t scrambled(std::uint64_t x) {
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31U);
}

std::size_t find_operation(std::string_view name) {
  const auto* const found = std::find(operation_names.begin(), operation_names.end(), name);
  if (found != operation_names.end())
    return static_cast<std::size_t>(found - operation_names.begin());
  std::string names;
  for (const std::string_view each : operation_names)
    names.append(names.empty() ? "" : ", ").append(each);
  throw std::invalid_argument("'" + std::string(name) + "' is no operation; there are " + names);
}

}  // namespace

std::uint64_t operation_mix::total() const {
  return std::accumulate(weights.begin(), weights.end(), std::uint64_t{0});
}

bool operation_mix::several() const {
  return std::count(weights.begin(), weights.end(), 0U) + 1 <
         static_cast<std::ptrdiff_t>(weights.size());
}

operation operation_mix::of_call(std::uint64_t number) const {
  if (weights.front() == total()) return operation{};  // the usual case needs no division
  std::uint64_t left = scrambled(seed * 0x9e3779b97f4a7c15U + number) % total();
  std::size_t which = 0;
  while (left >= weights[which]) left -= weights[which++];
  return static_cast<operation>(which);
}

operation_mix parse_mix(std::string_view text) {
  operation_mix mix;
  mix.weights = {};
  for (const std::string_view part : split(text, ',')) {
    const auto equals = part.find('=');
    if (equals == std::string_view::npos)
      throw std::invalid_argument("'" + std::string(part) + "' is not NAME=WEIGHT");
    std::uint32_t& weight = mix.weights[find_operation(part.substr(0, equals))];
    const auto value = parse_number(part.substr(equals + 1));
    if (!value || *value != std::floor(*value) || *value < 1 || *value > 1e6)
      throw std::invalid_argument("'" + std::string(part.substr(equals + 1)) +
                                  "' is no weight; give a whole number from 1 to 1000000");
    if (weight != 0)
      throw std::invalid_argument("'" + std::string(part.substr(0, equals)) + "' is given twice");
    weight = static_cast<std::uint32_t>(*value);
  }
  return mix;
}

}  // namespace upsun::load
