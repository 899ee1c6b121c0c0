// What a bulk operation holds does not grow with the number of refs it goes through. A program of
// its own, since it counts what is allocated.

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>
#include <upsun/client.hpp>

#include <malloc.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <optional>
#include <string>

#include "support/sanitizers.hpp"
#include "unit/instant_transport.hpp"

namespace {

std::size_t live = 0;
std::size_t peak = 0;

}  // namespace

#ifndef UPSUN_UNDER_SANITIZER
void* operator new(std::size_t size) {
  void* memory = std::malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  live += malloc_usable_size(memory);
  peak = std::max(peak, live);
  return memory;
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  live -= malloc_usable_size(memory);
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
  operator delete(memory);
}
#endif

namespace upsun::operations {
namespace {

namespace asio = boost::asio;

/// Goes through `count` refs, and returns the most bytes that were allocated at once meanwhile,
/// beyond those before.
std::size_t peak_of(std::size_t count, const char* id) {
  asio::io_context io(1);
  client one(io.get_executor(),
             {.transport = std::make_shared<testing::instant_transport>(io.get_executor())});
  std::size_t pulled = 0;
  std::size_t handled = 0;
  auto source = [&]() -> std::optional<integration_ref> {
    if (pulled == count) return std::nullopt;
    ++pulled;
    return integration_ref(project_id("a-project-id-too-long-to-stand-in-a-string"),
                           integration_id(id));
  };
  peak = live;
  const std::size_t before = live;
  std::optional<bulk_report> report;
  one.async_for_each_integration(
      source, [&](const integration_ref&, const result<integration>&) { ++handled; },
      [&](const result<bulk_report>& r) { report.emplace(*r); });
  io.run();
  EXPECT_EQ(handled, count);
  EXPECT_EQ(report.value().fetched + report->failed, count);
  return peak - before;
}

#ifdef UPSUN_UNDER_SANITIZER
constexpr std::size_t many = 20'000;
#else
constexpr std::size_t many = 1'000'000;
#endif

TEST(BulkMemory, IsTheSameForTenThousandRefsAndForAMillion) {
  const std::size_t few_bytes = peak_of(10'000, "i");
  const std::size_t many_bytes = peak_of(many, "i");
  RecordProperty("peak_bytes", std::to_string(many_bytes));
  EXPECT_LE(many_bytes, few_bytes + 4096);
}

// Nothing is sent for these, so that they end as fast as they are begun: an operation that called
// itself for each would need a stack for all.
TEST(BulkMemory, IsTheSameForAMillionRefsThatAreRefused) {
  const std::size_t few_bytes = peak_of(10'000, "..");
  const std::size_t many_bytes = peak_of(many, "..");
  EXPECT_LE(many_bytes, few_bytes + 4096);
}

// ---- walks

std::size_t projects_of_each = 0;  // of twenty organizations

/// The page of a list that begins at the number behind `after=`: pages of a hundred.
std::string a_page(const std::string& target, const std::string& path, std::size_t count) {
  const std::size_t at = target.find("after=");
  const std::size_t first = at == std::string::npos ? 0 : std::stoul(target.substr(at + 6));
  const std::size_t last = std::min(first + 100, count);
  std::string items;
  for (std::size_t i = first; i < last; ++i) {
    items.append(items.empty() ? "" : ",").append(R"({"id":")").append(path.substr(1));
    items.append("-")
        .append(std::to_string(1'000'000 + i))
        .append(R"(","title":"a title that needs memory"})");
  }
  std::replace(items.begin(), items.end(), '/', '-');
  std::string links =
      last == count ? ""
                    : R"("next":{"href":")" + path + "?after=" + std::to_string(last) + R"("})";
  return R"({"count":)" + std::to_string(count) + R"(,"items":[)" + items + R"(],"_links":{)" +
         links + "}}";
}

std::string of_a_fleet(const std::string& target) {
  const std::string path = target.substr(0, target.find('?'));
  if (path.starts_with("/projects/")) return "[]";
  if (path == "/organizations") return a_page(target, path, 20);
  return a_page(target, path, projects_of_each);
}

/// Walks over a fleet of so many projects; the bytes as above.
std::size_t peak_of_walk(std::size_t projects) {
  asio::io_context io(1);
  client one(io.get_executor(), {.transport = std::make_shared<testing::instant_transport>(
                                     io.get_executor(), &of_a_fleet)});
  projects_of_each = projects / 20;
  peak = live;
  const std::size_t before = live;
  std::optional<fleet_report> report;
  one.async_for_each_integration(
      fleet(fleet_filter().shared(false)),
      [&](const fleet_project&, const result<integration>& got) { EXPECT_TRUE(got); },
      [&](const result<fleet_report>& r) { report.emplace(*r); });
  io.run();
  EXPECT_EQ(report.value().projects, projects);
  EXPECT_EQ(report->organizations, 20u);
  return peak - before;
}

TEST(FleetMemory, IsTheSameForAMillionProjectsAsForAQuarterOfThem) {
  // With fewer, a container of libc++ has not yet the capacity that it ends up with.
  const std::size_t few_bytes = peak_of_walk(many / 4);
  const std::size_t many_bytes = peak_of_walk(many);
  RecordProperty("peak_bytes", std::to_string(many_bytes));
  EXPECT_LE(many_bytes, few_bytes + 4096);
}

}  // namespace
}  // namespace upsun::operations
