#pragma once

#include <gtest/gtest.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <boost/asio/io_context.hpp>

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/http1/connection.hpp"

namespace upsun::http {
namespace connection_test {

namespace asio = boost::asio;

const std::string response = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

/// Notes what ends, and how.
struct noting_owner final : connection_owner {
  void on_finished(connection& from, exchange_outcome&& outcome) override {
    finished.push_back(std::move(outcome));
    if (then) then(from);
  }
  void on_idle_death(connection&) override { ++idle_deaths; }
  void on_capacity(connection&, const stream_capacity&) override {}

  std::vector<exchange_outcome> finished;
  int idle_deaths = 0;
  std::function<void(connection&)> then;
};

/// A connection, and the server at its other end.
struct line {
  util::unique_fd server;
  std::shared_ptr<http1_connection> client;

  void send(std::string_view bytes) const {
    ASSERT_EQ(::send(server.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  void reply() const { send(response); }
  /// What has come since the last time.
  [[nodiscard]] std::string received() const {
    std::array<char, 1024> bytes{};
    const auto count = ::recv(server.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    return count > 0 ? std::string(bytes.data(), static_cast<std::size_t>(count)) : std::string();
  }
};

class Connection : public ::testing::Test {
 protected:
  ~Connection() override {  // what keeps the owner alive
    owner->finished.clear();
    owner->then = nullptr;
  }

  line connect() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) != 0)
      throw std::runtime_error("no pair of sockets");
    util::unique_fd ours(ends[0]);
    byte_stream stream(ours.get());
    line made{util::unique_fd(ends[1]),
              std::make_shared<http1_connection>(connection_id{++connections}, std::move(ours),
                                                 std::move(stream), std::nullopt, limit_options{},
                                                 false, watch, owner)};
    made.client->start();
    run_ready();
    return made;
  }
  exchange_ptr request(std::string text) {
    auto made = std::make_shared<exchange>();
    made->home = owner;
    made->bytes = std::move(text);
    made->reused = true;
    made->leased = std::chrono::steady_clock::now();
    return made;
  }
  void run_ready() {
    context.restart();
    context.poll();
  }
  /// Two connections with an exchange each, which `under_way` holds.
  std::array<line, 2> two_that_are_begun() {
    std::array<line, 2> lines{connect(), connect()};
    for (const line& each : lines) {
      under_way.push_back(request("first"));
      EXPECT_FALSE(each.client->begin(under_way.back()));
      EXPECT_EQ(each.received(), "first") << "nothing else is queued: it is sent at once";
    }
    return lines;
  }
  /// The same, whose responses the next poll finds together.
  std::array<line, 2> two_with_responses() {
    auto lines = two_that_are_begun();
    for (const line& each : lines) each.reply();
    return lines;
  }
  /// Begins `next` when the first of two responses is reported. It is written after the second was,
  /// and before that something unasked arrives.
  void begin_and_write_late(const std::array<line, 2>& lines, exchange_ptr next) {
    owner->then = [&lines, next = std::move(next),
                   first = static_cast<connection*>(nullptr)](connection& from) mutable {
      if (first == nullptr) {
        first = &from;
        EXPECT_FALSE(from.begin(next));
      } else if (first != &from) {
        lines.at(other_than(lines, from)).reply();
      }
    };
  }
  static std::size_t other_than(const std::array<line, 2>& lines, const connection& one) {
    return &one == lines[0].client.get() ? 1 : 0;
  }
  /// Calls `what` with the index of the second line between its response and the report of it.
  template <class What>
  void before_the_second_report(const std::array<line, 2>& lines, What what) {
    owner->then = [this, &lines, what = std::move(what)](connection& from) {
      if (owner->finished.size() == 1) what(other_than(lines, from));
    };
  }
  /// Whether the client has read all that the server sent.
  static bool nothing_to_read(const line& of) {
    int unread = 0;
    return ::ioctl(of.server.get(), SIOCOUTQ, &unread) == 0 && unread == 0;
  }

  asio::io_context context;
  std::shared_ptr<readiness> watch = std::make_shared<readiness>(context.get_executor());
  std::shared_ptr<noting_owner> owner = std::make_shared<noting_owner>();
  std::uint64_t connections = 0;
  std::vector<exchange_ptr> under_way;
};

}  // namespace connection_test
}  // namespace upsun::http
