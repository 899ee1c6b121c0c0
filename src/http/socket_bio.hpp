#pragma once

#include "http/openssl_ptr.hpp"

namespace upsun::http {

/// OpenSSL's way to a non-blocking socket that somebody else owns.
/// OpenSSL's own socket BIO writes with write(2), so a peer's reset would raise SIGPIPE in the host process. This one sends with MSG_NOSIGNAL.
/// \throws std::bad_alloc
openssl_ptr<BIO> make_socket_bio(int fd);

}  // namespace upsun::http
