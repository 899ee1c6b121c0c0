#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <string>

#include <upsun/codec.hpp>
#include <upsun/model/kinds.hpp>

#include "fixtures.hpp"

namespace {

std::atomic<std::size_t> allocations{0};

}  // namespace

// Every allocation of this program is counted.
void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace {

using upsun::testing::fixture;

/// The allocations that decoding makes. The document decodes.
std::size_t allocations_of(const std::string& json) {
  const std::size_t before = allocations;
  const auto value = upsun::decode_integration(json);
  const std::size_t made = allocations - before;
  EXPECT_TRUE(value) << json;
  return made;
}

TEST(Allocation, ShortTextsTakeNone) {
  EXPECT_EQ(
      allocations_of(
          R"({"id":"abc","type":"health.slack","role":"admin","created_at":"2026-12-13T16:06:08.081312+00:00","channel":"c"})"),
      0U);
}

TEST(Allocation, LongTextsTakeOneEach) {
  EXPECT_EQ(
      allocations_of(
          R"({"type":"health.slack","channel":"a channel whose name is too long to be stored in place","role":"and so is this role of the reader"})"),
      2U);
}

TEST(Allocation, SkippingUnknownMembersTakesNone) {
  const std::string skipped[] = {
      R"("x":null)",
      R"("x":-12345678901234567890123.5e-7)",
      R"("x":")" + std::string(10'000, 'x') + '"',
      R"("x":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude80)" + std::string(10'000, 'x') + R"(\u0000")",
      R"("a key too long for any place in which short keys are kept":{"another key too long for any such place":["text too long for any such place"]})",
      R"("key \u0061nd \"text\" w\u0069th esc\u0061pes":{"\u0061":"\u0061"})",
      R"("_links":{"self":{"href":"https://eu-5.platform.sh/api/projects/abcdefgh/integrations/x","meta":{"a":[[[{"b":[{}]}]]]}}})",
  };
  for (const auto& member : skipped)
    EXPECT_EQ(allocations_of(R"({"type":"health.slack",)" + member + R"(,"channel":"c"})"), 0U)
        << member.substr(0, 80);
}

TEST(Allocation, BulkyLinksTakeNoneForAnyKind) {
  for (const auto kind : upsun::kind_names) {
    const std::string linked = fixture(kind, "links");
    EXPECT_EQ(allocations_of(linked), allocations_of(fixture(kind, "minimal"))) << kind;
  }
}

}  // namespace
