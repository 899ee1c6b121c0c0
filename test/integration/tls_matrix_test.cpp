#include <gtest/gtest.h>
#include <openssl/err.h>

#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "support/certificate_maker.hpp"
#include "support/tls_pair.hpp"

namespace upsun::http {
namespace tls_matrix_test {

using namespace std::chrono_literals;
using upsun::test::certificate_plan;
using upsun::test::key_kind;
using upsun::test::made_certificate;
using upsun::test::make_certificate;
using upsun::test::make_crl;

const std::string host = "api.example.test";

certificate_plan authority(const std::string& name,
                           const std::string& constraints = "critical,CA:TRUE") {
  return {.common_name = name,
          .extensions = {{"basicConstraints", constraints},
                         {"keyUsage", "critical,keyCertSign,cRLSign"},
                         {"subjectKeyIdentifier", "hash"}}};
}

certificate_plan leaf(std::vector<std::string> dns = {host},
                      std::vector<std::string> addresses = {}) {
  return {.common_name = "leaf",
          .dns_names = std::move(dns),
          .addresses = std::move(addresses),
          .extensions = {{"basicConstraints", "critical,CA:FALSE"},
                         {"keyUsage", "critical,digitalSignature"},
                         {"extendedKeyUsage", "serverAuth"}}};
}

template <class Change>
certificate_plan changed(certificate_plan plan, Change change) {
  change(plan);
  return plan;
}
certificate_plan dated(certificate_plan plan, std::chrono::seconds begins,
                       std::chrono::seconds ends) {
  return changed(std::move(plan), [&](auto& p) {
    p.begins = begins;
    p.ends = ends;
  });
}
certificate_plan keyed(certificate_plan plan, key_kind key) {
  return changed(std::move(plan), [&](auto& p) { p.key = key; });
}
certificate_plan digested(certificate_plan plan, const std::string& digest) {
  return changed(std::move(plan), [&](auto& p) { p.digest = digest; });
}
certificate_plan with(certificate_plan plan, const std::string& extension,
                      const std::string& value) {
  return changed(std::move(plan), [&](auto& p) {
    for (auto& [name, old] : p.extensions) {
      if (name == extension) {
        old = value;
        return;
      }
    }
    p.extensions.emplace_back(extension, value);
  });
}
certificate_plan without(certificate_plan plan, const std::string& extension) {
  return changed(std::move(plan), [&](auto& p) {
    std::erase_if(p.extensions, [&](const auto& e) { return e.first == extension; });
  });
}

const made_certificate& root() {
  static const made_certificate made = make_certificate(authority("Trusted root"));
  return made;
}
const made_certificate& intermediate() {
  static const made_certificate made = make_certificate(authority("Intermediate"), &root());
  return made;
}

/// What a client with these settings meets when it asks for `host`.
struct meeting {
  std::string chain;  ///< Presented by the server, its own certificate first.
  std::string key;
  std::string host = host;
  tls_options client{.ca_pem = root().pem()};
  upsun::test::server_setup server{};
};

meeting presenting(const made_certificate& own, const std::vector<made_certificate>& beside = {},
                   const std::string& asked = host) {
  meeting made{.chain = own.pem(), .key = own.key_pem(), .host = asked};
  for (const auto& each : beside) made.chain += each.pem();
  return made;
}
meeting issued(const certificate_plan& plan, const std::string& asked = host) {
  return presenting(make_certificate(plan, &root()), {}, asked);
}
/// A leaf below an authority of this plan, below the trusted root.
meeting below(const certificate_plan& issuer, const certificate_plan& plan = leaf()) {
  const made_certificate made = make_certificate(issuer, &root());
  return presenting(make_certificate(plan, &made), {made});
}
template <class Change>
meeting but(meeting m, Change change) {
  change(m);
  return m;
}
meeting checking_crl(const std::string& crl, const made_certificate& server) {
  return but(presenting(server), [&](meeting& m) { m.client.crl_pem = crl; });
}

const std::string accepted;  // no cause

struct row {
  const char* name;
  std::function<meeting()> make;
  std::string cause;  ///< Empty: accepted. Else part of what the refusal says.
  errc code = errc::tls_certificate_refused;
};
std::ostream& operator<<(std::ostream& out, const row& r) { return out << r.name; }

int choose_h2(SSL*, const unsigned char** out, unsigned char* size, const unsigned char*,
              unsigned int, void*) {
  static constexpr unsigned char h2[] = {'h', '2'};
  *out = h2;
  *size = sizeof h2;
  return SSL_TLSEXT_ERR_OK;
}
int choose_nothing(SSL*, const unsigned char**, unsigned char*, const unsigned char*, unsigned int,
                   void*) {
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

meeting served(upsun::test::server_setup setup) {
  return but(issued(leaf()), [&](meeting& m) { m.server = std::move(setup); });
}

const std::vector<row> rows = {
    // ---- chains
    {"ALeafOfTheRoot", [] { return issued(leaf()); }, accepted},
    {"ALeafWithRsa2048", [] { return issued(keyed(leaf(), key_kind::rsa_2048)); }, accepted},
    {"ALeafWithItsIntermediate",
     [] { return presenting(make_certificate(leaf(), &intermediate()), {intermediate()}); },
     accepted},
    {"ALeafWithoutItsIntermediate",
     [] { return presenting(make_certificate(leaf(), &intermediate())); },
     "unable to get local issuer certificate"},
    {"ASelfSignedLeaf", [] { return presenting(make_certificate(leaf())); },
     "self-signed certificate"},
    {"AnUntrustedRoot",
     [] {
       const auto stranger = make_certificate(authority("Stranger"));
       return presenting(make_certificate(leaf(), &stranger), {stranger});
     },
     "self-signed certificate in certificate chain"},
    {"AnImpostorOfTheRootsName",
     [] {
       const auto impostor = make_certificate(authority("Trusted root"));
       return presenting(make_certificate(leaf(), &impostor));
     },
     "certificate signature failure"},
    {"ALeafThatIssues",
     [] {
       const auto issuer =
           make_certificate(changed(leaf(), [](auto& p) { p.common_name = "Upstart"; }), &root());
       return presenting(make_certificate(leaf(), &issuer), {issuer});
     },
     "invalid CA certificate"},
    {"AnIntermediateWithoutBasicConstraints",
     [] { return below(without(authority("Bare"), "basicConstraints")); },
     "invalid CA certificate"},
    {"AnIntermediateThatMayNotSignCertificates",
     [] { return below(with(authority("Unfit"), "keyUsage", "critical,digitalSignature")); },
     "invalid CA certificate"},
    {"APathLengthKept", [] { return below(authority("Short", "critical,CA:TRUE,pathlen:0")); },
     accepted},
    {"APathLengthExceeded",
     [] {
       const auto upper =
           make_certificate(authority("Short", "critical,CA:TRUE,pathlen:0"), &root());
       const auto lower = make_certificate(authority("Lower"), &upper);
       return presenting(make_certificate(leaf(), &lower), {lower, upper});
     },
     "path length constraint exceeded"},
    {"NameConstraintsKept",
     [] {
       return below(
           with(authority("Confined"), "nameConstraints", "critical,permitted;DNS:example.test"));
     },
     accepted},
    {"NameConstraintsViolated",
     [] {
       return below(
           with(authority("Confined"), "nameConstraints", "critical,permitted;DNS:other.test"));
     },
     "permitted subtree violation"},
    {"AnExcludedName",
     [] {
       return below(
           with(authority("Confined"), "nameConstraints", "critical,excluded;DNS:example.test"));
     },
     "excluded subtree violation"},
    {"AnUnknownCriticalExtension",
     [] { return issued(with(leaf(), "1.2.3.4.5", "critical,ASN1:UTF8String:what")); },
     "unhandled critical extension"},

    // ---- dates
    {"AnExpiredLeaf", [] { return issued(dated(leaf(), -48h, -1h)); }, "certificate has expired"},
    {"ALeafNotYetValid", [] { return issued(dated(leaf(), 1h, 48h)); },
     "certificate is not yet valid"},
    {"AnExpiredIntermediate", [] { return below(dated(authority("Old"), -48h, -1h)); },
     "certificate has expired"},
    {"AnIntermediateNotYetValid", [] { return below(dated(authority("Young"), 1h, 48h)); },
     "certificate is not yet valid"},
    {"AnExpiredRoot",
     [] {
       const auto old = make_certificate(dated(authority("Old root"), -48h, -1h));
       return but(presenting(make_certificate(leaf(), &old)),
                  [&](meeting& m) { m.client.ca_pem = old.pem(); });
     },
     "certificate has expired"},

    // ---- names
    {"AnotherHost", [] { return issued(leaf({"other.example.test"})); }, "hostname mismatch"},
    {"ANameInAnotherCase", [] { return issued(leaf({"API.Example.TEST"})); }, accepted},
    {"TheSecondOfTwoNames",
     [] {
       return issued(leaf({"other.example.test", host}));
     },
     accepted},
    {"ANameInTheCommonNameOnly",
     [] { return issued(changed(leaf({}), [](auto& p) { p.common_name = host; })); },
     "hostname mismatch"},
    {"AWildcard", [] { return issued(leaf({"*.example.test"})); }, accepted},
    {"AWildcardForTwoLabels", [] { return issued(leaf({"*.example.test"}), "a.api.example.test"); },
     "hostname mismatch"},
    {"AWildcardForTheDomainItself", [] { return issued(leaf({"*.example.test"}), "example.test"); },
     "hostname mismatch"},
    {"ABareWildcard", [] { return issued(leaf({"*"}), "localhost"); }, "hostname mismatch"},
    {"AWildcardTopLevel", [] { return issued(leaf({"*.test"}), "example.test"); },
     "hostname mismatch"},
    {"AWildcardInsideALabel", [] { return issued(leaf({"a*.example.test"})); },
     "hostname mismatch"},
    {"AWildcardInTheMiddle", [] { return issued(leaf({"api.*.test"})); }, "hostname mismatch"},
    {"TwoWildcards", [] { return issued(leaf({"*.*.test"})); }, "hostname mismatch"},
    {"ANulInTheName", [] { return issued(leaf({host + std::string("\0.evil.test", 11)})); },
     "hostname mismatch"},
    {"ANameWithATrailingDot", [] { return issued(leaf({host + "."})); }, "hostname mismatch"},
    {"AnEmptyName", [] { return issued(leaf({""})); }, "hostname mismatch"},
    {"AnAddress", [] { return issued(leaf({}, {"192.0.2.1"}), "192.0.2.1"); }, accepted},
    {"AnIpv6AddressInAnotherSpelling",
     [] { return issued(leaf({}, {"2001:DB8:0:0:0:0:0:1"}), "2001:db8::1"); }, accepted},
    {"AnotherAddress", [] { return issued(leaf({}, {"192.0.2.2"}), "192.0.2.1"); },
     "IP address mismatch"},
    {"AnAddressAsADnsName", [] { return issued(leaf({"192.0.2.1"}), "192.0.2.1"); },
     "IP address mismatch"},
    {"AnAddressInTheCommonNameOnly",
     [] {
       return issued(changed(leaf({}), [](auto& p) { p.common_name = "192.0.2.1"; }), "192.0.2.1");
     },
     "IP address mismatch"},
    {"AWildcardForAnAddress", [] { return issued(leaf({"*.0.2.1"}), "192.0.2.1"); },
     "IP address mismatch"},

    // ---- purpose and strength
    {"ACertificateForClientsOnly",
     [] { return issued(with(leaf(), "extendedKeyUsage", "clientAuth")); },
     "unsuitable certificate purpose"},
    {"AnIntermediateForClientsOnly",
     [] { return below(with(authority("Other trade"), "extendedKeyUsage", "clientAuth")); },
     "unsuitable certificate purpose"},
    {"NoStatedPurpose", [] { return issued(without(leaf(), "extendedKeyUsage")); }, accepted},
    {"AWeakKey", [] { return issued(keyed(leaf(), key_kind::rsa_1024)); },
     "EE certificate key too weak"},
    {"AWeakKeyOfAnIntermediate", [] { return below(keyed(authority("Weak"), key_kind::rsa_1024)); },
     "CA certificate key too weak"},
    {"ASha1Signature", [] { return issued(digested(leaf(), "SHA1")); },
     "CA signature digest algorithm too weak"},
    {"ASha1SignatureOfAnIntermediate", [] { return below(digested(authority("Sha1"), "SHA1")); },
     "CA signature digest algorithm too weak"},
    {"AnMd5Signature",
     [] {
       static const auto rsa_root =
           make_certificate(keyed(authority("RSA root"), key_kind::rsa_2048));
       return but(presenting(make_certificate(digested(leaf(), "MD5"), &rsa_root)),
                  [&](meeting& m) { m.client.ca_pem = rsa_root.pem(); });
     },
     "CA signature digest algorithm too weak"},

    // ---- revocation
    {"NotRevoked",
     [] { return checking_crl(make_crl(root(), {}), make_certificate(leaf(), &root())); },
     accepted},
    {"Revoked",
     [] {
       const auto own = make_certificate(leaf(), &root());
       return checking_crl(make_crl(root(), {own}), own);
     },
     "certificate revoked"},
    {"ARevokedIntermediate",
     [] {
       return but(
           presenting(make_certificate(leaf(), &intermediate()), {intermediate()}), [](meeting& m) {
             m.client.crl_pem = make_crl(root(), {intermediate()}) + make_crl(intermediate(), {});
           });
     },
     "certificate revoked"},
    {"ACurrentListOfEachIssuer",
     [] {
       return but(presenting(make_certificate(leaf(), &intermediate()), {intermediate()}),
                  [](meeting& m) {
                    m.client.crl_pem = make_crl(root(), {}) + make_crl(intermediate(), {});
                  });
     },
     accepted},
    {"NoListOfOneIssuer",
     [] {
       return but(presenting(make_certificate(leaf(), &intermediate()), {intermediate()}),
                  [](meeting& m) { m.client.crl_pem = make_crl(root(), {}); });
     },
     "unable to get certificate CRL"},
    {"AnExpiredList",
     [] { return checking_crl(make_crl(root(), {}, -1h), make_certificate(leaf(), &root())); },
     "CRL has expired"},
    {"AListByAnImpostor",
     [] {
       return checking_crl(make_crl(make_certificate(authority("Trusted root")), {}),
                           make_certificate(leaf(), &root()));
     },
     "CRL signature failure"},

    // ---- pinning
    {"APinnedLeaf",
     [] {
       const auto own = make_certificate(leaf(), &root());
       return but(presenting(own), [&](meeting& m) {
         m.client.pinned_keys = {intermediate().pin(), own.pin()};
       });
     },
     accepted},
    {"APinnedRoot",
     [] { return but(issued(leaf()), [](meeting& m) { m.client.pinned_keys = {root().pin()}; }); },
     accepted},
    {"NoPinnedKey",
     [] {
       return but(issued(leaf()),
                  [](meeting& m) { m.client.pinned_keys = {intermediate().pin()}; });
     },
     "pinning"},
    {"APinnedKeyBesideTheChainOnly",
     [] {
       return but(presenting(make_certificate(leaf(), &root()), {intermediate()}),
                  [](meeting& m) { m.client.pinned_keys = {intermediate().pin()}; });
     },
     "pinning"},
    {"APinnedKeyOfAnExpiredLeaf",
     [] {
       const auto own = make_certificate(dated(leaf(), -48h, -1h), &root());
       return but(presenting(own), [&](meeting& m) { m.client.pinned_keys = {own.pin()}; });
     },
     "certificate has expired"},
    {"AnythingWhenToldSo",
     [] {
       return but(presenting(make_certificate(dated(leaf({}), -48h, -1h))),
                  [](meeting& m) { m.client = {.dangerous_accept_any_certificate = true}; });
     },
     accepted},
    {"AnythingWithThisKey",
     [] {
       const auto own = make_certificate(leaf({}));
       return but(presenting(own), [&](meeting& m) {
         m.client = {.dangerous_accept_any_certificate = true, .pinned_keys = {own.pin()}};
       });
     },
     accepted},
    {"AnythingWithoutThisKey",
     [] {
       return but(issued(leaf()), [](meeting& m) {
         m.client = {.dangerous_accept_any_certificate = true, .pinned_keys = {root().pin()}};
       });
     },
     "pinning"},

    // ---- versions, ciphers, protocols
    {"Tls12",
     [] { return served([](SSL_CTX* c) { SSL_CTX_set_max_proto_version(c, TLS1_2_VERSION); }); },
     accepted},
    {"Tls13",
     [] { return served([](SSL_CTX* c) { SSL_CTX_set_min_proto_version(c, TLS1_3_VERSION); }); },
     accepted},
    {"Tls11",
     [] { return served([](SSL_CTX* c) { SSL_CTX_set_max_proto_version(c, TLS1_1_VERSION); }); },
     "protocol version", errc::tls_handshake_failed},
    {"NoCommonCipher",
     [] {
       return served([](SSL_CTX* c) {
         SSL_CTX_set_max_proto_version(c, TLS1_2_VERSION);
         SSL_CTX_set_cipher_list(c, "NULL-SHA256");
       });
     },
     "handshake failure", errc::tls_handshake_failed},
    {"NoCommonCipherOfTls13",
     [] {
       return served([](SSL_CTX* c) {
         SSL_CTX_set_min_proto_version(c, TLS1_3_VERSION),
             SSL_CTX_set_ciphersuites(c, "TLS_AES_128_CCM_8_SHA256");
       });
     },
     "handshake failure", errc::tls_handshake_failed},
    {"AnotherProtocolThanOffered",
     [] { return served([](SSL_CTX* c) { SSL_CTX_set_alpn_select_cb(c, choose_h2, nullptr); }); },
     "bad extension", errc::tls_handshake_failed},
    {"NoProtocolInCommon",
     [] {
       return served([](SSL_CTX* c) { SSL_CTX_set_alpn_select_cb(c, choose_nothing, nullptr); });
     },
     "no application protocol", errc::tls_handshake_failed},
};

class TlsMatrix : public ::testing::TestWithParam<row> {};
INSTANTIATE_TEST_SUITE_P(Server, TlsMatrix, ::testing::ValuesIn(rows),
                         [](const auto& one) { return std::string(one.param.name); });

TEST_P(TlsMatrix, IsAcceptedOrRefusedForItsReason) {
  const meeting m = GetParam().make();
  const auto server = upsun::test::make_server_side(m.chain, m.key, m.server);
  const tls_context client(m.client, m.host);
  upsun::test::tls_pair pair(client, server.get());
  const io_result end = pair.shake();
  if (GetParam().cause.empty()) {
    ASSERT_EQ(end.status, io_status::done) << pair.failure().cause;
    EXPECT_EQ(pair.deliver("hello"), "hello");
    return;
  }
  ASSERT_EQ(end.status, io_status::failed);
  EXPECT_EQ(pair.failure().code, GetParam().code) << pair.failure().cause;
  EXPECT_NE(pair.failure().cause.find(GetParam().cause), std::string::npos) << pair.failure().cause;

  upsun::test::tls_pair again(client, server.get());
  EXPECT_EQ(again.shake().status, io_status::failed) << "and nothing of the first time lets it in";
  EXPECT_FALSE(again.resumed());
}

// ---- servers that do not shake hands

class NotTls : public ::testing::TestWithParam<std::pair<const char*, std::string>> {};
INSTANTIATE_TEST_SUITE_P(
    Answers, NotTls,
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
  upsun::test::tls_pair pair(client, nullptr);
  ASSERT_EQ(pair.client().handshake().status, io_status::want_read);
  pair.send_raw(GetParam().second);
  ASSERT_EQ(pair.client().handshake().status, io_status::failed);
  EXPECT_EQ(pair.failure().code, errc::tls_handshake_failed) << pair.failure().cause;
  EXPECT_FALSE(pair.failure().cause.empty());
}

class CutHandshake : public ::testing::TestWithParam<std::tuple<int, upsun::test::cut>> {};
INSTANTIATE_TEST_SUITE_P(
    At, CutHandshake,
    ::testing::Combine(::testing::Values(TLS1_2_VERSION, TLS1_3_VERSION),
                       ::testing::Values(upsun::test::cut::end, upsun::test::cut::reset)),
    [](const auto& one) {
      return std::string(std::get<0>(one.param) == TLS1_2_VERSION ? "Tls12" : "Tls13") +
             (std::get<1>(one.param) == upsun::test::cut::end ? "ByFin" : "ByRst");
    });

TEST_P(CutHandshake, FailsWhereverItIsCut) {
  const auto [version, how] = GetParam();
  const meeting m = issued(leaf());
  const auto server =
      upsun::test::make_server_side(m.chain, m.key, [version = version](SSL_CTX* c) {
        SSL_CTX_set_min_proto_version(c, version);
        SSL_CTX_set_max_proto_version(c, version);
        SSL_CTX_set_num_tickets(c, 0);  // the handshake's bytes alone
      });
  const tls_context client({.ca_pem = root().pem(), .session_tickets = false}, m.host);
  upsun::test::tls_pair whole(client, server.get());
  ASSERT_EQ(whole.shake().status, io_status::done);
  ASSERT_GT(whole.sent(), 500u);
  const std::size_t least = whole.sent() - 16;  // the length of signatures varies
  for (std::size_t at = 0; at < least; at += 7) {
    upsun::test::tls_pair pair(client, server.get());
    ASSERT_EQ(pair.shake_cut(at, how).status, io_status::failed) << "after " << at << " bytes";
    EXPECT_EQ(pair.failure().code, errc::tls_handshake_failed) << at;
    EXPECT_FALSE(pair.failure().cause.empty()) << at;
  }
}

// ---- resumption

class Resumption : public ::testing::TestWithParam<int> {
 protected:
  static upsun::test::server_setup only(int version) {
    return [version](SSL_CTX* c) {
      SSL_CTX_set_min_proto_version(c, version);
      SSL_CTX_set_max_proto_version(c, version);
    };
  }
  static upsun::test::server_setup of_this_version() { return only(GetParam()); }
  /// One connection that ends in order. \return whether it resumed a session.
  static bool connect(const tls_context& client, SSL_CTX* server,
                      tls_context::wall_time now = std::chrono::system_clock::now()) {
    upsun::test::tls_pair pair(client, server, now);
    EXPECT_EQ(pair.shake().status, io_status::done) << pair.failure().cause;
    EXPECT_EQ(pair.deliver("hello"), "hello");
    return pair.resumed();
  }
  const made_certificate own = make_certificate(leaf(), &root());
  const openssl_ptr<SSL_CTX> server =
      upsun::test::make_server_side(own.pem(), own.key_pem(), of_this_version());
  const tls_options trusting{.ca_pem = root().pem()};
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
  checking.crl_pem = make_crl(root(), {});
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
        make_certificate(dated(authority("Brief"), -1h, of_the_leaf ? 48h : 10min), &root());
    const auto brief = make_certificate(dated(leaf(), -1h, of_the_leaf ? 10min : 48h), &issuer);
    const auto at = upsun::test::make_server_side(brief.pem() + issuer.pem(), brief.key_pem(),
                                                  of_this_version());
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
  const auto swapped = make_certificate(leaf({"other.example.test"}), &root());
  const auto successor = upsun::test::make_server_side(
      swapped.pem(), swapped.key_pem(), of_this_version());  // cannot read the tickets
  upsun::test::tls_pair pair(client, successor.get());
  EXPECT_EQ(pair.shake().status, io_status::failed);
  EXPECT_EQ(pair.failure().code, errc::tls_certificate_refused) << pair.failure().cause;
}

TEST_P(Resumption, ChecksACertificateSwappedUnderTheSameTicketKeysAtTheNextFullHandshake) {
  const tls_context client(trusting, host);
  EXPECT_FALSE(connect(client, server.get(), now));
  const auto swapped = make_certificate(leaf({"other.example.test"}), &root());
  const auto successor =
      upsun::test::make_server_side(swapped.pem(), swapped.key_pem(), [&](SSL_CTX* c) {
        of_this_version()(c);
        unsigned char keys[80];
        ASSERT_EQ(SSL_CTX_get_tlsext_ticket_keys(server.get(), keys, sizeof keys), 1);
        ASSERT_EQ(SSL_CTX_set_tlsext_ticket_keys(c, keys, sizeof keys), 1);
      });
  EXPECT_TRUE(connect(client, successor.get(), now)) << "it proves to be the one that was verified";
  upsun::test::tls_pair pair(client, successor.get(), now + tls_context::longest_trust + 1min);
  EXPECT_EQ(pair.shake().status, io_status::failed);
  EXPECT_EQ(pair.failure().code, errc::tls_certificate_refused) << pair.failure().cause;
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
  const auto brief = make_certificate(dated(leaf(), -1h, 10min), &root());
  const auto at = upsun::test::make_server_side(brief.pem(), brief.key_pem(), of_this_version());
  const tls_context client(trusting, host);
  EXPECT_FALSE(connect(client, at.get(), now));
  for (int i = 0; i < 12; ++i) EXPECT_TRUE(connect(client, at.get(), now));
  EXPECT_FALSE(connect(client, at.get(), now + 11min))
      << "although the newest ticket would live for hours";
}

TEST_P(ResumptionOfTls13, ResumesAfterConnectionsThatEndedBadly) {
  const tls_context client(trusting, host);
  for (int i = 0; i < 20; ++i) {
    upsun::test::tls_pair pair(client, server.get());
    ASSERT_EQ(pair.shake().status, io_status::done);
    EXPECT_EQ(pair.resumed(), i > 0) << i;
    EXPECT_EQ(pair.deliver("hello"), "hello");
    pair.send_raw("not a TLS record");
    char byte = 0;
    EXPECT_EQ(pair.client().read({&byte, 1}).status, io_status::failed);
  }
}

TEST_P(ResumptionOfTls13, OffersEachTicketOnce) {
  const auto one_ticket = upsun::test::make_server_side(own.pem(), own.key_pem(), [](SSL_CTX* c) {
    only(TLS1_3_VERSION)(c);
    SSL_CTX_set_num_tickets(c, 1);
  });
  const tls_context client(trusting, host);
  EXPECT_FALSE(connect(client, one_ticket.get()));
  upsun::test::tls_pair first(client, one_ticket.get());
  upsun::test::tls_pair second(client, one_ticket.get());
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
  upsun::test::tls_pair pair(*client, server.get());
  ASSERT_EQ(pair.shake().status, io_status::done);
  client.reset();
  EXPECT_EQ(pair.deliver("hello"), "hello") << "the tickets come with it, to nobody";
}

TEST_P(Resumption, WorksOnAfterItsBuffersWereFreed) {
  const tls_context client(trusting, host);
  upsun::test::tls_pair pair(client, server.get());
  ASSERT_EQ(pair.shake().status, io_status::done);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(pair.deliver("hello"), "hello");
    pair.client().free_buffers();
    EXPECT_EQ(pair.client().write("request").bytes, 7U);
    pair.carry();
  }
}

TEST(Renegotiation, IsRefused) {
  const meeting m = served(
      [](SSL_CTX* c) { SSL_CTX_set_max_proto_version(c, TLS1_2_VERSION); });  // TLS 1.3 has none
  const auto server = upsun::test::make_server_side(m.chain, m.key, m.server);
  const tls_context client(m.client, m.host);
  upsun::test::tls_pair pair(client, server.get());
  ASSERT_EQ(pair.shake().status, io_status::done);
  ASSERT_EQ(SSL_renegotiate(pair.server()), 1);
  ASSERT_EQ(SSL_do_handshake(pair.server()), 1);
  pair.carry();
  char byte = 0;
  EXPECT_EQ(pair.client().read({&byte, 1}).status, io_status::want_read);
  pair.carry();
  EXPECT_LE(SSL_read(pair.server(), &byte, 1), 0);
  EXPECT_EQ(ERR_GET_REASON(ERR_peek_error()), SSL_R_NO_RENEGOTIATION)
      << "that is what the client has answered";
  ERR_clear_error();
}

}  // namespace tls_matrix_test
}  // namespace upsun::http
