#pragma once

#include <atomic>

namespace upsun::operations {

/// Keeps a second reader of a sequence out while one is at it.
class exclusive_use {
 public:
  explicit exclusive_use(std::atomic<bool>& busy) noexcept
      : busy_(busy), granted_(!busy.exchange(true)) {}
  exclusive_use(const exclusive_use&) = delete;
  exclusive_use& operator=(const exclusive_use&) = delete;
  ~exclusive_use() {
    if (granted_) busy_ = false;
  }
  [[nodiscard]] bool granted() const noexcept { return granted_; }

 private:
  std::atomic<bool>& busy_;
  const bool granted_;
};

}  // namespace upsun::operations
