#include "allocations.hpp"

#include <malloc.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define UPSUN_OWN_ALLOCATOR
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define UPSUN_OWN_ALLOCATOR
#endif
#endif
#if defined(__GLIBC__) && !defined(UPSUN_OWN_ALLOCATOR)
#define UPSUN_COUNT_ALLOCATIONS
#endif

namespace upsun::load {
namespace {

constinit thread_local counter* mine = nullptr;

#ifdef UPSUN_COUNT_ALLOCATIONS
void count() noexcept {
  if (mine != nullptr) increment(*mine);
}
#endif

}  // namespace

void count_allocations(counter& where) noexcept { mine = &where; }

#ifdef UPSUN_COUNT_ALLOCATIONS
bool allocations_are_counted() noexcept { return true; }
std::optional<std::size_t> heap_in_use() noexcept {
  const auto info = mallinfo2();
  return info.uordblks + info.hblkhd;
}
#else
bool allocations_are_counted() noexcept { return false; }
std::optional<std::size_t> heap_in_use() noexcept { return std::nullopt; }
#endif

}  // namespace upsun::load

#ifdef UPSUN_COUNT_ALLOCATIONS
// Not only operator new: Asio allocates recycled blocks by aligned_alloc, OpenSSL by malloc. The
// functions called here are glibc's own, whose memory free() takes.
extern "C" {
// NOLINTBEGIN(readability-identifier-naming)
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
// NOLINTEND(readability-identifier-naming)

void* malloc(std::size_t size) {
  upsun::load::count();
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
  upsun::load::count();
  return __libc_calloc(count, size);
}
void* realloc(void* memory, std::size_t size) {
  upsun::load::count();
  return __libc_realloc(memory, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  upsun::load::count();
  return __libc_memalign(alignment, size);
}
}
#endif
