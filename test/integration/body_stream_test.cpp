// Responses whose bodies are taken as they come: what the HTTP floor makes of streams, over TCP and
// TLS.

#include <boost/asio/as_tuple.hpp>
#include <upsun/testing/fake_transport.hpp>

#include <atomic>
#include <chrono>
#include <future>
#include <string>
#include <utility>

#include "http/pool/http_transport.hpp"
#include "integration/harness.hpp"
#include "support/responses.hpp"
#include "support/scripted_server.hpp"
#include "testing/gzip.hpp"
#include "util/origin.hpp"

namespace upsun::testing {
namespace body_stream_test {

using asio::awaitable;
using test::scripted_options;
using test::scripted_server;
namespace act = upsun::test;

const std::string chunked_head =
    "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n";

/// Over HTTP/1.1, where a stream has a connection of its own.
client_config config_for(const scripted_server& server) {
  return {.base_url = server.url(),
          .tls = {.ca_pem = server.ca_pem()},
          .pool = {.max_connections = 1},
          .http = {.version = http_version::http1}};
}

std::shared_ptr<transport> transport_to(const client_config& config,
                                        const asio::any_io_executor& executor) {
  return http::make_transport(executor, config::make_settings(config).network);
}

http_request request() {
  http_request made;
  made.target = "/log";
  made.deadline = std::chrono::steady_clock::now() + 60s;
  return made;
}

const http_request usual = request();

awaitable<result<streamed_response>> open(transport& over, const http_request& what,
                                          std::chrono::milliseconds idle_timeout = 0ms) {
  return asio::async_initiate<const asio::use_awaitable_t<>, void(result<streamed_response>)>(
      [&over, &what, idle_timeout](auto handler) {
        over.async_open_stream(what, idle_timeout, std::move(handler));
      },
      asio::use_awaitable);
}

awaitable<result<std::string>> read(response_stream& stream) {
  return asio::async_initiate<const asio::use_awaitable_t<>, void(result<std::string>)>(
      [&stream](auto handler) { stream.async_read(std::move(handler)); }, asio::use_awaitable);
}

/// Everything up to the end, or to an error, which is given back.
awaitable<std::pair<std::string, error>> read_all(response_stream& stream) {
  std::string all;
  for (;;) {
    result<std::string> piece = co_await read(stream);
    if (!piece) co_return std::pair(all, piece.error());
    if (piece->empty()) co_return std::pair(all, error());
    all += *piece;
  }
}

class BodyStream : public ::testing::TestWithParam<bool> {
 protected:
  const scripted_options over{.tls = GetParam()};

