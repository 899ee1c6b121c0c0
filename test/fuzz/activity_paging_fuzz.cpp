#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <string>
#include <utility>

#include "api/activity_paging.hpp"
#include "fuzz/input.hpp"

namespace {

using namespace std::chrono_literals;
using namespace upsun;
using api::activity_paging;

timestamp second(std::size_t n) {
  return std::chrono::sys_days(2026y / 1 / 1) + std::chrono::seconds(n);
}

result<activity> one(std::size_t id, std::optional<timestamp> created) {
  return activity{.id = std::to_string(id), .created_at = created};
}

/// Pages as a server keeps to the API: with moments shared by as many as the input says, and an
/// element that cannot be read here and there.
void read_from_a_good_server(fuzz::input& input) {
  const std::size_t usual = 2 + input.pick(30);
  activity_filter filter;
  if (input.pick(2) == 0) filter.count(static_cast<std::int64_t>(1 + input.pick(60)));
  activity_paging::page all;
  std::size_t readable = 0;
  std::size_t moment = 100'000;
  while (!input.empty() && all.size() < 400) {
    const std::size_t choice = input.byte();
    if (choice % 4 == 0) --moment;
    if (choice == 255 && !all.empty()) {
      all.emplace_back(error(errc::decode_failed));
    } else {
      all.push_back(one(readable++, second(moment)));
    }
  }
  activity_paging paging(filter);
  std::set<std::string> came;
  for (std::size_t pages = 0; !paging.over(); ++pages) {
    ASSERT_LE(pages, 2 * all.size() + 10) << "no end";
    const activity_filter asked = paging.next();
    const auto begin = std::find_if(all.begin(), all.end(), [&](const auto& each) {
      return each && (!asked.starts_at() || *each->created_at <= *asked.starts_at());
    });
    const std::size_t size = asked.count() ? static_cast<std::size_t>(*asked.count()) : usual;
    const auto end = begin + static_cast<std::ptrdiff_t>(
                                 std::min(size, static_cast<std::size_t>(all.end() - begin)));
    for (const auto& each : paging.take({begin, end})) {
      if (each) {
        EXPECT_TRUE(came.insert(each->id).second) << "twice";
      }
    }
  }
  EXPECT_LE(came.size(), readable);
  if (readable == all.size()) {
    EXPECT_EQ(came.size(), readable) << "lost";
  }
}

/// Pages of anything.
void read_from_any_server(fuzz::input& input) {
  activity_paging paging(
      input.pick(2) == 0 ? activity_filter()
                         : activity_filter().count(static_cast<std::int64_t>(1 + input.pick(40))));
  std::optional<timestamp> before;
  std::size_t idle = 0;
  std::size_t largest = 0;
  while (!paging.over() && !input.empty()) {
    const activity_filter asked = paging.next();
    if (before) {
      ASSERT_TRUE(asked.starts_at());
      EXPECT_LE(*asked.starts_at(), *before);
    }
    before = asked.starts_at();
    activity_paging::page page;
    for (std::size_t left = input.pick(40); left > 0; --left) {
      const std::size_t choice = input.byte();
      if (choice == 0) {
        page.emplace_back(error(errc::decode_failed));
      } else {
        page.push_back(
            one(input.byte(), choice == 1 ? std::nullopt : std::optional(second(choice))));
      }
    }
    largest = std::max(largest, page.size());
    const std::size_t size = page.size();
    const auto fresh = paging.take(std::move(page));
    EXPECT_LE(fresh.size(), size + 1);
    for (const auto& each : fresh)
      EXPECT_TRUE(!each || !each->created_at || !before || *each->created_at <= *before)
          << "newer than asked for";
    EXPECT_LE(paging.remembered(), std::max(activity_paging::most_remembered, largest));
    idle = fresh.empty() ? idle + 1 : 0;
    EXPECT_LE(idle, activity_paging::most_idle + 1) << "asks again and again";
    EXPECT_TRUE(idle <= activity_paging::most_idle || paging.over());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::input input(data, size);
  if (input.pick(2) == 0) {
    read_from_a_good_server(input);
  } else {
    read_from_any_server(input);
  }
  return 0;
}
