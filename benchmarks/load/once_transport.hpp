#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <upsun/client_config.hpp>
#include <upsun/transport.hpp>

#include <memory>

namespace upsun::load {

/// The client's own transport with `Connection: close` in each request (RFC 9112 section 9.6), so
/// that every request has a connection of its own. Of HTTP/1.1 only. \throws config_error
[[nodiscard]] std::shared_ptr<transport> make_once_transport(
    const boost::asio::any_io_executor& executor, const client_config& config);

}  // namespace upsun::load
