#pragma once

#include <boost/asio/generic/stream_protocol.hpp>

namespace upsun::http {

/// TCP of either family, or a Unix-domain socket.
using stream_socket = boost::asio::generic::stream_protocol::socket;

}  // namespace upsun::http
