#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <memory>

namespace upsun::http {

/// What has to end before its execution context does.
class ends_with_context {
 public:
  virtual void shutdown() noexcept = 0;

 protected:
  ~ends_with_context() = default;
};

/// Has `ending->shutdown()` called when the executor's context is destroyed, if it still lives
/// then. A client that a suspended coroutine owns is part of a circle, since the client's pending
/// work owns that coroutine; this breaks it.
void end_with_context(const boost::asio::any_io_executor& executor,
                      const std::shared_ptr<ends_with_context>& ending);

}  // namespace upsun::http
