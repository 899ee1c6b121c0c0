#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "support/certificate_maker.hpp"
#include "support/tls_pair.hpp"

// Which TLS sessions a client resumes, and for how long.

namespace upsun::http {
namespace tls_sessions_test {

namespace test = upsun::test;
using namespace std::chrono_literals;
using test::authority_plan;
using test::certificate_plan;
using test::made_certificate;
using test::make_certificate;

const std::string host = "api.example.test";

/// Valid since an hour ago.
certificate_plan valid_until(certificate_plan plan, std::chrono::seconds end) {
  plan.begins = -1h;
  plan.ends = end;
  return plan;
}

class Resumption : public ::testing::TestWithParam<int> {
 protected:
  /// One connection that ends in order. \return whether it resumed a session.
  static bool connect(const tls_context& client, SSL_CTX* server,
                      tls_context::wall_time now = std::chrono::system_clock::now()) {
    test::tls_pair pair(client, server, now);
    EXPECT_EQ(pair.shake().status, io_status::done) << pair.failure().cause;
    EXPECT_EQ(pair.deliver("hello"), "hello");
    return pair.resumed();
  }
  /// A server of this version, with what else `also` sets and the certificates `beside` its own.
  static openssl_ptr<SSL_CTX> serve(const made_certificate& own,
                                    const test::server_setup& also = {},
                                    const std::string& beside = {}) {
    return test::make_server_side(own.pem() + beside, own.key_pem(), [&](SSL_CTX* c) {
      SSL_CTX_set_min_proto_version(c, GetParam());
      SSL_CTX_set_max_proto_version(c, GetParam());
      if (also) also(c);
    });
  }
  static void expect_refused(const tls_context& client, SSL_CTX* server,
                             tls_context::wall_time now) {
    test::tls_pair pair(client, server, now);
    EXPECT_EQ(pair.shake().status, io_status::failed);
    EXPECT_EQ(pair.failure().code, errc::tls_certificate_refused) << pair.failure().cause;
  }

