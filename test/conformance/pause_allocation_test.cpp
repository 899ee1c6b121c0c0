#include <gtest/gtest.h>
#include <sys/socket.h>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>

#include "conformance/failing_allocator.hpp"
#include "http/net/epoll_set.hpp"
#include "util/unique_fd.hpp"

// Memory fails where the set of sockets is to pause before its next look: it waits otherwise, and
// tells of what comes.

namespace upsun::http {
namespace pause_allocation_test {

namespace asio = boost::asio;
using test::allocation_failure;

struct answering_watcher final : socket_watcher {
  answering_watcher() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) != 0)
      throw std::runtime_error("no pair of sockets");
    ours = util::unique_fd(ends[0]);
    theirs = util::unique_fd(ends[1]);
  }
  std::optional<duration> on_edge(bool) override {
    std::array<char, 16> bytes{};
    received += std::max<ssize_t>(::recv(ours.get(), bytes.data(), bytes.size(), 0), 0);
    return std::chrono::seconds(1);
  }
  void on_turn() override {}

  util::unique_fd ours;
  util::unique_fd theirs;
  ssize_t received = 0;
};

TEST(AllocationOfAPause, MayFail) {
#if defined(UPSUN_ALLOCATIONS_DO_NOT_FAIL)
  GTEST_SKIP() << "allocations do not fail in this program";
#endif
  const auto always = [](const look_outcome& last) noexcept {
    return last.answers > 0 ? duration(std::chrono::microseconds(1)) : duration();
  };
  for (const std::size_t count : {std::size_t{1}, std::size_t{3}, allocation_failure::all}) {
    bool met = true;
    for (std::size_t first = 1; met; ++first) {
      SCOPED_TRACE("allocation " + std::to_string(first));
      asio::io_context io;
      const auto set = std::make_shared<epoll_set>(io.get_executor(), always);
      std::array<std::shared_ptr<answering_watcher>, 5> watchers;
      for (auto& each : watchers) {
        each = std::make_shared<answering_watcher>();
        set->add(each->ours.get(), each);
      }
      {
        const allocation_failure failing(first, count);
        io.poll();
        met = failing.met();
      }
      for (const auto& each : watchers)
        ASSERT_EQ(::send(each->theirs.get(), "x", 1, MSG_NOSIGNAL), 1);
      while (std::any_of(watchers.begin(), watchers.end(),
                         [](const auto& each) { return each->received == 0; }))
        io.run_one();
    }
  }
}

}  // namespace pause_allocation_test
}  // namespace upsun::http
