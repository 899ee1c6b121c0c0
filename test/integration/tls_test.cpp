#include <string>
#include <vector>

#include "integration/harness.hpp"
#include "support/certificate_maker.hpp"
#include "support/openssl_server.hpp"
#include "support/scripted_server.hpp"
#include "support/temporary_directory.hpp"
#include "testing/certificate_authority.hpp"

namespace upsun::testing {
namespace tls_test {

using test::openssl_server;
using namespace std::chrono_literals;

/// What becomes of one call to an `openssl s_server`, addressed by `host`.
error refusal_of(const openssl_server& server, const std::string& host, tls_options tls) {
  error refused;
  run([&]() -> asio::awaitable<void> {
    const auto executor = co_await asio::this_coro::executor;  // not beside the aggregate: g++ 12
    client client(executor,
                  watched({.base_url = "https://" + host + ":" + std::to_string(server.port()),
                           .credentials = bearer_token("planted-secret"),
                           .tls = std::move(tls)}));
    const auto got = co_await client.async_get_integration({project(), integration_number(0)});
    EXPECT_FALSE(got);
    if (!got) refused = got.error();
  });
  EXPECT_EQ(refused.message().find("planted-secret"), std::string::npos);
  return refused;
}

class Tls : public ::testing::Test {
 protected:
  const certificate_authority trusted{"Trusted authority"};
  const certificate_request good{
      .common_name = "localhost", .dns_names = {"localhost"}, .addresses = {"127.0.0.1"}};

  void expect_refused(const certificate& identity, const std::string& host,
                      const std::string& cause) const {
    const openssl_server server(identity);
    const error refused = refusal_of(server, host, {.ca_pem = trusted.pem()});
    EXPECT_EQ(refused, errc::tls_certificate_refused) << refused;
    EXPECT_EQ(refused, condition::tls);
    EXPECT_EQ(refused.phase(), phase::handshake);
    EXPECT_TRUE(refused.safe_to_retry());
    EXPECT_NE(refused.details().cause.find(cause), std::string::npos) << refused.details().cause;
    EXPECT_EQ(server.log().find("GET /"), std::string::npos)
        << "nothing is sent to a server that was refused";
  }
};

TEST_F(Tls, AcceptsACertificateForTheNameOrTheAddress) {
  const openssl_server server(trusted.issue(good), {"-tls1_3"});
  for (const char* host : {"localhost", "127.0.0.1"}) {
    const error answered = refusal_of(server, host, {.ca_pem = trusted.pem()});
    EXPECT_EQ(answered, errc::unexpected_content_type)
        << "s_server answers with a page: the handshake succeeded. " << answered;
  }
}

TEST_F(Tls, SpeaksTls12) {
  const openssl_server server(trusted.issue(good), {"-tls1_2"});
  EXPECT_EQ(refusal_of(server, "localhost", {.ca_pem = trusted.pem()}),
            errc::unexpected_content_type);
}

TEST_F(Tls, RefusesAnExpiredCertificate) {
  auto request = good;
  request.not_before = std::chrono::system_clock::now() - 48h;
  request.not_after = std::chrono::system_clock::now() - 24h;
  expect_refused(trusted.issue(request), "localhost", "expired");
}

TEST_F(Tls, RefusesACertificateThatIsNotYetValid) {
  auto request = good;
  request.not_before = std::chrono::system_clock::now() + 24h;
  expect_refused(trusted.issue(request), "localhost", "not yet valid");
}

TEST_F(Tls, RefusesACertificateForAnotherHost) {
  expect_refused(
      trusted.issue({.common_name = "elsewhere.example", .dns_names = {"elsewhere.example"}}),
      "localhost", "hostname mismatch");
}

TEST_F(Tls, RefusesASelfSignedCertificate) {
  expect_refused(self_signed(good), "localhost", "self-signed certificate");
}

TEST_F(Tls, RefusesAnUnknownAuthority) {
  expect_refused(certificate_authority("Stranger").issue(good), "localhost",
                 "unable to get local issuer certificate");
}

TEST_F(Tls, RefusesANameThatOnlyTheCommonNameHolds) {
  expect_refused(trusted.issue({.common_name = "localhost"}), "localhost", "hostname mismatch");
}

TEST_F(Tls, RefusesAnAddressThatNoAlternativeNameHolds) {
  expect_refused(
      trusted.issue({.common_name = "127.0.0.1", .dns_names = {"localhost", "127.0.0.1"}}),
      "127.0.0.1", "IP address mismatch");
}

TEST_F(Tls, RefusesTls11) {
  const openssl_server server(trusted.issue(good), {"-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"});
  const error refused = refusal_of(server, "localhost", {.ca_pem = trusted.pem()});
  EXPECT_EQ(refused, errc::tls_handshake_failed) << refused;
  EXPECT_EQ(refused.phase(), phase::handshake);
}

TEST_F(Tls, AcceptsAnyCertificateOnlyWhenToldTo) {
  const openssl_server server(self_signed({.common_name = "elsewhere.example"}));
  EXPECT_EQ(refusal_of(server, "localhost", {.dangerous_accept_any_certificate = true}),
            errc::unexpected_content_type);
}

TEST_F(Tls, RefusesATrustStoreItCannotRead) {
  asio::io_context io;
  for (const auto& [tls, field] : std::vector<std::pair<tls_options, std::string>>{
           {{.ca_file = "/no/such/file"}, "tls.ca_file"},
           {{.ca_pem = "not PEM"}, "tls.ca_pem"},
           {{.ca_pem = trusted.pem().substr(0, 200)}, "tls.ca_pem"}}) {
    try {
      const client refused(io.get_executor(), {.tls = tls});
      ADD_FAILURE() << field;
    } catch (const config_error& e) {
      EXPECT_EQ(e.field(), field) << e.what();
    }
  }
}

// ---- mutual TLS

class MutualTls : public Tls {
 protected:
  const test::made_certificate authority =
      test::make_certificate({.common_name = "Client authority",
                              .extensions = {{"basicConstraints", "critical,CA:TRUE"},
                                             {"keyUsage", "critical,keyCertSign,cRLSign"}}});
  const test::made_certificate own = test::make_certificate(
      {.common_name = "a service", .extensions = {{"extendedKeyUsage", "clientAuth"}}}, &authority);
  const test::made_certificate other = test::make_certificate({.common_name = "another service"});
  const test::temporary_directory directory;

