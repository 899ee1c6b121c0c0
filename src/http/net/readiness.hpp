#pragma once

// What watches the sockets of connections: UPSUN_READINESS of CMake says which of the two. Both
// have the same members, of which `epoll_set` says what they do.
#if UPSUN_READINESS_ASIO
#include "http/net/wait_set.hpp"
#else
#include "http/net/epoll_set.hpp"
#endif

namespace upsun::http {

#if UPSUN_READINESS_ASIO
using readiness = wait_set;
#else
using readiness = epoll_set;
#endif

}  // namespace upsun::http
