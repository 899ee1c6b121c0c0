#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <memory>

#include <upsun/transport.hpp>

namespace upsun::http {

/// Has `ending->shutdown()` called when the executor's context is destroyed, if it still lives then. A client that a suspended coroutine owns is part of a
/// circle, since the client's pending work owns that coroutine; this breaks it.
void end_with_context(const boost::asio::any_io_executor& executor, const std::shared_ptr<transport>& ending);

}  // namespace upsun::http
