#include <gtest/gtest.h>

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "support/certificate_maker.hpp"
#include "support/tls_pair.hpp"

// What a client makes of each certificate, chain and setting a TLS server can have.

namespace upsun::http {
namespace tls_matrix_test {

namespace test = upsun::test;
using namespace std::chrono_literals;
using test::authority_plan;
using test::certificate_plan;
using test::key_kind;
using test::made_certificate;
using test::make_certificate;
using test::make_crl;

const std::string host = "api.example.test";

// ---- plans, each with one thing changed

certificate_plan leaf(std::vector<std::string> dns = {host},
                      std::vector<std::string> addresses = {}) {
  return test::server_plan(std::move(dns), std::move(addresses));
}
certificate_plan leaf_named_only(const std::string& common_name) {
  certificate_plan plan = leaf({});
  plan.common_name = common_name;
  return plan;
}
certificate_plan dated(certificate_plan plan, std::chrono::seconds begins,
                       std::chrono::seconds ends) {
  plan.begins = begins;
  plan.ends = ends;
  return plan;
}
certificate_plan keyed(certificate_plan plan, key_kind key) {
  plan.key = key;
  return plan;
}
certificate_plan digested(certificate_plan plan, const std::string& digest) {
  plan.digest = digest;
  return plan;
}
certificate_plan without(certificate_plan plan, const std::string& extension) {
  std::erase_if(plan.extensions, [&](const auto& e) { return e.first == extension; });
  return plan;
}
certificate_plan with(const certificate_plan& plan, const std::string& extension,
                      const std::string& value) {
  certificate_plan changed = without(plan, extension);
  changed.extensions.emplace_back(extension, value);
  return changed;
}
/// An authority that may have no authorities below it.
certificate_plan last_authority() {
  return with(authority_plan("Short"), "basicConstraints", "critical,CA:TRUE,pathlen:0");
}
certificate_plan confined_authority(const std::string& constraint) {
  return with(authority_plan("Confined"), "nameConstraints", "critical," + constraint);
}

const made_certificate& root() {
  static const made_certificate made = make_certificate(authority_plan("Trusted root"));
  return made;
}
const made_certificate& intermediate() {
  static const made_certificate made = make_certificate(authority_plan("Intermediate"), &root());
  return made;
}

// ---- servers, and clients that ask them for a host

struct meeting {
  std::string chain;  ///< Presented by the server, its own certificate first.
  std::string key;
  std::string asked = host;  ///< The name or address that the client connects to.
  tls_options client{.ca_pem = root().pem()};
  test::server_setup server{};
};

meeting presenting(const made_certificate& own, const std::vector<made_certificate>& beside = {}) {
  meeting made{.chain = own.pem(), .key = own.key_pem()};
  for (const auto& each : beside) made.chain += each.pem();
  return made;
}
/// A leaf of the trusted root, asked for by `asked`.
meeting issued(const certificate_plan& plan, const std::string& asked = host) {
  meeting made = presenting(make_certificate(plan, &root()));
  made.asked = asked;
  return made;
}
/// A leaf below an authority of this plan, below the trusted root.
meeting below(const certificate_plan& issuer) {
  const made_certificate made = make_certificate(issuer, &root());
  return presenting(make_certificate(leaf(), &made), {made});
}
meeting below_intermediate() {
  return presenting(make_certificate(leaf(), &intermediate()), {intermediate()});
}
/// A leaf of the trusted root, on a server set up so.
meeting served(test::server_setup setup) {
  meeting made = issued(leaf());
  made.server = std::move(setup);
  return made;
}
meeting trusting(const made_certificate& authority, meeting m) {
  m.client.ca_pem = authority.pem();
  return m;
}
meeting accepting_anything(meeting m) {
  m.client = {.dangerous_accept_any_certificate = true};
  return m;
}
meeting checking(const std::string& crl, meeting m) {
  m.client.crl_pem = crl;
  return m;
}
meeting pinning(std::vector<std::string> pins, meeting m) {
  m.client.pinned_keys = std::move(pins);
  return m;
}

const std::string accepted;  // no cause
const std::string mismatch = "hostname mismatch";
const std::string address_mismatch = "IP address mismatch";
const std::string expired = "certificate has expired";
const std::string not_yet_valid = "certificate is not yet valid";
const std::string no_authority = "invalid CA certificate";
const std::string weak_digest = "CA signature digest algorithm too weak";

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

const std::vector<row> rows = {
    // ---- chains
    {"ALeafOfTheRoot", [] { return issued(leaf()); }, accepted},
    {"ALeafWithRsa2048", [] { return issued(keyed(leaf(), key_kind::rsa_2048)); }, accepted},
    {"ALeafWithItsIntermediate", below_intermediate, accepted},
    {"ALeafWithoutItsIntermediate",
     [] { return presenting(make_certificate(leaf(), &intermediate())); },
     "unable to get local issuer certificate"},
    {"ASelfSignedLeaf", [] { return presenting(make_certificate(leaf())); },
     "self-signed certificate"},
    {"AnUntrustedRoot",
     [] {
       const auto stranger = make_certificate(authority_plan("Stranger"));
       return presenting(make_certificate(leaf(), &stranger), {stranger});
     },
     "self-signed certificate in certificate chain"},
    {"AnImpostorOfTheRootsName",
     [] {
       const auto impostor = make_certificate(authority_plan("Trusted root"));
       return presenting(make_certificate(leaf(), &impostor));
     },
     "certificate signature failure"},
    {"ALeafThatIssues",
     [] {
       const auto issuer = make_certificate(leaf_named_only("Upstart"), &root());
       return presenting(make_certificate(leaf(), &issuer), {issuer});
     },
     no_authority},
    {"AnIntermediateWithoutBasicConstraints",
     [] { return below(without(authority_plan("Bare"), "basicConstraints")); }, no_authority},
    {"AnIntermediateThatMayNotSignCertificates",
     [] { return below(with(authority_plan("Unfit"), "keyUsage", "critical,digitalSignature")); },
     no_authority},
    {"APathLengthKept", [] { return below(last_authority()); }, accepted},
    {"APathLengthExceeded",
     [] {
       const auto upper = make_certificate(last_authority(), &root());
       const auto lower = make_certificate(authority_plan("Lower"), &upper);
       return presenting(make_certificate(leaf(), &lower), {lower, upper});
     },
     "path length constraint exceeded"},
    {"NameConstraintsKept", [] { return below(confined_authority("permitted;DNS:example.test")); },
     accepted},
    {"NameConstraintsViolated",
     [] { return below(confined_authority("permitted;DNS:other.test")); },
     "permitted subtree violation"},
    {"AnExcludedName", [] { return below(confined_authority("excluded;DNS:example.test")); },
     "excluded subtree violation"},
    {"AnUnknownCriticalExtension",
     [] { return issued(with(leaf(), "1.2.3.4.5", "critical,ASN1:UTF8String:what")); },
     "unhandled critical extension"},

    // ---- dates
    {"AnExpiredLeaf", [] { return issued(dated(leaf(), -48h, -1h)); }, expired},
    {"ALeafNotYetValid", [] { return issued(dated(leaf(), 1h, 48h)); }, not_yet_valid},
    {"AnExpiredIntermediate", [] { return below(dated(authority_plan("Old"), -48h, -1h)); },
     expired},
    {"AnIntermediateNotYetValid", [] { return below(dated(authority_plan("Young"), 1h, 48h)); },
     not_yet_valid},
    {"AnExpiredRoot",
     [] {
       const auto old = make_certificate(dated(authority_plan("Old root"), -48h, -1h));
       return trusting(old, presenting(make_certificate(leaf(), &old)));
     },
     expired},

    // ---- names
    {"AnotherHost", [] { return issued(leaf({"other.example.test"})); }, mismatch},
    {"ANameInAnotherCase", [] { return issued(leaf({"API.Example.TEST"})); }, accepted},
    {"TheSecondOfTwoNames",
     [] {
       return issued(leaf({"other.example.test", host}));
     },
     accepted},
    {"ANameInTheCommonNameOnly", [] { return issued(leaf_named_only(host)); }, mismatch},
    {"AWildcard", [] { return issued(leaf({"*.example.test"})); }, accepted},
    {"AWildcardForTwoLabels", [] { return issued(leaf({"*.example.test"}), "a.api.example.test"); },
     mismatch},
    {"AWildcardForTheDomainItself", [] { return issued(leaf({"*.example.test"}), "example.test"); },
     mismatch},
    {"ABareWildcard", [] { return issued(leaf({"*"}), "localhost"); }, mismatch},
    {"AWildcardTopLevel", [] { return issued(leaf({"*.test"}), "example.test"); }, mismatch},
    {"AWildcardInsideALabel", [] { return issued(leaf({"a*.example.test"})); }, mismatch},
    {"AWildcardInTheMiddle", [] { return issued(leaf({"api.*.test"})); }, mismatch},
    {"TwoWildcards", [] { return issued(leaf({"*.*.test"})); }, mismatch},
    {"ANulInTheName", [] { return issued(leaf({host + std::string("\0.evil.test", 11)})); },
     mismatch},
    {"ANameWithATrailingDot", [] { return issued(leaf({host + "."})); }, mismatch},
    {"AnEmptyName", [] { return issued(leaf({""})); }, mismatch},
    {"AnAddress", [] { return issued(leaf({}, {"192.0.2.1"}), "192.0.2.1"); }, accepted},
    {"AnIpv6AddressInAnotherSpelling",
     [] { return issued(leaf({}, {"2001:DB8:0:0:0:0:0:1"}), "2001:db8::1"); }, accepted},
    {"AnotherAddress", [] { return issued(leaf({}, {"192.0.2.2"}), "192.0.2.1"); },
     address_mismatch},
    {"AnAddressAsADnsName", [] { return issued(leaf({"192.0.2.1"}), "192.0.2.1"); },
     address_mismatch},
    {"AnAddressInTheCommonNameOnly",
     [] { return issued(leaf_named_only("192.0.2.1"), "192.0.2.1"); }, address_mismatch},
    {"AWildcardForAnAddress", [] { return issued(leaf({"*.0.2.1"}), "192.0.2.1"); },
     address_mismatch},

    // ---- purpose and strength
    {"ACertificateForClientsOnly",
     [] { return issued(with(leaf(), "extendedKeyUsage", "clientAuth")); },
     "unsuitable certificate purpose"},
    {"AnIntermediateForClientsOnly",
     [] { return below(with(authority_plan("Other trade"), "extendedKeyUsage", "clientAuth")); },
     "unsuitable certificate purpose"},
    {"NoStatedPurpose", [] { return issued(without(leaf(), "extendedKeyUsage")); }, accepted},
    {"AWeakKey", [] { return issued(keyed(leaf(), key_kind::rsa_1024)); },
     "EE certificate key too weak"},
    {"AWeakKeyOfAnIntermediate",
     [] { return below(keyed(authority_plan("Weak"), key_kind::rsa_1024)); },
     "CA certificate key too weak"},
    {"ASha1Signature", [] { return issued(digested(leaf(), "SHA1")); }, weak_digest},
    {"ASha1SignatureOfAnIntermediate",
     [] { return below(digested(authority_plan("Sha1"), "SHA1")); }, weak_digest},
    {"AnMd5Signature",
     [] {
       static const auto rsa_root =
           make_certificate(keyed(authority_plan("RSA root"), key_kind::rsa_2048));
       return trusting(rsa_root, presenting(make_certificate(digested(leaf(), "MD5"), &rsa_root)));
     },
     weak_digest},

    // ---- revocation
    {"NotRevoked", [] { return checking(make_crl(root(), {}), issued(leaf())); }, accepted},
    {"Revoked",
     [] {
       const auto own = make_certificate(leaf(), &root());
       return checking(make_crl(root(), {own}), presenting(own));
     },
     "certificate revoked"},
    {"ARevokedIntermediate",
     [] {
       return checking(make_crl(root(), {intermediate()}) + make_crl(intermediate(), {}),
                       below_intermediate());
     },
     "certificate revoked"},
    {"ACurrentListOfEachIssuer",
     [] {
       return checking(make_crl(root(), {}) + make_crl(intermediate(), {}), below_intermediate());
     },
     accepted},
    {"NoListOfOneIssuer", [] { return checking(make_crl(root(), {}), below_intermediate()); },
     "unable to get certificate CRL"},
    {"AnExpiredList", [] { return checking(make_crl(root(), {}, -1h), issued(leaf())); },
     "CRL has expired"},
    {"AListByAnImpostor",
     [] {
       return checking(make_crl(make_certificate(authority_plan("Trusted root")), {}),
                       issued(leaf()));
     },
     "CRL signature failure"},

    // ---- pinning
    {"APinnedLeaf",
     [] {
       const auto own = make_certificate(leaf(), &root());
       return pinning({intermediate().pin(), own.pin()}, presenting(own));
     },
     accepted},
    {"APinnedRoot", [] { return pinning({root().pin()}, issued(leaf())); }, accepted},
    {"NoPinnedKey", [] { return pinning({intermediate().pin()}, issued(leaf())); }, "pinning"},
    {"APinnedKeyBesideTheChainOnly",
     [] {
       return pinning({intermediate().pin()},
                      presenting(make_certificate(leaf(), &root()), {intermediate()}));
     },
     "pinning"},
    {"APinnedKeyOfAnExpiredLeaf",
     [] {
       const auto own = make_certificate(dated(leaf(), -48h, -1h), &root());
       return pinning({own.pin()}, presenting(own));
     },
     expired},
    {"AnythingWhenSetSo",
     [] { return accepting_anything(presenting(make_certificate(dated(leaf({}), -48h, -1h)))); },
     accepted},
    {"AnythingWithThisKey",
     [] {
       const auto own = make_certificate(leaf({}));
       return pinning({own.pin()}, accepting_anything(presenting(own)));
     },
     accepted},
    {"AnythingWithoutThisKey",
     [] { return pinning({root().pin()}, accepting_anything(issued(leaf()))); }, "pinning"},

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
         SSL_CTX_set_min_proto_version(c, TLS1_3_VERSION);
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
     "offers none of the versions of HTTP", errc::unexpected_protocol},
};

class TlsMatrix : public ::testing::TestWithParam<row> {};
INSTANTIATE_TEST_SUITE_P(Server, TlsMatrix, ::testing::ValuesIn(rows),
                         [](const auto& one) { return std::string(one.param.name); });

TEST_P(TlsMatrix, IsAcceptedOrRefusedForItsReason) {
  const meeting m = GetParam().make();
  const auto server = test::make_server_side(m.chain, m.key, m.server);
  const tls_context client(m.client, m.asked);
  test::tls_pair pair(client, server.get());
  const io_result end = pair.shake();
  if (GetParam().cause.empty()) {
    ASSERT_EQ(end.status, io_status::done) << pair.failure().cause;
    EXPECT_EQ(pair.deliver("hello"), "hello");
    return;
  }
  ASSERT_EQ(end.status, io_status::failed);
  EXPECT_EQ(pair.failure().code, GetParam().code) << pair.failure().cause;
  EXPECT_NE(pair.failure().cause.find(GetParam().cause), std::string::npos) << pair.failure().cause;

  test::tls_pair again(client, server.get());
  EXPECT_EQ(again.shake().status, io_status::failed) << "and nothing of the first time lets it in";
  EXPECT_FALSE(again.resumed());
}

}  // namespace tls_matrix_test
}  // namespace upsun::http
