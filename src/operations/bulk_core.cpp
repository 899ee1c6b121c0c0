#include "operations/bulk_core.hpp"

#include <utility>

namespace upsun::operations {

bool bulk_core::ended(const error* failure) {
  if (failure == nullptr) {
    ++report_.fetched;
    return false;
  }
  // Nobody cancels a single one, or closes its client: that is the end of all.
  if (*failure == errc::cancelled || *failure == errc::client_closed) {
    ++report_.cancelled;
    return stop(*failure) &&
           *failure == errc::cancelled;  // a close leaves its grace to what is under way
  }
  ++report_.failed;
  if (!fail_fast_ || stopped()) return false;
  failed_fast_ = true;
  return stop(*failure);
}

bool bulk_core::stop(const error& why) {
  if (stopped()) return false;
  report_.stopped_by = why;
  return true;
}

bool bulk_core::threw(std::exception_ptr what) {
  if (!report_.thrown) report_.thrown = std::move(what);
  return stop(errc::cancelled);
}

bulk_progress bulk_core::progress(std::optional<std::size_t> total) const noexcept {
  return {.done = results(), .failed = report_.failed + report_.cancelled, .total = total};
}

error bulk_core::skip(std::size_t count) {
  report_.cancelled += count;
  return failed_fast_ ? error(errc::cancelled) : report_.stopped_by;
}

}  // namespace upsun::operations
