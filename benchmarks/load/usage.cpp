#include "usage.hpp"

#include <sys/resource.h>

namespace upsun::load {
namespace {

usage ask(int who) {
  const auto in_seconds = [](const timeval& t) {
    return seconds(static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6);
  };
  rusage used{};
  getrusage(who, &used);
  return {in_seconds(used.ru_utime), in_seconds(used.ru_stime),
          static_cast<std::uint64_t>(used.ru_nvcsw), static_cast<std::uint64_t>(used.ru_nivcsw)};
}

}  // namespace

usage operator-(const usage& later, const usage& earlier) {
  return {later.user - earlier.user, later.system - earlier.system,
          later.voluntary_switches - earlier.voluntary_switches,
          later.involuntary_switches - earlier.involuntary_switches};
}

usage usage_of_other_threads() { return ask(RUSAGE_SELF) - ask(RUSAGE_THREAD); }

}  // namespace upsun::load
