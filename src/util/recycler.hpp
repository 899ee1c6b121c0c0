#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <new>

namespace upsun::util {

/// The blocks of one size and purpose that a thread keeps for its next object of the kind.
template <class T>
class spare_blocks {
 public:
  [[nodiscard]] static void* take() noexcept {
    kept& mine = of_this_thread;
    return mine.count > 0 ? mine.blocks[--mine.count] : nullptr;
  }
  [[nodiscard]] static bool give(void* block) noexcept {
    static thread_local const cleaner at_thread_end;
    kept& mine = of_this_thread;
    if (mine.closed || mine.count == mine.blocks.size()) return false;
    mine.blocks[mine.count++] = block;
    return true;
  }

 private:
  // Destroyed trivially, so that it can still be asked while a thread ends.
  struct kept {
    std::array<void*, 16> blocks;
    std::size_t count;
    bool closed;
  };
  struct cleaner {
    cleaner() noexcept = default;
    cleaner(const cleaner&) = delete;
    cleaner& operator=(const cleaner&) = delete;
    ~cleaner() {
      of_this_thread.closed = true;
      while (void* block = take()) ::operator delete(block);
    }
  };

  static inline constinit thread_local kept of_this_thread{};
};

/// An allocator for what each call needs a few of: objects of one type, made and destroyed all the
/// time. A thread keeps up to 16 blocks of each.
///
/// Asio's `recycling_allocator` keeps two blocks of at most 1020 bytes for all types, and takes
/// more from `aligned_alloc`, past malloc's own cache.
template <class T>
struct recycler {
  using value_type = T;

  recycler() noexcept = default;
  template <class U>
  // NOLINTNEXTLINE(google-explicit-constructor): as allocators convert
  recycler(const recycler<U>&) noexcept {}

  [[nodiscard]] T* allocate(std::size_t count) {
    static_assert(alignof(T) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);
    if (count == 1 && recycles) {
      if (void* block = spare_blocks<T>::take()) return static_cast<T*>(block);
    }
    return static_cast<T*>(::operator new(count * sizeof(T)));
  }
  void deallocate(T* block, std::size_t count) noexcept {
    if (count == 1 && recycles && spare_blocks<T>::give(block)) return;
    ::operator delete(block);
  }

  friend bool operator==(const recycler&, const recycler&) noexcept { return true; }

 private:
#if defined(__SANITIZE_ADDRESS__)
  static constexpr bool recycles = false;  // so that a use after the end is seen
#else
  static constexpr bool recycles = true;
#endif
};

template <>
struct recycler<void> {
  using value_type = void;
  recycler() noexcept = default;
  template <class U>
  // NOLINTNEXTLINE(google-explicit-constructor): as allocators convert
  recycler(const recycler<U>&) noexcept {}
  friend bool operator==(const recycler&, const recycler&) noexcept { return true; }
};

}  // namespace upsun::util
