#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/system/error_code.hpp>

#include <memory>

#include "http/net/socket_calls.hpp"

namespace upsun::http {

/// What has to end before its execution context does.
class ends_with_context {
 public:
  /// Ends it in this process. In a forked child, where its descriptors are the parent's too, the
  /// parent's goes on untouched.
  virtual void end_here() noexcept = 0;

 protected:
  ~ends_with_context() = default;
};

/// Has `ending->end_here()` called when the executor's context is destroyed, or goes on in a forked
/// child (Asio's `notify_fork`), if it still lives then. A client that a suspended coroutine owns
/// is part of a circle, since the client's pending work owns that coroutine; this breaks it.
void end_with_context(const boost::asio::any_io_executor& executor,
                      const std::shared_ptr<ends_with_context>& ending);

/// Whether this is a forked child, and the executor's context was not notified of that (Asio's
/// `notify_fork`): what Asio waits with is the parent's, too.
[[nodiscard]] bool waits_with_parent(const boost::asio::any_io_executor& executor);

/// Closes a socket or descriptor that Asio waits on. In a forked child nothing happens to the
/// parent's.
template <class IoObject>
void close_own(IoObject& one) noexcept {
  if (one.is_open() && waits_with_parent(one.get_executor())) replace_socket(one.native_handle());
  boost::system::error_code ignored;
  one.close(ignored);
}

}  // namespace upsun::http
