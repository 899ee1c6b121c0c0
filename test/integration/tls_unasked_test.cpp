// What stands in a connection before a request is written on it, within TLS and below.

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "http/http1/connection.hpp"
#include "support/certificate_maker.hpp"
#include "support/responses.hpp"
#include "support/tls_pair.hpp"

namespace upsun::http {
namespace tls_unasked_test {

namespace test = upsun::test;
using test::made_certificate;
using test::make_certificate;

const std::string host = "api.example.test";

struct no_owner final : connection_owner {
  void on_finished(connection&, exchange_outcome&&) override { ++finished; }
  void on_idle_death(connection&) override {}
  void on_capacity(connection&, const stream_capacity&) override {}
  int finished = 0;
};

class UnaskedBytes : public ::testing::TestWithParam<int> {
 protected:
  /// What becomes of an exchange that begins on a connection after `before`: nothing while it was
  /// written and waits for its response.
  std::optional<exchange_outcome> begin_after(const std::function<void(test::tls_pair&)>& before) {
    const auto server = test::make_server_side(own_.pem(), own_.key_pem(), [](SSL_CTX* c) {
      SSL_CTX_set_min_proto_version(c, GetParam());
      SSL_CTX_set_max_proto_version(c, GetParam());
    });
    const tls_context context({.ca_pem = root_.pem()}, host);
    test::tls_pair pair(context, server.get());
    EXPECT_EQ(pair.shake().status, io_status::done) << pair.failure().cause;
    boost::asio::io_context io;
    const auto watch = std::make_shared<readiness>(io.get_executor());
    const auto owner = std::make_shared<no_owner>();
    const auto one = std::make_shared<http1_connection>(connection_id{1}, pair.take_socket(),
                                                        std::move(pair.client()), std::nullopt,
                                                        limit_options{}, false, watch, owner);
    one->start();
    io.poll();
    before(pair);
    auto e = std::make_shared<exchange>();
    e->home = owner;
    e->bytes = "GET / HTTP/1.1\r\n\r\n";
    e->reused = true;
    auto outcome = one->begin(e);
    EXPECT_EQ(e->written, outcome ? 0 : e->bytes.size());
    EXPECT_EQ(owner->finished, 0);
    if (!outcome) (void)one->abort(e, errc::cancelled);
    return outcome;
  }

  const made_certificate root_ = make_certificate(test::authority_plan("Trusted root"));
  const made_certificate own_ = make_certificate(test::server_plan({host}), &root_);
};
INSTANTIATE_TEST_SUITE_P(Of, UnaskedBytes, ::testing::Values(TLS1_2_VERSION, TLS1_3_VERSION),
                         [](const auto& one) {
                           return std::string(one.param == TLS1_2_VERSION ? "Tls12" : "Tls13");
                         });

TEST_P(UnaskedBytes, OfAResponseEndTheConnection) {
  for (const std::string& text : {test::json_response(), std::string("H")}) {
    const auto outcome = begin_after([&](test::tls_pair& pair) {
      SSL_write(pair.server(), text.data(), static_cast<int>(text.size()));
      pair.carry();
    });
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->failure.code, errc::connection_closed);
    EXPECT_TRUE(outcome->stale);
  }
}

TEST_P(UnaskedBytes, OfHalfARecordEndTheConnection) {
  for (const std::size_t size : {1U, 5U, 20U}) {
    const auto outcome = begin_after([&](test::tls_pair& pair) {
      pair.send_raw(("\x17\x03\x03\x01\x20" + std::string(20, 'x')).substr(0, size));
    });
    ASSERT_TRUE(outcome) << size;
    EXPECT_EQ(outcome->failure.code, errc::connection_closed);
    EXPECT_TRUE(outcome->stale);
  }
}

TEST_P(UnaskedBytes, OfAnEndEndTheConnection) {
  EXPECT_TRUE(begin_after([](test::tls_pair& pair) {
    SSL_shutdown(pair.server());
    pair.carry();
  }));
}

TEST_P(UnaskedBytes, OfNewTicketsAreTakenIn) {
  EXPECT_FALSE(begin_after([](test::tls_pair& pair) {
    if (GetParam() != TLS1_3_VERSION) return;
    SSL_new_session_ticket(pair.server());
    SSL_do_handshake(pair.server());
    pair.carry();
  }));
}

}  // namespace tls_unasked_test
}  // namespace upsun::http
