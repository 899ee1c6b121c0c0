#include "http/net/socket_bio.hpp"

#include <cstddef>
#include <cstdint>
#include <new>

#include "http/net/socket_calls.hpp"

namespace upsun::http {
namespace {

// Flags of a BIO that OpenSSL does not use.
constexpr int flag_drained = 1 << 24;
constexpr int flag_failed = 1 << 25;

util::native_fd fd_of(BIO* bio) noexcept {
  return static_cast<util::native_fd>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio)));
}

int bio_write(BIO* bio, const char* data, int size) {
  BIO_clear_retry_flags(bio);
  const auto sent = send_bytes(fd_of(bio), data, static_cast<std::size_t>(size));
  if (sent < 0)
    would_block(socket_error()) ? BIO_set_retry_write(bio) : BIO_set_flags(bio, flag_failed);
  return static_cast<int>(sent);
}

int bio_read(BIO* bio, char* data, int size) {
  BIO_clear_retry_flags(bio);
  const auto received = receive(fd_of(bio), data, static_cast<std::size_t>(size));
  received < size ? BIO_set_flags(bio, flag_drained) : BIO_clear_flags(bio, flag_drained);
  if (received < 0)
    would_block(socket_error()) ? BIO_set_retry_read(bio) : BIO_set_flags(bio, flag_failed);
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
  BIO_METHOD* method =
      BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket without SIGPIPE");
  if (method == nullptr) throw std::bad_alloc();
  BIO_meth_set_write(method, bio_write);
  BIO_meth_set_read(method, bio_read);
  BIO_meth_set_ctrl(method, bio_control);
  BIO_meth_set_create(method, bio_create);
  return method;
}

// Constant, and never freed: connections may outlive whoever made them, up to the end of the
// process.
BIO_METHOD* socket_method() {
  static BIO_METHOD* const method = make_socket_method();
  return method;
}

}  // namespace

openssl_ptr<BIO> make_socket_bio(util::native_fd fd) {
  openssl_ptr<BIO> bio(BIO_new(socket_method()));
  if (!bio) throw std::bad_alloc();
  BIO_set_data(bio.get(), reinterpret_cast<void*>(static_cast<std::intptr_t>(fd)));
  return bio;
}

socket_state state_of(BIO* bio) noexcept {
  const auto has = [flags = BIO_get_flags(bio)](int flag) { return (flags & flag) != 0; };
  return {.is_drained = has(flag_drained),
          .has_ended = has(BIO_FLAGS_IN_EOF),
          .has_failed = has(flag_failed)};
}

void mark_undrained(BIO* bio) noexcept { BIO_clear_flags(bio, flag_drained); }

}  // namespace upsun::http
