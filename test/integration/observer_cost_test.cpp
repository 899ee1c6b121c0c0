// What a call costs without an observer, counted: memory and readings of the clock by the thread
// that runs the client.

#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <new>

#include "integration/harness.hpp"
#include "support/planned_server.hpp"
#include "support/responses.hpp"
#include "support/sanitizers.hpp"

namespace {

struct counts {
  std::size_t allocations = 0;
  std::size_t clock_readings = 0;
};

thread_local counts mine;

}  // namespace

#ifndef UPSUN_UNDER_SANITIZER
void* operator new(std::size_t size) {
  ++mine.allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  ++mine.allocations;
  const auto unit = static_cast<std::size_t>(alignment);
  if (void* memory = std::aligned_alloc(unit, (size + unit - 1) / unit * unit)) return memory;
  throw std::bad_alloc();
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

/// Stands before the C library's, which every clock of the C++ library asks.
extern "C" [[gnu::visibility("default")]] int clock_gettime(clockid_t clock,
                                                            timespec* now) noexcept {
  ++mine.clock_readings;
  return static_cast<int>(::syscall(SYS_clock_gettime, clock, now));
}

namespace upsun::testing {
namespace {

/// What a call takes over a connection that is there, the server's part included: it runs on the
/// same thread, so that the two always alternate in the same way. The least of many calls: those
/// that come soon after a timer's end also set it anew.
counts of_a_warm_call(const std::shared_ptr<observer>& by) {
  counts least{static_cast<std::size_t>(-1), static_cast<std::size_t>(-1)};
  asio::io_context io(1);
  test::planned_server server(
      io, [&](std::string_view) { return test::planned_reply{test::json_response()}; });
  asio::co_spawn(
      io,
      [&]() -> asio::awaitable<void> {
        const auto executor = co_await asio::this_coro::executor;
        client client(executor, {.base_url = server.url(), .observer = by});
        const auto long_enough = std::chrono::steady_clock::now() + 100ms;
        for (int call = 0; call < 200 || std::chrono::steady_clock::now() < long_enough; ++call) {
          const counts before = mine;
          EXPECT_TRUE(co_await client.async_get_integration({project(), integration_number(0)}));
          if (call < 10) continue;
          least.allocations = std::min(least.allocations, mine.allocations - before.allocations);
          least.clock_readings =
              std::min(least.clock_readings, mine.clock_readings - before.clock_readings);
        }
        server.close();
      },
      [](std::exception_ptr thrown) { EXPECT_FALSE(thrown); });
  io.run();
  return least;
}

TEST(ObserverCost, IsCountedHere) {
  const counts before = mine;
  (void)std::chrono::steady_clock::now();
  EXPECT_EQ(mine.clock_readings, before.clock_readings + 1);
#ifndef UPSUN_UNDER_SANITIZER
  ::operator delete(::operator new(1));
  EXPECT_EQ(mine.allocations, before.allocations + 1);
#endif
}

// An event holds the time at which it happened, so none is made without a reading of the clock.
TEST(ObserverCost, IsNothingWithoutOneAndTwoReadingsOfTheClockWithOne) {
  const counts without = of_a_warm_call(nullptr);
  const counts with = of_a_warm_call(std::make_shared<observer>());
  EXPECT_EQ(with.clock_readings, without.clock_readings + 2);
  EXPECT_EQ(with.allocations, without.allocations);
  RecordProperty("clock_readings", static_cast<int>(without.clock_readings));
  RecordProperty("allocations", static_cast<int>(without.allocations));
}

}  // namespace
}  // namespace upsun::testing