  template <class Body>
  void with_transport(const scripted_server& server, Body body) {
    run([&]() -> awaitable<void> {
      const auto executor = co_await asio::this_coro::executor;
      const auto network = transport_to(config_for(server), executor);
      co_await body(*network);
      network->shutdown();
    });
  }
};
INSTANTIATE_TEST_SUITE_P(Over, BodyStream, ::testing::Bool(), upsun::test::plain_or_tls);

TEST_P(BodyStream, HandsOutPiecesAsTheyCome) {
  std::promise<void> first_was_read;
  const scripted_server server(
      {act::read_head(), act::send(chunked_head + "4\r\none\n\r\n"),
       act::run([&] { first_was_read.get_future().wait(); }), act::send("4\r\ntwo\n\r\n0\r\n\r\n")},
      over);
  with_transport(server, [&](transport& network) -> awaitable<void> {
    auto opened = co_await open(network, usual);
    EXPECT_EQ(opened.value().head.status, 200);
    EXPECT_EQ(opened->head.content_type, "application/x-ndjson");
    EXPECT_EQ(opened->head.body, "");
    auto piece = co_await read(*opened->body);
    EXPECT_EQ(piece.value(), "one\n");
    first_was_read.set_value();
    const auto rest = co_await read_all(*opened->body);
    EXPECT_EQ(rest.first, "two\n");
    EXPECT_FALSE(rest.second.code()) << rest.second;
  });
  EXPECT_TRUE(server.received().starts_with("GET /log HTTP/1.1\r\n"));
}

#if UPSUN_GZIP
TEST_P(BodyStream, DecodesWhatASuccessDoesNotHave) {
  const std::string coded = gzip(R"({"message":"No such activity."})");
  const std::string rest =
      " \r\nContent-Encoding: gzip\r\nContent-Length: " + std::to_string(coded.size()) +
      "\r\n\r\n" + coded;
  const scripted_server server({{act::read_head(), act::send("HTTP/1.1 404" + rest)},
                                {act::read_head(), act::send("HTTP/1.1 200" + rest)}},
                               over);
  with_transport(server, [&](transport& network) -> awaitable<void> {
    auto refused = co_await open(network, usual);
    EXPECT_EQ(refused.value().head.body, R"({"message":"No such activity."})");
    EXPECT_FALSE(refused->body);
    auto opened = co_await open(network, usual);
    EXPECT_EQ(opened.value().head.content_encoding, "gzip");
    const auto all = co_await read_all(*opened->body);
    EXPECT_EQ(all.first, coded);
  });
}
#endif

TEST_P(BodyStream, ReadsWhatComesByteByByte) {
  const scripted_server server(
      {act::read_head(),
       act::send_slowly(chunked_head + "4;a=b\r\none\n\r\n5\r\n0\r\nx\n\r\n0\r\nX: y\r\n\r\n")},
      over);
  with_transport(server, [&](transport& network) -> awaitable<void> {
    auto opened = co_await open(network, usual);
    const auto all = co_await read_all(*opened.value().body);
    EXPECT_EQ(all.first, "one\n0\r\nx\n");
    EXPECT_FALSE(all.second.code()) << all.second;
  });
}

TEST_P(BodyStream, KnowsTheThreeEndsOfABody) {
  const scripted_server server(
      {{act::read_head(), act::send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\none\n"),
        act::stall()},
       {act::read_head(), act::send("HTTP/1.1 200 OK\r\n\r\none\n"), act::close()},
       {act::read_head(), act::send(chunked_head + "4\r\none\n\r\n0\r\n\r\n"), act::stall()}},
      over);
  with_transport(server, [&](transport& network) -> awaitable<void> {
    for (int i = 0; i < 3; ++i) {
      auto opened = co_await open(network, usual);
      const auto all = co_await read_all(*opened.value().body);
      EXPECT_EQ(all.first, "one\n") << i;
      EXPECT_FALSE(all.second.code()) << i << all.second;
    }
  });
}

TEST_P(BodyStream, GivesWhatCameBeforeTheConnectionWasCut) {
  const scripted_server server(
      {act::read_head(), act::send(chunked_head + "10\r\none\n"), act::drop()}, over);
  with_transport(server, [&](transport& network) -> awaitable<void> {
    auto opened = co_await open(network, usual);
    const auto all = co_await read_all(*opened.value().body);
    EXPECT_EQ(all.first, "one\n");
    EXPECT_EQ(all.second, errc::connection_closed);
    EXPECT_EQ(all.second.phase(), phase::read_body);
    auto again = co_await read(*opened->body);
    EXPECT_EQ(again.error(), errc::connection_closed);
  });
}

TEST_P(BodyStream, ChecksTheFraming) {
  const scripted_server server(
      {act::read_head(), act::send(chunked_head + "4\r\none\n\r\nxyz\r\n")}, over);
  with_transport(server, [&](transport& network) -> awaitable<void> {
    auto opened = co_await open(network, usual);
    const auto all = co_await read_all(*opened.value().body);
    EXPECT_EQ(all.first, "one\n");
    EXPECT_EQ(all.second, errc::bad_response);
  });
}

TEST_P(BodyStream, TakesAFailureInWhole) {
  const scripted_server server(
      {act::read_head(), act::send("HTTP/1.1 404 Not Found\r\nContent-Length: 12\r\n\r\n{\"error"),
       act::send("\":1}\n")},
      over);
  with_transport(server, [&](transport& network) -> awaitable<void> {
    auto opened = co_await open(network, usual);
    EXPECT_EQ(opened.value().head.status, 404);
    EXPECT_EQ(opened->head.body, "{\"error\":1}\n");
    EXPECT_EQ(opened->body, nullptr);
  });
}

TEST_P(BodyStream, ReadsNothingThatIsNotAskedFor) {
  constexpr std::size_t much = 32 * 1024 * 1024;
  std::atomic<bool> sent = false;
  const scripted_server server(
      {act::read_head(), act::send("HTTP/1.1 200 OK\r\n\r\n"), act::send(std::string(much, '\n')),
       act::run([&] { sent = true; }), act::close()},
      over);
  with_transport(server, [&](transport& network) -> awaitable<void> {
    auto opened = co_await open(network, usual);
    std::size_t size = 0;
    for (int i = 0; i < 100; ++i) {
      auto piece = co_await read(*opened.value().body);
      EXPECT_LE(piece.value().size(), 64u * 1024);
      size += piece->size();
    }
    EXPECT_FALSE(sent) << "what was not read fills the socket, and the server waits";
    const auto rest = co_await read_all(*opened->body);
    EXPECT_EQ(size + rest.first.size(), much);
  });
}

TEST_P(BodyStream, LosesNothingWhenAReadIsCancelled) {
  std::promise<void> cancelled;
  const scripted_server server(
      {act::read_head(), act::send(chunked_head), act::run([&] { cancelled.get_future().wait(); }),
       act::send("4\r\none\n\r\n0\r\n\r\n")},
      over);
  with_transport(server, [&](transport& network) -> awaitable<void> {
    auto opened = co_await open(network, usual);
    response_stream& body = *opened.value().body;
    asio::cancellation_signal stop;
    std::promise<result<std::string>> ended;
    body.async_read(asio::bind_cancellation_slot(
        stop.slot(), [&](result<std::string> piece) { ended.set_value(std::move(piece)); }));
    stop.emit(asio::cancellation_type::total);
    auto outcome = ended.get_future();
    EXPECT_EQ(outcome.wait_for(0s), std::future_status::timeout) << "not from within the signal";
    const auto executor = co_await asio::this_coro::executor;
    co_await asio::post(executor, asio::use_awaitable);
    EXPECT_EQ(outcome.get().error(), errc::cancelled);
    cancelled.set_value();
    const auto all = co_await read_all(body);
    EXPECT_EQ(all.first, "one\n");
    EXPECT_FALSE(all.second.code()) << all.second;
  });
}

TEST_P(BodyStream, EndsWhatWaitsWhenItIsCancelledClosedOrTheTransportEnds) {
  const scripted_server server({act::read_head(), act::send(chunked_head), act::stall()}, over);
  for (const int how : {0, 1, 2}) {
    run([&]() -> awaitable<void> {
      const auto executor = co_await asio::this_coro::executor;
      const auto network = transport_to(config_for(server), executor);
      auto opened = co_await open(*network, usual);
      std::optional<result<std::string>> ended;
      opened.value().body->async_read([&](result<std::string> piece) { ended = std::move(piece); });
      if (how == 0) opened->body->close();
      if (how == 1) network->shutdown();
      if (how == 2) network->async_close(0ms, [](close_report) {});
      EXPECT_FALSE(ended);
      for (int turn = 0; turn < 3; ++turn) co_await asio::post(executor, asio::use_awaitable);
      EXPECT_EQ(ended.value().error(), errc::cancelled) << how;
      auto again = co_await read(*opened->body);
      EXPECT_EQ(again.error(), errc::cancelled);
      network->shutdown();
    });
  }
}

/// Opens a stream, waits by `before`, and cancels it. \return whether it ended by that, and at once
template <class Before>
awaitable<bool> ends_when_cancelled(transport& over, Before before) {
  const auto executor = co_await asio::this_coro::executor;
  asio::cancellation_signal stop;
  std::optional<result<streamed_response>> ended;
  over.async_open_stream(
      request(), 0ms, asio::bind_cancellation_slot(stop.slot(), [&](result<streamed_response> got) {
        ended = std::move(got);
      }));
  co_await before();
  EXPECT_FALSE(ended);
  stop.emit(asio::cancellation_type::terminal);
  for (int turn = 0; turn < 4; ++turn) co_await asio::post(executor, asio::use_awaitable);
  over.shutdown();
  co_return ended && ended->error() == errc::cancelled;
}

/// Lets the context run so many turns.
awaitable<void> wait_turns(int count) {
  const auto executor = co_await asio::this_coro::executor;
  for (int turn = 0; turn < count; ++turn) co_await asio::post(executor, asio::use_awaitable);
}

TEST_P(BodyStream, EndsAnOpeningAtEveryStep) {
  const scripted_server server({act::read_head(), act::send("HTTP/1.1 200"), act::stall()}, over);
  for (int turns = 0; turns < 12; ++turns) {
    run([&]() -> awaitable<void> {
      const auto network = transport_to(config_for(server), co_await asio::this_coro::executor);
      const bool right = co_await ends_when_cancelled(*network, [&] { return wait_turns(turns); });
      EXPECT_TRUE(right) << turns;
    });
  }
}

TEST_P(BodyStream, WaitsForAHeadNoLongerThanItMay) {
  const scripted_server server({act::read_head(), act::stall()}, over);
  for (const bool by_deadline : {true, false}) {
    with_growing_limit(100ms, [&](std::chrono::milliseconds limit) {
      error late;
      with_transport(server, [&](transport& network) -> awaitable<void> {
        http_request limited = request();
        if (by_deadline) {
          limited.deadline = std::chrono::steady_clock::now() + limit;
        } else {
          limited.attempt_timeout = limit;
        }
        auto without_head = co_await open(network, limited);
        late = without_head.error();
      });
      EXPECT_EQ(late, by_deadline ? errc::deadline_exceeded : errc::attempt_timeout);
      return late.phase() == phase::read_head;
    });
  }
}

TEST_P(BodyStream, WaitsForAPieceNoLongerThanItMay) {
  const scripted_server server({act::read_head(), act::send(chunked_head), act::stall()}, over);
  with_transport(server, [&](transport& network) -> awaitable<void> {
    auto opened = co_await open(network, usual, 20ms);
    auto piece = co_await read(*opened.value().body);
    EXPECT_EQ(piece.error(), errc::attempt_timeout);
    EXPECT_EQ(piece.error().phase(), phase::read_body);
  });
}

TEST_P(BodyStream, TakesNoConnectionOfThePool) {
  const scripted_server server(
      {{act::read_head(), act::send(chunked_head), act::stall()},
       {act::read_head(), act::send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")}},
      over);
  with_transport(server, [&](transport& network) -> awaitable<void> {
    auto opened = co_await open(network, usual);
    EXPECT_TRUE(opened);
    EXPECT_EQ(network.statistics().open(), 0u);
    auto pooled =
        co_await asio::async_initiate<const asio::use_awaitable_t<>, void(result<http_response>)>(
            [&network](auto handler) { network.async_send(request(), std::move(handler)); },
            asio::use_awaitable);
    EXPECT_EQ(pooled.value().body, "{}") << "of one connection at most";
    opened->body->close();
  });
}

TEST(BodyStreams, ReportWhyNoConnectionWasMade) {
  run([&]() -> awaitable<void> {
    const auto executor = co_await asio::this_coro::executor;
    const client_config nowhere{.base_url = "http://127.0.0.1:1"};
    const auto network = transport_to(nowhere, executor);
    auto opened = co_await open(*network, usual);
    EXPECT_EQ(opened.error(), errc::connect_failed);
    EXPECT_EQ(opened.error().phase(), phase::connect);
    network->shutdown();
    opened = co_await open(*network, usual);
    EXPECT_EQ(opened.error(), errc::client_closed);
  });
}

#if UPSUN_HTTP2
TEST(BodyStreams, HaveConnectionsOfTheirOwnOnceTheHostIsKnownToSpeakHttp1) {
  const scripted_server server(
      {act::read_head(), act::send(chunked_head + "4\r\none\n\r\n0\r\n\r\n"), act::close()},
      {.tls = true});
  client_config config = config_for(server);
  config.http.version = http_version::automatic;
  run([&]() -> awaitable<void> {
    const auto network = transport_to(config, co_await asio::this_coro::executor);
    for (const std::size_t connections : {2u, 3u}) {
      auto opened = co_await open(*network, usual);
      const auto all = co_await read_all(*opened.value().body);
      EXPECT_EQ(all.first, "one\n");
      EXPECT_EQ(server.connections(), connections) << "the pool's is dialled once";
      EXPECT_EQ(network->statistics().dials, 1u);
      EXPECT_EQ(network->statistics().leased, 0u);
    }
    network->shutdown();
  });
}

TEST(BodyStreams, EndAtEveryStepOfFindingOutWhatTheHostSpeaks) {
  const scripted_server server({act::read_head(), act::stall()}, {.tls = true});
  client_config config = config_for(server);
  config.http.version = http_version::automatic;
  const int last = 40;
  for (int turns = 0; turns <= last; ++turns) {
    run([&]() -> awaitable<void> {
      const auto network = transport_to(config, co_await asio::this_coro::executor);
      const auto before = [&]() -> awaitable<void> {
        co_await wait_turns(turns);
        // At last: the pool has its connection back, and the stream dials its own.
        while (turns == last && network->statistics().idle == 0) co_await wait_turns(1);
      };
      const bool right = co_await ends_when_cancelled(*network, before);
      EXPECT_TRUE(right) << turns;
    });
  }
}
#endif

TEST(BodyStreams, ComeWholeFromATransportThatHasNone) {
  run([&]() -> awaitable<void> {
    fake_transport fake(co_await asio::this_coro::executor);
    fake.push(fake_transport::json("{}"));
    auto opened = co_await open(fake, usual);
    EXPECT_EQ(opened.value().head.body, "{}");
    EXPECT_EQ(opened->body, nullptr);
    opened = co_await open(fake, usual);
    EXPECT_EQ(opened.error(), errc::connect_failed);
  });
}

}  // namespace body_stream_test
}  // namespace upsun::testing