  [[nodiscard]] openssl_server demanding(const std::string& version) const {
    const std::string ca = directory.write("client_ca.pem", authority.pem());
    return openssl_server(trusted.issue(good),
                          {version, "-Verify", "1", "-verify_return_error", "-CAfile", ca});
  }
  [[nodiscard]] error outcome(const openssl_server& server, tls_options tls) const {
    tls.ca_pem = trusted.pem();
    return refusal_of(server, "localhost", std::move(tls));
  }
};

TEST_F(MutualTls, ShowsItsCertificateFromTextOrFile) {
  const tls_options by_text{.client_certificate_pem = own.pem() + authority.pem(),
                            .client_key_pem = secret(own.key_pem())};
  const tls_options by_file{.client_certificate_file = directory.write("own.pem", own.pem()),
                            .client_key_file = directory.write("own.key", own.key_pem())};
  for (const char* version : {"-tls1_2", "-tls1_3"}) {
    for (const tls_options& tls : {by_text, by_file}) {
      const openssl_server server = demanding(version);
      EXPECT_EQ(outcome(server, tls), errc::unexpected_content_type)
          << "s_server answers with a page: the handshake succeeded";
    }
  }
}

TEST_F(MutualTls, IsToldWhenTheServerRefusesIt) {
  const tls_options unknown{.client_certificate_pem = other.pem(),
                            .client_key_pem = secret(other.key_pem())};
  for (const char* version : {"-tls1_2", "-tls1_3"}) {
    for (const tls_options& tls : {tls_options(), unknown}) {
      const openssl_server server = demanding(version);
      const error refused = outcome(server, tls);
      EXPECT_TRUE(refused == condition::tls || refused == condition::connection) << refused;
    }
  }
}

TEST_F(MutualTls, RefusesSettingsItCannotUse) {
  const secret key(own.key_pem());
  const std::string file = directory.write("own.pem", own.pem());
  const std::string damaged = own.key_pem().replace(60, 8, "AAAAAAAA");
  const struct {
    tls_options tls;
    std::string field;
    std::string problem;
  } rows[] = {
      {{.client_certificate_pem = own.pem()}, "tls.client_key_file", "missing"},
      {{.client_key_pem = key}, "tls.client_certificate_file", "missing"},
      {{.client_certificate_file = file,
        .client_certificate_pem = own.pem(),
        .client_key_pem = key},
       "tls.client_certificate_pem",
       "excludes"},
      {{.client_key_file = file, .client_certificate_pem = own.pem(), .client_key_pem = key},
       "tls.client_key_pem",
       "excludes"},
      {{.client_certificate_file = "/no/such/file", .client_key_pem = key},
       "tls.client_certificate_file",
       "cannot be read"},
      {{.client_key_file = "/no/such/file", .client_certificate_pem = own.pem()},
       "tls.client_key_file",
       "cannot be read"},
      {{.client_certificate_pem = "not PEM", .client_key_pem = key},
       "tls.client_certificate_pem",
       "holds no certificate"},
      {{.client_certificate_pem = own.pem(), .client_key_pem = secret("not PEM")},
       "tls.client_key_pem",
       "no private key"},
      {{.client_certificate_pem = own.pem(), .client_key_pem = secret(damaged)},
       "tls.client_key_pem",
       "no private key"},
      {{.client_certificate_pem = own.pem(), .client_key_pem = secret(other.key_pem())},
       "tls.client_key_pem",
       "is not the key"},
      {{.client_certificate_pem = own.pem(),
        .client_key_pem = secret(own.encrypted_key_pem("phrase"))},
       "tls.client_key_pem",
       "encrypted"},
      {{.client_key_file = directory.write("encrypted.key", own.encrypted_key_pem("phrase")),
        .client_certificate_pem = own.pem()},
       "tls.client_key_file",
       "encrypted"},
  };
  asio::io_context io;
  for (const auto& row : rows) {
    try {
      const client refused(io.get_executor(), {.tls = row.tls});
      ADD_FAILURE() << row.field << " " << row.problem;
    } catch (const config_error& e) {
      EXPECT_EQ(e.field(), row.field) << e.what();
      EXPECT_NE(std::string(e.what()).find(row.problem), std::string::npos) << e.what();
      EXPECT_EQ(std::string(e.what()).find(own.key_pem().substr(30, 20)), std::string::npos)
          << "no key in a text";
    }
  }
}

// ---- revocation and pinning, from the settings to the refusal

TEST_F(Tls, RefusesARevokedCertificateByAListInAFile) {
  const auto root =
      test::make_certificate({.common_name = "Root",
                              .extensions = {{"basicConstraints", "critical,CA:TRUE"},
                                             {"keyUsage", "critical,keyCertSign,cRLSign"}}});
  const auto own =
      test::make_certificate({.common_name = "leaf", .dns_names = {"localhost"}}, &root);
  const test::temporary_directory directory;
  for (const bool revoked : {false, true}) {
    const openssl_server server({.pem = own.pem(), .key_pem = own.key_pem()});
    const auto list = revoked ? std::vector{own} : std::vector<test::made_certificate>();
    const error got = refusal_of(
        server, "localhost",
        {.ca_pem = root.pem(), .crl_file = directory.write("crl.pem", test::make_crl(root, list))});
    EXPECT_EQ(got, revoked ? errc::tls_certificate_refused : errc::unexpected_content_type) << got;
  }
}

TEST_F(Tls, RefusesAServerWithoutAPinnedKey) {
  const openssl_server server(trusted.issue(good));
  const error refused =
      refusal_of(server, "localhost",
                 {.ca_pem = trusted.pem(),
                  .pinned_keys = {test::make_certificate({.common_name = "other"}).pin()}});
  EXPECT_EQ(refused, errc::tls_certificate_refused) << refused;
  EXPECT_NE(refused.details().cause.find("pinning"), std::string::npos) << refused;
}

TEST_F(Tls, RefusesListsAndPinsItCannotUse) {
  const std::string pin = test::make_certificate({.common_name = "any"}).pin();
  const std::vector<std::pair<tls_options, std::string>> rows = {
      {{.crl_file = "/no/such/file"}, "tls.crl_file"},
      {{.crl_pem = "not PEM"}, "tls.crl_pem"},
      {{.crl_pem = trusted.pem()}, "tls.crl_pem"},
      {{.pinned_keys = {""}}, "tls.pinned_keys"},
      {{.pinned_keys = {pin, "sha256/" + pin}}, "tls.pinned_keys"},
      {{.pinned_keys = {pin.substr(0, 40)}}, "tls.pinned_keys"},
      {{.pinned_keys = {" " + pin.substr(1)}}, "tls.pinned_keys"},
      {{.pinned_keys = {std::string(44, 'A')}}, "tls.pinned_keys"},
      {{.pinned_keys = {std::string(42, 'A') + "B="}}, "tls.pinned_keys"},
  };
  asio::io_context io;
  for (const auto& [tls, field] : rows) {
    try {
      const client refused(io.get_executor(), {.tls = tls});
      ADD_FAILURE() << field;
    } catch (const config_error& e) {
      EXPECT_EQ(e.field(), field) << e.what();
    }
  }
}

// ---- servers that hang

TEST_F(Tls, EndsAStalledHandshakeByTheConnectTimeout) {
  const test::scripted_server server({test::stall()});
  run([&]() -> asio::awaitable<void> {
    const auto executor = co_await asio::this_coro::executor;
    client client(executor,
                  watched({.base_url = "https://127.0.0.1:" + std::to_string(server.port()),
                           .credentials = bearer_token("planted-secret"),
                           .timeouts = {.connect = 50ms},
                           .retry = {.max_attempts = 1}}));
    const auto got = co_await client.async_get_integration({project(), integration_number(0)});
    EXPECT_FALSE(got);
    if (!got) {
      EXPECT_EQ(got.error(), errc::connect_timeout) << got.error();
      EXPECT_EQ(got.error().phase(), phase::handshake);
    }
  });
}

}  // namespace tls_test
}  // namespace upsun::testing
