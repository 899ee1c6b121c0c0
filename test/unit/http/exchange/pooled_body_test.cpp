#include "http/exchange/pooled_body.hpp"

#include <gtest/gtest.h>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/make_error.hpp"

namespace upsun::http {
namespace pooled_body_test {

using namespace std::chrono_literals;

/// A body, what its user gets, and what it asks of its exchange.
class PooledBody : public ::testing::Test {
 protected:
  PooledBody() {
    body->control({.end = [this](errc why) { ended.push_back(why); },
                   .give_back = [this](std::size_t bytes) { given_back += bytes; }});
  }
  std::shared_ptr<pooled_body> make(std::chrono::milliseconds idle_timeout = 0ms) {
    transport::open_handler opener = [this](result<streamed_response>&& outcome) {
      ++openings;
      opened.emplace(std::move(outcome));
    };
    return std::make_shared<pooled_body>(context.get_executor(), idle_timeout, std::move(opener));
  }
  void begin_read() {
    opened->value().body->async_read([this](result<std::string>&& piece) {
      pieces.push_back(
          piece ? *piece : std::string(to_string(static_cast<errc>(piece.error().code().value()))));
    });
  }
  void open() {
    http_response head;
    head.status = 200;
    body->on_head(std::move(head));
    run();
    ASSERT_TRUE(opened && *opened);
  }
  void run() {
    context.restart();
    context.run();
  }
  static error failure(errc code) { return model::make_error(code, phase::read_body, {}); }

  boost::asio::io_context context;
  std::vector<errc> ended;
  std::size_t given_back = 0;
  std::shared_ptr<pooled_body> body = make();
  int openings = 0;
  std::optional<result<streamed_response>> opened;
  std::vector<std::string> pieces;
};

TEST_F(PooledBody, GivesBackWhatWasReadAndNoMore) {
  open();
  EXPECT_EQ(body->on_data("one"), 0U) << "nobody reads";
  EXPECT_EQ(body->on_data("two"), 0U);
  begin_read();
  EXPECT_EQ(given_back, 6U);
  begin_read();
  EXPECT_EQ(body->on_data("three"), 5U) << "somebody waits";
  run();
  EXPECT_EQ(pieces, (std::vector<std::string>{"onetwo", "three"}));
  EXPECT_EQ(given_back, 6U);
}

TEST_F(PooledBody, EndsWithAnEmptyPieceEverAfter) {
  open();
  (void)body->on_data("last");
  body->on_end(http_response());
  for (int i = 0; i < 3; ++i) {
    begin_read();
    run();
  }
  EXPECT_EQ(pieces, (std::vector<std::string>{"last", "", ""}));
  opened.reset();
  EXPECT_TRUE(ended.empty()) << "there is nothing to end any more";
}

TEST_F(PooledBody, GivesWhatCameBeforeAFailure) {
  open();
  (void)body->on_data("some");
  body->on_end(failure(errc::connection_reset));
  begin_read();
  begin_read();
  run();
  EXPECT_EQ(pieces[0], "some");
  EXPECT_EQ(pieces[1], to_string(errc::connection_reset));
}

TEST_F(PooledBody, ACancelledReadLosesNothing) {
  open();
  boost::asio::cancellation_signal signal;
  opened->value().body->async_read(
      boost::asio::bind_cancellation_slot(signal.slot(), [this](result<std::string>&& piece) {
        EXPECT_EQ(piece.error().code(), errc::cancelled);
        pieces.emplace_back("cancelled");
      }));
  signal.emit(boost::asio::cancellation_type::total);
  run();
  EXPECT_EQ(body->on_data("later"), 0U);
  begin_read();
  run();
  EXPECT_EQ(pieces, (std::vector<std::string>{"cancelled", "later"}));
  EXPECT_TRUE(ended.empty());
}

TEST_F(PooledBody, ClosingEndsTheExchangeOnce) {
  open();
  begin_read();
  opened->value().body->close();
  opened->value().body->close();
  run();
  EXPECT_EQ(pieces, std::vector<std::string>{std::string(to_string(errc::cancelled))});
  opened.reset();
  EXPECT_EQ(ended, std::vector<errc>{errc::cancelled});
}

TEST_F(PooledBody, DroppingTheBodyEndsTheExchange) {
  open();
  opened.reset();
  EXPECT_EQ(ended, std::vector<errc>{errc::cancelled});
}

TEST_F(PooledBody, AHeadThatComesAfterTheEndIsNobodys) {
  body->on_end(failure(errc::attempt_timeout));
  body->on_head(http_response());
  run();
  EXPECT_EQ(openings, 1);
  EXPECT_EQ(opened->error().code(), errc::attempt_timeout);
}

TEST_F(PooledBody, AReadThatGetsNothingEndsByItsIdleTimeout) {
  body = make(1ms);
  body->control({.end = [this](errc why) { ended.push_back(why); }, .give_back = {}});
  open();
  begin_read();
  run();
  EXPECT_EQ(pieces, std::vector<std::string>{std::string(to_string(errc::attempt_timeout))});
  EXPECT_EQ(ended, std::vector<errc>{errc::attempt_timeout});
}

}  // namespace pooled_body_test
}  // namespace upsun::http
