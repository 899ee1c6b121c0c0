#include "util/deadline_wheel.hpp"

#include <algorithm>
#include <bit>

namespace upsun::util {
namespace {

constexpr std::int64_t turn = deadline_wheel::slot_count;

std::size_t slot_of(std::int64_t tick) noexcept {
  return static_cast<std::size_t>(tick) % deadline_wheel::slot_count;
}

}  // namespace

void deadline_wheel::schedule(deadline_entry& entry, time_point due) noexcept {
  cancel(entry);
  entry.due_ = due;
  insert(entry);
}

void deadline_wheel::cancel(deadline_entry& entry) noexcept {
  if (entry.scheduled()) remove(entry);
}

deadline_entry* deadline_wheel::pop_expired(time_point now) noexcept {
  const std::int64_t tick = std::chrono::floor<ticks>(now.time_since_epoch()).count();
  if (tick - passed_ > turn) catch_up(tick);
  for (;;) {
    const auto next = next_tick();
    if (!next || *next > tick) {
      passed_ = std::max(passed_, tick);
      return nullptr;
    }
    passed_ = *next - 1;
    deadline_entry& entry = *slots_[slot_of(*next)];
    remove(entry);
    if (entry.due_ <= now) return &entry;
    insert(entry);  // it was farther away than a turn
  }
}

std::optional<deadline_wheel::time_point> deadline_wheel::next_due() const noexcept {
  const auto next = next_tick();
  if (!next) return std::nullopt;
  return time_point(ticks(*next));
}

void deadline_wheel::insert(deadline_entry& entry) noexcept {
  const std::int64_t tick =
      std::clamp(std::chrono::ceil<ticks>(entry.due_.time_since_epoch()).count(), passed_ + 1,
                 passed_ + turn - 1);
  entry.slot_ = slot_of(tick);
  deadline_entry*& first = slots_[entry.slot_];
  entry.next_ = first;
  entry.link_ = &first;
  if (first != nullptr) first->link_ = &entry.next_;
  first = &entry;
  occupied_[entry.slot_ / word_bits] |= std::uint64_t{1} << entry.slot_ % word_bits;
}

void deadline_wheel::remove(deadline_entry& entry) noexcept {
  *entry.link_ = entry.next_;
  if (entry.next_ != nullptr) entry.next_->link_ = entry.link_;
  entry.link_ = nullptr;
  if (slots_[entry.slot_] == nullptr)
    occupied_[entry.slot_ / word_bits] &= ~(std::uint64_t{1} << entry.slot_ % word_bits);
}

/// After more than a turn without a look, slots say nothing about when: sorts everything in anew.
void deadline_wheel::catch_up(std::int64_t tick) noexcept {
  deadline_entry* all = nullptr;
  while (const auto next = next_tick()) {
    deadline_entry& entry = *slots_[slot_of(*next)];
    remove(entry);
    entry.next_ = all;
    all = &entry;
  }
  passed_ = tick - 1;
  while (all != nullptr) {
    deadline_entry& entry = *all;
    all = entry.next_;
    insert(entry);
  }
}

std::optional<std::int64_t> deadline_wheel::next_tick() const noexcept {
  const std::size_t start = slot_of(passed_ + 1);
  // The first word counts twice: its upper part, and after a whole turn its lower one.
  for (std::size_t i = 0; i <= occupied_.size(); ++i) {
    const std::size_t word = (start / word_bits + i) % occupied_.size();
    std::uint64_t bits = occupied_[word];
    const std::uint64_t from_start = ~std::uint64_t{0} << start % word_bits;
    if (i == 0) bits &= from_start;
    if (i == occupied_.size()) bits &= ~from_start;
    if (bits == 0) continue;
    const std::size_t slot = word * word_bits + static_cast<std::size_t>(std::countr_zero(bits));
    return passed_ + 1 + static_cast<std::int64_t>((slot + slot_count - start) % slot_count);
  }
  return std::nullopt;
}

}  // namespace upsun::util
