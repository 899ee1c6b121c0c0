#pragma once

#include <memory>
#include <utility>

namespace upsun::http {

/// A queue of shared objects, each linked through a member of its own, so that putting one in takes no memory. An object stands in at most one chain for each
/// such member.
template <class T, std::shared_ptr<T> T::*Next>
class chain {
 public:
  chain() = default;
  chain(const chain&) = delete;
  chain& operator=(const chain&) = delete;
  ~chain() {
    while (front_) pop();  // one by one, not each from within the destructor of the one before
  }

  [[nodiscard]] bool empty() const noexcept { return front_ == nullptr; }
  void push(std::shared_ptr<T> one) noexcept {
    T* const added = one.get();
    (back_ != nullptr ? back_->*Next : front_) = std::move(one);
    back_ = added;
  }
  /// Null when there is none.
  std::shared_ptr<T> pop() noexcept {
    if (!front_) return nullptr;
    std::shared_ptr<T> one = std::move(front_);
    front_ = std::move(one.get()->*Next);
    if (!front_) back_ = nullptr;
    return one;
  }

 private:
  std::shared_ptr<T> front_;
  T* back_ = nullptr;
};

}  // namespace upsun::http
