#pragma once

#include <memory>
#include <utility>

namespace upsun::http {

/// A queue of shared objects, each linked through a member of its own, so that putting one in takes
/// no memory. An object stands in at most one chain for each such member.
///
/// It is a ring: the last one links to the first. So a chain is one pointer, and an empty one costs
/// nothing.
template <class T, std::shared_ptr<T> T::*Next>
class chain {
 public:
  chain() = default;
  chain(const chain&) = delete;
  chain& operator=(const chain&) = delete;
  ~chain() {
    while (back_ != nullptr) pop();  // a ring keeps itself alive
  }

  [[nodiscard]] bool empty() const noexcept { return back_ == nullptr; }
  void push(std::shared_ptr<T> one) noexcept {
    T* const added = one.get();
    T* const before = back_ != nullptr ? back_ : added;
    if (back_ != nullptr) added->*Next = std::move(back_->*Next);
    before->*Next = std::move(one);
    back_ = added;
  }
  /// Null when there is none.
  std::shared_ptr<T> pop() noexcept {
    if (back_ == nullptr) return nullptr;
    std::shared_ptr<T> one = std::move(back_->*Next);
    if (one.get() == back_) {
      back_ = nullptr;
    } else {
      back_->*Next = std::move(one.get()->*Next);
    }
    return one;
  }

 private:
  T* back_ = nullptr;
};

}  // namespace upsun::http
