#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <boost/asio/io_context.hpp>

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <vector>

#include "http/net/readiness.hpp"
#include "util/unique_fd.hpp"

namespace upsun::http {
namespace readiness_test {

namespace asio = boost::asio;

struct socket_pair {
  util::unique_fd ours;
  util::unique_fd theirs;
};

inline socket_pair make_pair() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) != 0)
    throw std::runtime_error("no pair of sockets");
  return {util::unique_fd(ends[0]), util::unique_fd(ends[1])};
}

/// Reads its socket until it is empty, unless `reads` is off.
struct counting_watcher final : socket_watcher {
  std::optional<duration> on_ready(bool ended) override {
    ++notified;
    saw_end = saw_end || ended;
    std::array<char, 64> bytes{};
    while (reads && ::recv(sockets.ours.get(), bytes.data(), bytes.size(), 0) > 0) {
    }
    if (then) then();
    return waited;
  }
  void on_deferred() override {
    ++deferred;
    if (then_deferred) then_deferred();
  }
  void arrive() const { ASSERT_EQ(::send(sockets.theirs.get(), "x", 1, MSG_NOSIGNAL), 1); }

  socket_pair sockets = make_pair();
  int notified = 0;
  int deferred = 0;
  bool saw_end = false;
  bool reads = true;
  std::function<void()> then;
  std::function<void()> then_deferred;
  std::optional<duration> waited;
  watch_id id{};
};

class Readiness : public ::testing::Test {
 protected:
  std::shared_ptr<counting_watcher> watch() {
    auto made = std::make_shared<counting_watcher>();
    made->id = set->add(made->sockets.ours.get(), made);
    return made;
  }
  /// So many watchers, each of which was notified of its first edge.
  std::vector<std::shared_ptr<counting_watcher>> watch_many(std::size_t count) {
    std::vector<std::shared_ptr<counting_watcher>> made(count);
    for (auto& each : made) each = watch();
    run_ready();
    for (auto& each : made) each->notified = 0;
    return made;
  }
  void run_ready() {
    context.restart();
    context.poll();
  }
  void notify(const std::vector<std::shared_ptr<counting_watcher>>& watchers) {
    for (const auto& each : watchers) each->arrive();
    run_ready();
  }

  asio::io_context context;
  std::shared_ptr<readiness> set = std::make_shared<readiness>(context.get_executor());
};

}  // namespace readiness_test
}  // namespace upsun::http
