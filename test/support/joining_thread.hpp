#pragma once

#include <thread>
#include <utility>

namespace upsun::test {

/// A thread that its owner waits for in the end, as `std::jthread`, which libc++ has from version
/// 18 on.
class joining_thread {
 public:
  joining_thread() = default;
  template <class Function>
  explicit joining_thread(Function run) : thread_(std::move(run)) {}
  joining_thread(joining_thread&&) = default;
  joining_thread& operator=(joining_thread&& other) {
    join();
    thread_ = std::move(other.thread_);
    return *this;
  }
  ~joining_thread() { join(); }

  void join() {
    if (thread_.joinable()) thread_.join();
  }

 private:
  std::thread thread_;
};

}  // namespace upsun::test
