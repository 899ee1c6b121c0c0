#include "testing/certificate_authority.hpp"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>

namespace upsun::testing {
namespace certificate_authority_test {

using namespace std::chrono_literals;
using x509 = std::unique_ptr<X509, decltype(&X509_free)>;

x509 read(const std::string& pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  return {PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), X509_free};
}

/// What OpenSSL says of a server certificate when it trusts `authority`: X509_V_OK or why not.
int verify(const std::string& pem, const certificate_authority& authority) {
  const x509 leaf = read(pem), trusted = read(authority.pem());
  const std::unique_ptr<X509_STORE, decltype(&X509_STORE_free)> store(X509_STORE_new(),
                                                                      X509_STORE_free);
  X509_STORE_add_cert(store.get(), trusted.get());
  const std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)> context(
      X509_STORE_CTX_new(), X509_STORE_CTX_free);
  X509_STORE_CTX_init(context.get(), store.get(), leaf.get(), nullptr);
  X509_STORE_CTX_set_default(context.get(), "ssl_server");
  X509_verify_cert(context.get());
  return X509_STORE_CTX_get_error(context.get());
}

bool holds_for_host(const std::string& pem, const char* host) {
  return X509_check_host(read(pem).get(), host, 0, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT, nullptr) ==
         1;
}
bool holds_for_address(const std::string& pem, const char* address) {
  return X509_check_ip_asc(read(pem).get(), address, 0) == 1;
}

TEST(CertificateAuthority, IssuesWhatVerifies) {
  const certificate_authority authority("Authority");
  const certificate made = authority.issue({.common_name = "server",
                                            .dns_names = {"localhost", "a.example"},
                                            .addresses = {"127.0.0.1", "::1"}});
  EXPECT_EQ(verify(made.pem, authority), X509_V_OK);
  EXPECT_TRUE(holds_for_host(made.pem, "localhost"));
  EXPECT_TRUE(holds_for_host(made.pem, "a.example"));
  EXPECT_TRUE(holds_for_address(made.pem, "127.0.0.1"));
  EXPECT_TRUE(holds_for_address(made.pem, "::1"));
}

TEST(CertificateAuthority, LeavesOutNamesNotAskedFor) {
  const certificate_authority authority("Authority");
  const certificate made = authority.issue({.common_name = "only.cn.example"});
  EXPECT_EQ(verify(made.pem, authority), X509_V_OK);
  EXPECT_FALSE(holds_for_host(made.pem, "only.cn.example"));
  EXPECT_FALSE(holds_for_address(made.pem, "127.0.0.1"));
}

TEST(CertificateAuthority, IssuesForTheTimeAskedFor) {
  const certificate_authority authority("Authority");
  const auto now = std::chrono::system_clock::now();
  EXPECT_EQ(
      verify(
          authority.issue({.common_name = "old", .not_before = now - 48h, .not_after = now - 24h})
              .pem,
          authority),
      X509_V_ERR_CERT_HAS_EXPIRED);
  EXPECT_EQ(
      verify(
          authority.issue({.common_name = "new", .not_before = now + 24h, .not_after = now + 48h})
              .pem,
          authority),
      X509_V_ERR_CERT_NOT_YET_VALID);
}

TEST(CertificateAuthority, IsUnknownToThoseWhoTrustAnother) {
  const certificate_authority authority("Authority"), other("Other");
  EXPECT_EQ(verify(authority.issue({.common_name = "server"}).pem, other),
            X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
}

TEST(CertificateAuthority, IsDistinctFromOneOfTheSameName) {
  const certificate_authority authority("Authority"), namesake("Authority");
  EXPECT_NE(verify(authority.issue({.common_name = "server"}).pem, namesake), X509_V_OK);
}

TEST(SelfSigned, IsVouchedForByNobody) {
  const certificate_authority authority("Authority");
  EXPECT_EQ(verify(self_signed({.common_name = "alone"}).pem, authority),
            X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT);
}

TEST(CertificateAuthority, RefusesAnAddressThatIsNone) {
  const certificate_authority authority("Authority");
  EXPECT_THROW((void)authority.issue({.common_name = "server", .addresses = {"not an address"}}),
               std::runtime_error);
}

}  // namespace certificate_authority_test
}  // namespace upsun::testing
