#include "conformance/failing_allocator.hpp"

#include <cstdint>
#include <cstdlib>
#include <new>

namespace upsun::test {
namespace {

struct {
  std::size_t left;  // until the one that fails, which it includes; zero: none fails
  bool failed;
} thread_local state;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

bool fails() noexcept {
  if (state.left == 0 || --state.left > 0) return false;
  return state.failed = true;
}

void* allocate(std::size_t alignment, std::size_t size) noexcept {
  if (fails()) return nullptr;
  void* memory = nullptr;
  return ::posix_memalign(&memory, alignment < sizeof(void*) ? sizeof(void*) : alignment, size) == 0
             ? memory
             : nullptr;
}

[[maybe_unused]] void* allocate_or_throw(std::size_t alignment, std::size_t size) {
  if (void* memory = allocate(alignment, size)) return memory;
  throw std::bad_alloc();
}

}  // namespace

allocation_failure::allocation_failure(std::size_t nth) noexcept { state = {nth, false}; }
allocation_failure::~allocation_failure() { state.left = 0; }
bool allocation_failure::met() const noexcept { return state.failed; }

}  // namespace upsun::test

#if !defined(UPSUN_ALLOCATIONS_DO_NOT_FAIL)
// Everything of this program that is not malloc itself: operator new, and what Asio takes its
// operations' memory from.
void* operator new(std::size_t size) {
  return upsun::test::allocate_or_throw(__STDCPP_DEFAULT_NEW_ALIGNMENT__, size);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return upsun::test::allocate_or_throw(static_cast<std::size_t>(alignment), size);
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return upsun::test::allocate(__STDCPP_DEFAULT_NEW_ALIGNMENT__, size);
}
extern "C" void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  return upsun::test::allocate(alignment, size);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}
#endif
