#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <vector>

#include "integration/harness.hpp"
#include "support/certificate_maker.hpp"
#include "support/descriptors.hpp"
#include "support/openssl_server.hpp"
#include "support/temporary_directory.hpp"
#include "support/temporary_variable.hpp"
#include "testing/certificate_authority.hpp"

namespace upsun::testing {
namespace tls_test {

using test::openssl_server;
using namespace std::chrono_literals;

client_config config_for(const openssl_server& server, const std::string& host, tls_options tls) {
  return {.base_url = "https://" + host + ":" + std::to_string(server.port()),
          .credentials = bearer_token("planted-secret"),
          .tls = std::move(tls)};
}

/// How a call to an `openssl s_server` fails, addressed by `host`.
error failure_of(const openssl_server& server, const std::string& host, tls_options tls) {
  const auto got = fetch_once(config_for(server, host, std::move(tls)));
  EXPECT_FALSE(got);
  return got ? error() : got.error();
}
/// That of a call whose handshake succeeds: `s_server` responds with a page.
constexpr errc handshake_succeeded = errc::unexpected_content_type;

/// Expects that a client refuses these settings and names the field, in a text that says `problem`
/// and holds no `secret`.
void expect_refused(const tls_options& tls, const std::string& field,
                    const std::string& problem = {}, const std::string& secret = {}) {
  asio::io_context io;
  try {
    const client refused(io.get_executor(), {.tls = tls});
    ADD_FAILURE() << field << " " << problem;
  } catch (const config_error& e) {
    const std::string text = e.what();
    EXPECT_EQ(e.field(), field) << text;
    EXPECT_NE(text.find(problem), std::string::npos) << text;
    EXPECT_TRUE(secret.empty() || text.find(secret) == std::string::npos) << text;
  }
}

class Tls : public ::testing::Test {
 protected:
  const certificate_authority trusted{"Trusted authority"};
  const certificate_request good{
      .common_name = "localhost", .dns_names = {"localhost"}, .addresses = {"127.0.0.1"}};
  const test::temporary_directory directory;