  const made_certificate root = make_certificate(authority_plan("Trusted root"));
  const made_certificate own = make_certificate(test::server_plan({host}), &root);
  const openssl_ptr<SSL_CTX> server = serve(own);
  const made_certificate swapped =
      make_certificate(test::server_plan({"other.example.test"}), &root);
  const tls_options trusting{.ca_pem = root.pem()};
  const tls_context::wall_time now = std::chrono::system_clock::now();
};
INSTANTIATE_TEST_SUITE_P(Of, Resumption, ::testing::Values(TLS1_2_VERSION, TLS1_3_VERSION),
                         [](const auto& one) {
                           return std::string(one.param == TLS1_2_VERSION ? "Tls12" : "Tls13");
                         });

TEST_P(Resumption, ResumesWhatHadBeenVerified) {
  const tls_context client(trusting, host);
  EXPECT_FALSE(connect(client, server.get()));
  EXPECT_TRUE(connect(client, server.get()));
}

TEST_P(Resumption, ShowsNoSessionOfOneContextToAnother) {
  tls_options careless{.dangerous_accept_any_certificate = true};
  tls_options pinning = trusting;
  pinning.pinned_keys = {own.pin()};
  tls_options checking = trusting;
  checking.crl_pem = test::make_crl(root, {});
  const tls_options all[] = {trusting, trusting, careless, pinning, checking};
  std::vector<tls_context> clients;
  for (const tls_options& options : all) clients.emplace_back(options, host);
  for (const tls_context& client : clients) EXPECT_FALSE(connect(client, server.get()));
  for (const tls_context& client : clients) EXPECT_TRUE(connect(client, server.get()));
}

TEST_P(Resumption, OffersNothingOnceItsTrustHasRunOut) {
  const tls_context client(trusting, host);
  EXPECT_FALSE(connect(client, server.get(), now));
  EXPECT_FALSE(connect(client, server.get(), now + tls_context::longest_trust + 1min));
}

TEST_P(Resumption, OffersNothingAfterTheEndOfACertificateOfTheChain) {
  for (const bool of_the_leaf : {true, false}) {
    const auto issuer =
        make_certificate(valid_until(authority_plan("Brief"), of_the_leaf ? 48h : 10min), &root);
    const auto brief = make_certificate(
        valid_until(test::server_plan({host}), of_the_leaf ? 10min : 48h), &issuer);
    const auto at = serve(brief, {}, issuer.pem());
    const tls_context early(trusting, host);
    const tls_context late(trusting, host);
    for (const tls_context* client : {&early, &late}) EXPECT_FALSE(connect(*client, at.get(), now));
    EXPECT_TRUE(connect(early, at.get(), now + 9min));
    EXPECT_FALSE(connect(late, at.get(), now + 11min));
  }
}

TEST_P(Resumption, ChecksACertificateSwappedUnderOtherTicketKeys) {
  const tls_context client(trusting, host);
  EXPECT_FALSE(connect(client, server.get()));
  const auto successor = serve(swapped);  // cannot read the tickets
  expect_refused(client, successor.get(), now);
}

TEST_P(Resumption, ChecksACertificateSwappedUnderTheSameTicketKeysAtTheNextFullHandshake) {
  const tls_context client(trusting, host);
  EXPECT_FALSE(connect(client, server.get(), now));
  const auto successor = serve(swapped, [&](SSL_CTX* c) {
    unsigned char keys[80];
    ASSERT_EQ(SSL_CTX_get_tlsext_ticket_keys(server.get(), keys, sizeof keys), 1);
    ASSERT_EQ(SSL_CTX_set_tlsext_ticket_keys(c, keys, sizeof keys), 1);
  });
  EXPECT_TRUE(connect(client, successor.get(), now)) << "it proves to be the one that was verified";
  expect_refused(client, successor.get(), now + tls_context::longest_trust + 1min);
}

TEST_P(Resumption, TakesAnOption) {
  tls_options without = trusting;
  without.session_tickets = false;
  const tls_context client(without, host);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(connect(client, server.get()));
}

using ResumptionOfTls13 = Resumption;
INSTANTIATE_TEST_SUITE_P(Of, ResumptionOfTls13, ::testing::Values(TLS1_3_VERSION),
                         [](const auto&) { return std::string("Tls13"); });

TEST_P(ResumptionOfTls13, TrustsNoLongerThanTheLastFullHandshakeAllowedHoweverOftenItResumes) {
  const auto brief = make_certificate(valid_until(test::server_plan({host}), 10min), &root);
  const auto at = serve(brief);
  const tls_context client(trusting, host);
  EXPECT_FALSE(connect(client, at.get(), now));
  for (int i = 0; i < 12; ++i) EXPECT_TRUE(connect(client, at.get(), now));
  EXPECT_FALSE(connect(client, at.get(), now + 11min))
      << "although the newest ticket would live for hours";
}

TEST_P(ResumptionOfTls13, ResumesAfterConnectionsThatEndedBadly) {
  const tls_context client(trusting, host);
  for (int i = 0; i < 20; ++i) {
    test::tls_pair pair(client, server.get());
    ASSERT_EQ(pair.shake().status, io_status::done);
    EXPECT_EQ(pair.resumed(), i > 0) << i;
    EXPECT_EQ(pair.deliver("hello"), "hello");
    pair.send_raw("not a TLS record");
    char byte = 0;
    EXPECT_EQ(pair.client().read({&byte, 1}).status, io_status::failed);
  }
}

TEST_P(ResumptionOfTls13, OffersEachTicketOnce) {
  const auto one_ticket = serve(own, [](SSL_CTX* c) { SSL_CTX_set_num_tickets(c, 1); });
  const tls_context client(trusting, host);
  EXPECT_FALSE(connect(client, one_ticket.get()));
  test::tls_pair first(client, one_ticket.get());
  test::tls_pair second(client, one_ticket.get());
  EXPECT_EQ(first.shake().status, io_status::done);
  EXPECT_EQ(second.shake().status, io_status::done);
  EXPECT_TRUE(first.resumed());
  EXPECT_FALSE(second.resumed());
}

TEST_P(Resumption, OffersNoTicketBeyondTheLifetimeItsServerGaveIt) {
  SSL_CTX_set_timeout(server.get(), 60);
  const tls_context early(trusting, host);
  const tls_context late(trusting, host);
  for (const tls_context* client : {&early, &late})
    EXPECT_FALSE(connect(*client, server.get(), now));
  EXPECT_TRUE(connect(early, server.get(), now + 50s));
  EXPECT_FALSE(connect(late, server.get(), now + 70s));
}

TEST_P(ResumptionOfTls13, OutlivesItsContextWithItsConnections) {
  std::optional<tls_context> client(std::in_place, trusting, host);
  test::tls_pair pair(*client, server.get());
  ASSERT_EQ(pair.shake().status, io_status::done);
  client.reset();
  EXPECT_EQ(pair.deliver("hello"), "hello") << "the tickets come with it, to nobody";
}

TEST_P(Resumption, WorksOnAfterItsBuffersWereFreed) {
  const tls_context client(trusting, host);
  test::tls_pair pair(client, server.get());
  ASSERT_EQ(pair.shake().status, io_status::done);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(pair.deliver("hello"), "hello");
    pair.client().free_buffers();
    EXPECT_EQ(pair.client().write("request").bytes, 7U);
    pair.carry();
  }
}

}  // namespace tls_sessions_test
}  // namespace upsun::http
