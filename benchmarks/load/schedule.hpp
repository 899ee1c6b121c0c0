#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "settings.hpp"

namespace upsun::load {

/// When the calls of an open loop are due, over all clients. The rate is linear in each stage;
/// after the last one it stays as it is.
class schedule {
 public:
  /// None is due: a closed loop.
  schedule() = default;
  /// So many a second.
  explicit schedule(double rate) : schedule({stage{rate, rate, seconds(0)}}) {}
  explicit schedule(const std::vector<stage>& stages);

  [[nodiscard]] bool open() const { return !pieces_.empty(); }
  /// How long after the start the call with this number, from zero, is due; infinite if never.
  [[nodiscard]] seconds due(double number) const;
  /// How many are due until then, with their fraction.
  [[nodiscard]] double calls_until(seconds after) const;

 private:
  struct piece {
    double begin;  ///< In seconds.
    double calls;  ///< Due before it.
    double rate;   ///< As it begins.
    double slope;  ///< Of the rate.
  };
  std::vector<piece> pieces_;  // the last one has no end
};

/// \param text such as "100/s:10s,100..500/s:20s,500/s:1m": a rate, or two with a ramp between
/// them, and for how long. \throws std::invalid_argument that says what is wrong
[[nodiscard]] std::vector<stage> parse_stages(std::string_view text);

/// Such as "100/s" and "100..500/s".
[[nodiscard]] std::string stage_name(const stage& of);

/// The planned rate so long after the start of the stages.
[[nodiscard]] double rate_at(const std::vector<stage>& stages, seconds after);

/// How long text such as "10s", "1.5m" or "250ms" is. \throws std::invalid_argument
[[nodiscard]] seconds parse_length(std::string_view text);

}  // namespace upsun::load
