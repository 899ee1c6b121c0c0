#include <string>
#include <vector>

#include "integration/harness.hpp"
#include "support/openssl_server.hpp"
#include "testing/certificate_authority.hpp"

namespace upsun::testing {
namespace {

using test::openssl_server;
using namespace std::chrono_literals;

/// What becomes of one call to an `openssl s_server`, addressed by `host`.
error refusal_of(const openssl_server& server, const std::string& host, const std::string& ca_pem, bool accept_any = false) {
  error refused;
  run([&]() -> asio::awaitable<void> {
    const auto executor = co_await asio::this_coro::executor;  // not beside the aggregate: g++ 12
    client client(executor, {.base_url = "https://" + host + ":" + std::to_string(server.port()),
                             .credentials = bearer_token("planted-secret"),
                             .tls = {.ca_pem = ca_pem, .dangerous_accept_any_certificate = accept_any}});
    const auto got = co_await client.async_get_integration(project(), integration_number(0));
    EXPECT_FALSE(got);
    if (!got) refused = got.error();
  });
  EXPECT_EQ(refused.message().find("planted-secret"), std::string::npos);
  return refused;
}

class Tls : public ::testing::Test {
 protected:
  const certificate_authority trusted{"Trusted authority"};
  const certificate_request good{.common_name = "localhost", .dns_names = {"localhost"}, .addresses = {"127.0.0.1"}};

  void expect_refused(const certificate& identity, const std::string& host, const std::string& cause) const {
    const openssl_server server(identity);
    const error refused = refusal_of(server, host, trusted.pem());
    EXPECT_EQ(refused, errc::tls_certificate_refused) << refused;
    EXPECT_EQ(refused, condition::tls);
    EXPECT_EQ(refused.phase(), phase::handshake);
    EXPECT_TRUE(refused.safe_to_retry());
    EXPECT_NE(refused.details().cause.find(cause), std::string::npos) << refused.details().cause;
    EXPECT_EQ(server.log().find("GET /"), std::string::npos) << "nothing is sent to a server that was refused";
  }
};

TEST_F(Tls, AcceptsACertificateForTheNameOrTheAddress) {
  const openssl_server server(trusted.issue(good), {"-tls1_3"});
  for (const char* host : {"localhost", "127.0.0.1"}) {
    const error answered = refusal_of(server, host, trusted.pem());
    EXPECT_EQ(answered, errc::unexpected_content_type) << "s_server answers with a page: the handshake succeeded. " << answered;
  }
}

TEST_F(Tls, SpeaksTls12) {
  const openssl_server server(trusted.issue(good), {"-tls1_2"});
  EXPECT_EQ(refusal_of(server, "localhost", trusted.pem()), errc::unexpected_content_type);
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
  expect_refused(trusted.issue({.common_name = "elsewhere.example", .dns_names = {"elsewhere.example"}}), "localhost", "hostname mismatch");
}

TEST_F(Tls, RefusesASelfSignedCertificate) { expect_refused(self_signed(good), "localhost", "self-signed certificate"); }

TEST_F(Tls, RefusesAnUnknownAuthority) { expect_refused(certificate_authority("Stranger").issue(good), "localhost", "unable to get local issuer certificate"); }

TEST_F(Tls, RefusesANameThatOnlyTheCommonNameHolds) { expect_refused(trusted.issue({.common_name = "localhost"}), "localhost", "hostname mismatch"); }

TEST_F(Tls, RefusesAnAddressThatNoAlternativeNameHolds) {
  expect_refused(trusted.issue({.common_name = "127.0.0.1", .dns_names = {"localhost", "127.0.0.1"}}), "127.0.0.1", "IP address mismatch");
}

TEST_F(Tls, RefusesTls11) {
  const openssl_server server(trusted.issue(good), {"-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"});
  const error refused = refusal_of(server, "localhost", trusted.pem());
  EXPECT_EQ(refused, errc::tls_handshake_failed) << refused;
  EXPECT_EQ(refused.phase(), phase::handshake);
}

TEST_F(Tls, AcceptsAnyCertificateOnlyWhenToldTo) {
  const openssl_server server(self_signed({.common_name = "elsewhere.example"}));
  EXPECT_EQ(refusal_of(server, "localhost", {}, true), errc::unexpected_content_type);
}

TEST_F(Tls, RefusesATrustStoreItCannotRead) {
  asio::io_context io;
  for (const auto& [tls, field] : std::vector<std::pair<tls_options, std::string>>{
           {{.ca_file = "/no/such/file"}, "tls.ca_file"}, {{.ca_pem = "not PEM"}, "tls.ca_pem"}, {{.ca_pem = trusted.pem().substr(0, 200)}, "tls.ca_pem"}}) {
    try {
      const client refused(io.get_executor(), {.tls = tls});
      ADD_FAILURE() << field;
    } catch (const config_error& e) {
      EXPECT_EQ(e.field(), field) << e.what();
    }
  }
}

}  // namespace
}  // namespace upsun::testing
