#pragma once

#include "http/net/openssl_ptr.hpp"
#include "util/unique_fd.hpp"

namespace upsun::http {

/// OpenSSL's way to a non-blocking socket that somebody else owns.
/// OpenSSL's own socket BIO writes with write(2), so a peer's reset would raise SIGPIPE in the host
/// process. This one does not. \throws std::bad_alloc
openssl_ptr<BIO> make_socket_bio(util::native_fd fd);

struct socket_state {
  bool is_drained;  ///< The last read got less than it had room for: it left nothing, except
                    ///< perhaps the end.
  bool has_ended;   ///< The peer's end of stream was read.
  bool has_failed;  ///< With an error of the system other than that it has to be waited for.
};
/// Of the socket of a BIO made here, as its last reading and writing found it.
socket_state state_of(BIO* bio) noexcept;

/// The socket may hold bytes again: it is not drained until it has been read.
void mark_undrained(BIO* bio) noexcept;

}  // namespace upsun::http