  [[nodiscard]] certificate dated(std::chrono::hours begin, std::chrono::hours end) const {
    const auto now = std::chrono::system_clock::now();
    auto request = good;
    request.not_before = now + begin;
    request.not_after = now + end;
    return trusted.issue(request);
  }
};

TEST_F(Tls, AcceptsACertificateForTheNameOrTheAddress) {
  for (const char* version : {"-tls1_2", "-tls1_3"}) {
    const openssl_server server(trusted.issue(good), {version});
    for (const char* host : {"localhost", "127.0.0.1"})
      EXPECT_EQ(failure_of(server, host, {.ca_pem = trusted.pem()}), handshake_succeeded);
  }
}

// tls_matrix_test.cpp has every way in which a certificate can be wrong; here is what a caller
// sees.
TEST_F(Tls, RefusesACertificateBeforeAnythingIsSentAndSaysWhy) {
  const struct {
    certificate identity;
    std::string host;
    std::string cause;
  } rows[] = {
      {dated(-48h, -24h), "localhost", "expired"},
      {dated(24h, 48h), "localhost", "not yet valid"},
      {trusted.issue({.common_name = "elsewhere.example", .dns_names = {"elsewhere.example"}}),
       "localhost", "hostname mismatch"},
      {self_signed(good), "localhost", "self-signed certificate"},
      {certificate_authority("Stranger").issue(good), "localhost",
       "unable to get local issuer certificate"},
      {trusted.issue({.common_name = "localhost"}), "localhost", "hostname mismatch"},
      {trusted.issue({.common_name = "127.0.0.1", .dns_names = {"localhost", "127.0.0.1"}}),
       "127.0.0.1", "IP address mismatch"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.cause);
    const openssl_server server(row.identity);
    const error refused = failure_of(server, row.host, {.ca_pem = trusted.pem()});
    EXPECT_EQ(refused, errc::tls_certificate_refused) << refused;
    EXPECT_EQ(refused, condition::tls);
    EXPECT_EQ(refused.phase(), phase::handshake);
    EXPECT_TRUE(refused.safe_to_retry());
    EXPECT_NE(refused.details().cause.find(row.cause), std::string::npos)
        << refused.details().cause;
    EXPECT_EQ(server.log().find("GET /"), std::string::npos);
  }
}

TEST_F(Tls, RefusesTls11) {
  const openssl_server server(trusted.issue(good), {"-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"});
  const error refused = failure_of(server, "localhost", {.ca_pem = trusted.pem()});
  EXPECT_EQ(refused, errc::tls_handshake_failed) << refused;
  EXPECT_EQ(refused.phase(), phase::handshake);
}

TEST_F(Tls, AcceptsAnyCertificateOnlyWhenSetSo) {
  const openssl_server server(self_signed({.common_name = "elsewhere.example"}));
  EXPECT_EQ(failure_of(server, "localhost", {.dangerous_accept_any_certificate = true}),
            handshake_succeeded);
}

TEST_F(Tls, RefusesARevokedCertificateByAListInAFile) {
  const auto root = test::make_certificate(test::authority_plan("Root"));
  const auto own = test::make_certificate(test::server_plan({"localhost"}), &root);
  for (const bool revoked : {false, true}) {
    const openssl_server server({.pem = own.pem(), .key_pem = own.key_pem()});
    const auto list = revoked ? std::vector{own} : std::vector<test::made_certificate>();
    const error got = failure_of(
        server, "localhost",
        {.ca_pem = root.pem(), .crl_file = directory.write("crl.pem", test::make_crl(root, list))});
    EXPECT_EQ(got, revoked ? errc::tls_certificate_refused : handshake_succeeded) << got;
  }
}

TEST_F(Tls, RefusesAServerWithoutAPinnedKey) {
  const openssl_server server(trusted.issue(good));
  const error refused =
      failure_of(server, "localhost",
                 {.ca_pem = trusted.pem(),
                  .pinned_keys = {test::make_certificate({.common_name = "other"}).pin()}});
  EXPECT_EQ(refused, errc::tls_certificate_refused) << refused;
  EXPECT_NE(refused.details().cause.find("pinning"), std::string::npos) << refused;
}

TEST_F(Tls, RefusesATrustStoreOfTheEnvironmentThatItCannotUseAndNamesTheVariable) {
  const test::temporary_variable file("SSL_CERT_FILE");
  const test::temporary_variable directories("SSL_CERT_DIR");
  file.set(directory.path() / "missing.pem");
  expect_refused({}, "SSL_CERT_FILE", "no such file");
  file.set(directory.write("empty.pem", "nothing"));
  expect_refused({}, "SSL_CERT_FILE", "no certificate");
  expect_refused({.ca_file = directory.path() / "other.pem"}, "tls.ca_file", "no such file");
  file.set(directory.write("ca.pem", trusted.pem()));
  directories.set(directory.path() / "missing");
  expect_refused({}, "SSL_CERT_DIR", "no directory");
  directories.set(directory.path().string() + "/missing:" + directory.path().string());
  asio::io_context io;
  EXPECT_NO_THROW(client(io.get_executor(), {}));
}

TEST_F(Tls, TrustsTheFileOfTheEnvironment) {
  const test::temporary_variable file("SSL_CERT_FILE");
  file.set(directory.write("ca.pem", trusted.pem()));
  const openssl_server server(trusted.issue(good), {"-tls1_3"});
  EXPECT_EQ(failure_of(server, "localhost", {}), handshake_succeeded);
}

TEST_F(Tls, RefusesTrustListsAndPinsItCannotUse) {
  const std::string pin = test::make_certificate({.common_name = "any"}).pin();
  const std::pair<tls_options, std::string> rows[] = {
      {{.ca_file = "/no/such/file"}, "tls.ca_file"},
      {{.ca_pem = "not PEM"}, "tls.ca_pem"},
      {{.ca_pem = trusted.pem().substr(0, 200)}, "tls.ca_pem"},
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
  for (const auto& [tls, field] : rows) expect_refused(tls, field);
}

// ---- mutual TLS

class MutualTls : public Tls {
 protected:
  const test::made_certificate authority =
      test::make_certificate(test::authority_plan("Client authority"));
  const test::made_certificate own = test::make_certificate(
      {.common_name = "a service", .extensions = {{"extendedKeyUsage", "clientAuth"}}}, &authority);
  const test::made_certificate other = test::make_certificate({.common_name = "another service"});

  [[nodiscard]] openssl_server demanding(const std::string& version) const {
    const std::string ca = directory.write("client_ca.pem", authority.pem());
    return openssl_server(trusted.issue(good),
                          {version, "-Verify", "1", "-verify_return_error", "-CAfile", ca});
  }
  [[nodiscard]] error outcome(const openssl_server& server, tls_options tls) const {
    tls.ca_pem = trusted.pem();
    return failure_of(server, "localhost", std::move(tls));
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
      EXPECT_EQ(outcome(server, tls), handshake_succeeded);
    }
  }
}

TEST_F(MutualTls, FailsWhenTheServerRefusesItsCertificateOrGetsNone) {
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

TEST_F(MutualTls, RefusesCertificatesAndKeysItCannotUse) {
  const secret key(own.key_pem());
  const std::string file = directory.write("own.pem", own.pem());
  const std::string part_of_the_key = own.key_pem().substr(30, 20);
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
  for (const auto& row : rows) expect_refused(row.tls, row.field, row.problem, part_of_the_key);
}

TEST_F(Tls, LogsTheKeysOfConnectionsOnlyWhereTheOptionAndTheVariableSaySo) {
  const sandbox server;
  const test::temporary_variable variable("SSLKEYLOGFILE");
  const auto path = directory.path() / "keys";
  const auto keys_after_a_fetch = [&](bool option) {
    client_config config = upsun::testing::config_for(server);
    config.tls.dangerous_log_keys = option;
    EXPECT_TRUE(fetch_once(config));
    return std::filesystem::exists(path) ? test::read_file(path) : "";
  };
  variable.set("");
  EXPECT_EQ(keys_after_a_fetch(true), "");
  variable.set(path.string());
  EXPECT_EQ(keys_after_a_fetch(false), "");

  const std::string keys = [&] {
    const ::mode_t before = ::umask(0);
    std::string read = keys_after_a_fetch(true);
    ::umask(before);
    return read;
  }();
  EXPECT_TRUE(keys.starts_with("SERVER_HANDSHAKE_TRAFFIC_SECRET ") ||
              keys.starts_with("CLIENT_HANDSHAKE_TRAFFIC_SECRET "));
  EXPECT_NE(keys.find("\nCLIENT_TRAFFIC_SECRET_0 "), std::string::npos);
  EXPECT_TRUE(keys.ends_with('\n'));
  using std::filesystem::perms;
  EXPECT_EQ(std::filesystem::status(path).permissions(), perms::owner_read | perms::owner_write);
  EXPECT_TRUE(keys_after_a_fetch(true).starts_with(keys)) << "it is appended to";

  const auto inherited = test::inherited_descriptors();
  asio::io_context io;
  const client logging(io.get_executor(),
                       {.base_url = server.url(), .tls = {.dangerous_log_keys = true}});
  EXPECT_EQ(test::inherited_descriptors(), inherited);

  variable.set((directory.path() / "no such folder" / "keys").string());
  expect_refused({.dangerous_log_keys = true}, "tls.dangerous_log_keys", "cannot be written");
}

}  // namespace tls_test
}  // namespace upsun::testing
