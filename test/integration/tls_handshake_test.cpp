#include <gtest/gtest.h>
#include <openssl/err.h>

#include <string>
#include <tuple>
#include <utility>

#include "support/certificate_maker.hpp"
#include "support/tls_pair.hpp"

// Handshakes that do not come to their end, and one that is asked for again.

namespace upsun::http {
namespace tls_handshake_test {

namespace test = upsun::test;
using test::cut;
using test::made_certificate;
using test::make_certificate;

const std::string host = "api.example.test";

const made_certificate& root() {
  static const made_certificate made = make_certificate(test::authority_plan("Trusted root"));
  return made;
}

/// A server with a certificate for `host`, set up so.
openssl_ptr<SSL_CTX> make_server(const test::server_setup& setup) {
  const made_certificate own = make_certificate(test::server_plan({host}), &root());
  return test::make_server_side(own.pem(), own.key_pem(), setup);
}

class NotTls : public ::testing::TestWithParam<std::pair<const char*, std::string>> {};
INSTANTIATE_TEST_SUITE_P(
    Sent, NotTls,
    ::testing::Values(
        std::pair("PlainHttp",
                  std::string("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")),
        std::pair("Garbage", std::string(200, '\xee')), std::pair("Zeros", std::string(200, '\0')),
        std::pair("AnAlert", std::string("\x15\x03\x03\x00\x02\x02\x28", 7)),
        std::pair("DataBeforeTheHandshake", std::string("\x17\x03\x03\x00\x05hello", 10)),
        std::pair("AnOversizeRecord",
                  std::string("\x16\x03\x03\xff\xff", 5) + std::string(200, 'a')),
        std::pair("AnEmptyServerHello", std::string("\x16\x03\x03\x00\x04\x02\x00\x00\x00", 9))),
    [](const auto& one) { return std::string(one.param.first); });

TEST_P(NotTls, FailsTheHandshake) {
  const tls_context client({.ca_pem = root().pem()}, host);
  test::tls_pair pair(client, nullptr);
  ASSERT_EQ(pair.client().handshake().status, io_status::want_read);
  pair.send_raw(GetParam().second);
  ASSERT_EQ(pair.client().handshake().status, io_status::failed);
  EXPECT_EQ(pair.failure().code, errc::tls_handshake_failed) << pair.failure().cause;
  EXPECT_FALSE(pair.failure().cause.empty());
}

class CutHandshake : public ::testing::TestWithParam<std::tuple<int, cut>> {};
INSTANTIATE_TEST_SUITE_P(At, CutHandshake,
                         ::testing::Combine(::testing::Values(TLS1_2_VERSION, TLS1_3_VERSION),
                                            ::testing::Values(cut::end, cut::reset)),
                         [](const auto& one) {
                           return std::string(std::get<0>(one.param) == TLS1_2_VERSION ? "Tls12"
                                                                                       : "Tls13") +
                                  (std::get<1>(one.param) == cut::end ? "ByFin" : "ByRst");
                         });

TEST_P(CutHandshake, FailsWhereverItIsCut) {
  const auto [version, how] = GetParam();
  const auto server = make_server([version = version](SSL_CTX* c) {
    SSL_CTX_set_min_proto_version(c, version);
    SSL_CTX_set_max_proto_version(c, version);
    SSL_CTX_set_num_tickets(c, 0);  // the handshake's bytes alone
  });
  const tls_context client({.ca_pem = root().pem(), .session_tickets = false}, host);
  test::tls_pair whole(client, server.get());
  ASSERT_EQ(whole.shake().status, io_status::done);
  ASSERT_GT(whole.sent(), 500u);
  const std::size_t least = whole.sent() - 16;  // the length of signatures varies
  for (std::size_t at = 0; at < least; at += 7) {
    test::tls_pair pair(client, server.get());
    ASSERT_EQ(pair.shake_cut(at, how).status, io_status::failed) << "after " << at << " bytes";
    EXPECT_EQ(pair.failure().code, errc::tls_handshake_failed) << at;
    EXPECT_FALSE(pair.failure().cause.empty()) << at;
  }
}

TEST(Renegotiation, IsRefused) {
  const auto server = make_server(
      [](SSL_CTX* c) { SSL_CTX_set_max_proto_version(c, TLS1_2_VERSION); });  // TLS 1.3 has none
  const tls_context client({.ca_pem = root().pem()}, host);
  test::tls_pair pair(client, server.get());
  ASSERT_EQ(pair.shake().status, io_status::done);
  ASSERT_EQ(SSL_renegotiate(pair.server()), 1);
  ASSERT_EQ(SSL_do_handshake(pair.server()), 1);
  pair.carry();
  char byte = 0;
  EXPECT_EQ(pair.client().read({&byte, 1}).status, io_status::want_read);
  pair.carry();
  EXPECT_LE(SSL_read(pair.server(), &byte, 1), 0);
  EXPECT_EQ(ERR_GET_REASON(ERR_peek_error()), SSL_R_NO_RENEGOTIATION) << "the client's alert";
  ERR_clear_error();
}

}  // namespace tls_handshake_test
}  // namespace upsun::http
