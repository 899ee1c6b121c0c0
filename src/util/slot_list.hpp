#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace upsun::util {

/// Room for `count` elements; the vector grows by its own measure.
template <class Vector>
void grow(Vector& v, std::size_t count) {
  if (v.capacity() < count) v.reserve(count < 2 * v.capacity() ? 2 * v.capacity() : count);
}

/// Values in a vector, each named by an id that is never used again (index and generation), and
/// each in at most one doubly linked list. Everything is constant time, and nothing is allocated
/// once the vector has grown to the largest number of values there ever were.
template <class Id, class T>
class slot_list {
 public:
  using index = std::uint32_t;
  static constexpr index none = UINT32_MAX;

  /// A list of slots, linked by index.
  struct list {
    index front = none;
    index back = none;
    std::size_t size = 0;
    [[nodiscard]] bool empty() const noexcept { return size == 0; }
  };

  /// Sees to it that so many values fit without an allocation.
  void reserve(std::size_t count) { grow(slots_, count); }

  index insert(T value) {
    if (free_ == none) {
      slots_.push_back({.value = std::move(value)});
      slots_.back().live = true;
      return static_cast<index>(slots_.size() - 1);
    }
    const index at = free_;
    free_ = slots_[at].next;
    slots_[at].value = std::move(value);
    slots_[at].live = true;
    return at;
  }

  /// The slot must be in no list.
  void erase(index at) {
    slot& s = slots_[at];
    s.live = false;
    ++s.generation;
    s.next = free_;
    free_ = at;
  }

  /// `none` for an id whose value was erased.
  [[nodiscard]] index find(Id id) const noexcept {
    const auto raw = static_cast<std::uint64_t>(id);
    const auto at = static_cast<index>(raw);
    return at < slots_.size() && slots_[at].live && slots_[at].generation == raw >> 32U ? at : none;
  }
  [[nodiscard]] Id id(index at) const noexcept {
    return Id{std::uint64_t{slots_[at].generation} << 32U | at};
  }

  [[nodiscard]] T& operator[](index at) noexcept { return slots_[at].value; }
  [[nodiscard]] const T& operator[](index at) const noexcept { return slots_[at].value; }
  [[nodiscard]] index next(index at) const noexcept { return slots_[at].next; }
  [[nodiscard]] index previous(index at) const noexcept { return slots_[at].previous; }

  void push_front(list& l, index at) noexcept { link(l, none, at, l.front); }
  void push_back(list& l, index at) noexcept { link(l, l.back, at, none); }
  void remove(list& l, index at) noexcept {
    const slot& s = slots_[at];
    (s.previous == none ? l.front : slots_[s.previous].next) = s.next;
    (s.next == none ? l.back : slots_[s.next].previous) = s.previous;
    --l.size;
  }

  /// Calls `visit(index, value)` for every value there is, in no particular order.
  template <class Visit>
  void for_each(Visit visit) const {
    for (index at = 0; at < slots_.size(); ++at) {
      if (slots_[at].live) visit(at, slots_[at].value);
    }
  }

 private:
  struct slot {
    T value{};
    std::uint32_t generation = 1;  // so that no id is zero
    index previous = none;
    index next = none;
    bool live = false;
  };

  void link(list& l, index before, index at, index after) noexcept {
    slots_[at].previous = before;
    slots_[at].next = after;
    (before == none ? l.front : slots_[before].next) = at;
    (after == none ? l.back : slots_[after].previous) = at;
    ++l.size;
  }

  std::vector<slot> slots_;
  index free_ = none;
};

}  // namespace upsun::util
