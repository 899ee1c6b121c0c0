#include "http/http1/pipeline.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace upsun::http {
namespace {

// One TLS record (RFC 8446 section 5.1).
constexpr std::size_t most_at_once = 16 * 1024;

bool wanted(const exchange_ptr& e) noexcept { return e->home != nullptr; }

std::string_view rest_of(const exchange& e) noexcept {
  return std::string_view(e.bytes).substr(e.written);
}

/// Counts bytes as sent. \return how many were of other requests.
std::size_t advance(exchange& e, std::size_t bytes, time_point now) noexcept {
  const std::size_t own = std::min(bytes, e.bytes.size() - e.written);
  e.written += own;
  if (e.observed && own > 0 && e.written == e.bytes.size()) e.sent = now;
  return bytes - own;
}

}  // namespace

bool pipeline::anyone_waits() const noexcept {
  return std::any_of(behind_.begin(), behind_.end(), wanted);
}

void pipeline::push(exchange_ptr last) {
  constexpr std::size_t first_capacity = 4;
  if (behind_.full()) behind_.set_capacity(std::max(first_capacity, 2 * behind_.capacity()));
  taken_.reserve(behind_.capacity());
  behind_.push_back(std::move(last));
}

exchange_ptr pipeline::pop() {
  exchange_ptr next = std::move(behind_.front());
  behind_.pop_front();
  if (sent_ > 0) --sent_;
  return next;
}

pipeline::removal pipeline::remove(const exchange_ptr& target) {
  const auto found = std::find(behind_.begin(), behind_.end(), target);
  if (found == behind_.end()) return removal::absent;
  if (!target->offered) {
    behind_.erase(found);
    return removal::taken_out;
  }
  *found = make_ghost(*target);
  return removal::abandoned;
}

exchange_ptr pipeline::make_ghost(exchange& of) {
  auto ghost = std::make_shared<exchange>();
  ghost->bytes = std::move(of.bytes);
  ghost->written = of.written;
  ghost->offered = true;
  return ghost;
}

std::string_view pipeline::offer(exchange& front) {
  batch_.clear();
  const std::string_view first = rest_of(front);
  std::size_t next = sent_;
  if (first.empty() && next < behind_.size() &&
      (next + 1 == behind_.size() || rest_of(*behind_[next]).size() >= most_at_once)) {
    behind_[next]->offered = true;
    return rest_of(*behind_[next]);
  }
  if (!first.empty()) {
    front.offered = true;
    if (next == behind_.size() || first.size() >= most_at_once) return first;
    batch_ = first;
  }
  // A write that has to be tried again is offered at least the same bytes: what was offered once
  // stays before what was not.
  for (; next < behind_.size(); ++next) {
    const std::string_view more = rest_of(*behind_[next]);
    if (batch_.size() + more.size() > most_at_once && !behind_[next]->offered) break;
    behind_[next]->offered = true;
    batch_.append(more);
  }
  return batch_;
}

void pipeline::sent(exchange& front, std::size_t bytes, time_point now) {
  bytes = advance(front, bytes, now);
  while (sent_ < behind_.size()) {
    bytes = advance(*behind_[sent_], bytes, now);
    if (behind_[sent_]->written < behind_[sent_]->bytes.size()) return;
    ++sent_;
  }
}

std::vector<exchange_ptr> pipeline::take_all() noexcept {
  std::vector<exchange_ptr> waiting = std::move(taken_);
  std::copy_if(behind_.rbegin(), behind_.rend(), std::back_inserter(waiting), wanted);
  behind_.clear();
  sent_ = 0;
  return waiting;
}

}  // namespace upsun::http
