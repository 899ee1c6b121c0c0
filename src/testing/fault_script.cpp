#include "testing/fault_script.hpp"

#include <utility>

namespace upsun::testing {

fault fault_script::sequence::next(std::mutex& mutex) {
  const std::lock_guard lock(mutex);
  if (queued.empty()) return standing;
  entry& first = queued.front();
  if (--first.left > 0) return first.what;
  fault last = std::move(first.what);
  queued.pop_front();
  return last;
}

void fault_script::sequence::add(fault f, std::size_t count) {
  if (count == 0) {
    standing = std::move(f);
  } else {
    queued.push_back({std::move(f), count});
  }
}

void fault_script::add(fault f, std::size_t count) {
  const std::lock_guard lock(mutex_);
  (f.kind == fault_kind::silent_accept ? connections_ : requests_).add(std::move(f), count);
}

void fault_script::clear() {
  const std::lock_guard lock(mutex_);
  requests_ = {};
  connections_ = {};
}

}  // namespace upsun::testing
