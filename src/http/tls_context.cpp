#include "http/tls_context.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <boost/asio/ip/address.hpp>

#include <cerrno>
#include <cstdint>
#include <new>

namespace upsun::http {
namespace {

// OpenSSL's own socket BIO writes with write(2), so a peer's reset would raise SIGPIPE in the host process. This one sends with MSG_NOSIGNAL.
int fd_of(BIO* bio) noexcept { return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio))); }

bool would_block() noexcept { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

int bio_write(BIO* bio, const char* data, int size) {
  BIO_clear_retry_flags(bio);
  const auto sent = ::send(fd_of(bio), data, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (sent < 0 && would_block()) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

int bio_read(BIO* bio, char* data, int size) {
  BIO_clear_retry_flags(bio);
  const auto received = ::recv(fd_of(bio), data, static_cast<std::size_t>(size), 0);
  if (received < 0 && would_block()) BIO_set_retry_read(bio);
  if (received == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  return static_cast<int>(received);
}

long bio_control(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_FLUSH) return 1;
  if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
  return 0;
}

int bio_create(BIO* bio) {
  BIO_set_init(bio, 1);
  return 1;
}

BIO_METHOD* make_socket_method() {
  BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket without SIGPIPE");
  if (method == nullptr) throw std::bad_alloc();
  BIO_meth_set_write(method, bio_write);
  BIO_meth_set_read(method, bio_read);
  BIO_meth_set_ctrl(method, bio_control);
  BIO_meth_set_create(method, bio_create);
  return method;
}

// Constant, and never freed: connections may outlive whoever made them, up to the end of the process.
BIO_METHOD* socket_method() {
  static BIO_METHOD* const method = make_socket_method();
  return method;
}

void add_pem(SSL_CTX* context, const std::string& pem) {
  openssl_ptr<BIO> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  if (!bio) throw std::bad_alloc();
  std::size_t added = 0;
  while (openssl_ptr<X509> certificate{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)}) {
    if (X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate.get()) != 1) throw config_error("tls.ca_pem", take_openssl_error());
    ++added;
  }
  // The loop ends in an error also at the end of the text, where it is "no start line".
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  const std::string reason = take_openssl_error();
  if (added == 0) throw config_error("tls.ca_pem", "holds no certificate");
  if (!at_end) throw config_error("tls.ca_pem", reason);
}

void trust(SSL_CTX* context, const tls_options& options) {
  if (!options.ca_pem.empty()) add_pem(context, options.ca_pem);
  if (!options.ca_file.empty() && SSL_CTX_load_verify_file(context, options.ca_file.c_str()) != 1) {
    throw config_error("tls.ca_file", "cannot read certificates from it: " + take_openssl_error());
  }
  if (options.ca_pem.empty() && options.ca_file.empty() && SSL_CTX_set_default_verify_paths(context) != 1) {
    throw config_error("tls.ca_file", "the system's certificates cannot be loaded: " + take_openssl_error());
  }
}

}  // namespace

std::string take_openssl_error() {
  const unsigned long code = ERR_peek_last_error();
  std::string text = "unknown TLS error";
  if (const char* reason = ERR_reason_error_string(code); code != 0 && reason != nullptr) text = reason;
  ERR_clear_error();
  return text;
}

tls_context::tls_context(const tls_options& options) : context_(SSL_CTX_new(TLS_client_method())) {
  if (!context_) throw std::bad_alloc();
  SSL_CTX* context = context_.get();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_read_ahead(context, 1);  // one recv for a whole record instead of two
  static constexpr unsigned char http11[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  if (SSL_CTX_set_alpn_protos(context, http11, sizeof http11) != 0) throw std::bad_alloc();
  if (options.dangerous_accept_any_certificate) {
    SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
  } else {
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    trust(context, options);
  }
}

openssl_ptr<SSL> tls_context::make_session(int fd, const std::string& host) const {
  openssl_ptr<SSL> session(SSL_new(context_.get()));
  BIO* bio = BIO_new(socket_method());
  if (!session || bio == nullptr) {
    BIO_free(bio);
    throw std::bad_alloc();
  }
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(fd)));
  SSL_set_bio(session.get(), bio, bio);
  SSL_set_connect_state(session.get());

  X509_VERIFY_PARAM* parameters = SSL_get0_param(session.get());
  boost::system::error_code not_an_address;
  boost::asio::ip::make_address(host, not_an_address);
  if (not_an_address) {
    // RFC 9110 section 4.3.4: the name is looked for in the subject alternative names, never in the common name.
    X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (X509_VERIFY_PARAM_set1_host(parameters, host.data(), host.size()) != 1 || SSL_set_tlsext_host_name(session.get(), host.c_str()) != 1)
      throw std::bad_alloc();
  } else if (X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str()) != 1) {
    throw std::bad_alloc();
  }
  return session;
}

}  // namespace upsun::http
