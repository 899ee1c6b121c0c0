#pragma once

/// \file
/// A program must see the same Asio as the library it links. With another Boost, without RTTI, or
/// with other Asio macros, Asio's types have another layout and the program would crash. Here each
/// source that includes upsun names what it was compiled with, and the library defines only what it
/// was built with: a mixture does not link, and the missing symbol says what differs. So it is with
/// the headers of another version, where versions differ in their ABI (doc/versions.md). See
/// doc/embedding.md. Not for programs to use.

#include <boost/asio/detail/config.hpp>
#include <boost/asio/detail/thread_info_base.hpp>
#include <boost/version.hpp>

#include <upsun/export.hpp>
#include <upsun/version.hpp>

#define UPSUN_DETAIL_JOIN_EXPANDED(a, b) a##b
#define UPSUN_DETAIL_JOIN(a, b) UPSUN_DETAIL_JOIN_EXPANDED(a, b)

#if UPSUN_VERSION_MAJOR == 0  // whose minor versions may break programs
#define UPSUN_DETAIL_VERSION UPSUN_DETAIL_JOIN(upsun_version_0_, UPSUN_VERSION_MINOR)
#else
#define UPSUN_DETAIL_VERSION UPSUN_DETAIL_JOIN(upsun_version_, UPSUN_VERSION_MAJOR)
#endif

#define UPSUN_DETAIL_BOOST UPSUN_DETAIL_JOIN(boost_version_, BOOST_VERSION)

#ifdef BOOST_ASIO_NO_TYPEID
#define UPSUN_DETAIL_RTTI without_rtti
#else
#define UPSUN_DETAIL_RTTI with_rtti
#endif

#ifdef BOOST_ASIO_HAS_THREADS
#define UPSUN_DETAIL_THREADS without_BOOST_ASIO_DISABLE_THREADS
#else
#define UPSUN_DETAIL_THREADS with_BOOST_ASIO_DISABLE_THREADS
#endif

#ifdef BOOST_ASIO_ENABLE_HANDLER_TRACKING
#define UPSUN_DETAIL_TRACKING with_BOOST_ASIO_ENABLE_HANDLER_TRACKING
#else
#define UPSUN_DETAIL_TRACKING without_BOOST_ASIO_ENABLE_HANDLER_TRACKING
#endif

#ifdef BOOST_ASIO_USE_TS_EXECUTOR_AS_DEFAULT
#define UPSUN_DETAIL_EXECUTOR with_BOOST_ASIO_USE_TS_EXECUTOR_AS_DEFAULT
#else
#define UPSUN_DETAIL_EXECUTOR without_BOOST_ASIO_USE_TS_EXECUTOR_AS_DEFAULT
#endif

#ifdef BOOST_ASIO_DISABLE_SMALL_BLOCK_RECYCLING
#define UPSUN_DETAIL_RECYCLING with_BOOST_ASIO_DISABLE_SMALL_BLOCK_RECYCLING
#else  // the size has a default, which this header of Asio's defines
#define UPSUN_DETAIL_RECYCLING                                       \
  UPSUN_DETAIL_JOIN(with_BOOST_ASIO_RECYCLING_ALLOCATOR_CACHE_SIZE_, \
                    BOOST_ASIO_RECYCLING_ALLOCATOR_CACHE_SIZE)
#endif

// How Asio waits for sockets, wakes up and keeps time; of these, only one reactor is compiled in.
#if defined(BOOST_ASIO_HAS_IO_URING_AS_DEFAULT)
#define UPSUN_DETAIL_REACTOR with_io_uring
#elif !defined(BOOST_ASIO_HAS_EPOLL)
#define UPSUN_DETAIL_REACTOR with_BOOST_ASIO_DISABLE_EPOLL
#elif !defined(BOOST_ASIO_HAS_TIMERFD)
#define UPSUN_DETAIL_REACTOR with_epoll_but_no_timerfd
#else
#define UPSUN_DETAIL_REACTOR with_epoll_and_timerfd
#endif

#ifdef BOOST_ASIO_HAS_EVENTFD
#define UPSUN_DETAIL_WAKEUP without_BOOST_ASIO_DISABLE_EVENTFD
#else
#define UPSUN_DETAIL_WAKEUP with_BOOST_ASIO_DISABLE_EVENTFD
#endif

#ifdef _GLIBCXX_DEBUG
#define UPSUN_DETAIL_CONTAINERS with_GLIBCXX_DEBUG
#else
#define UPSUN_DETAIL_CONTAINERS without_GLIBCXX_DEBUG
#endif

namespace upsun::needs_library_built {

UPSUN_EXPORT extern const char UPSUN_DETAIL_VERSION;
UPSUN_EXPORT extern const char UPSUN_DETAIL_BOOST;
UPSUN_EXPORT extern const char UPSUN_DETAIL_RTTI;
UPSUN_EXPORT extern const char UPSUN_DETAIL_THREADS;
UPSUN_EXPORT extern const char UPSUN_DETAIL_TRACKING;
UPSUN_EXPORT extern const char UPSUN_DETAIL_EXECUTOR;
UPSUN_EXPORT extern const char UPSUN_DETAIL_RECYCLING;
UPSUN_EXPORT extern const char UPSUN_DETAIL_REACTOR;
UPSUN_EXPORT extern const char UPSUN_DETAIL_WAKEUP;
UPSUN_EXPORT extern const char UPSUN_DETAIL_CONTAINERS;

/// Static, not inline: the linker would take one translation unit's word for all.
[[gnu::used]] static const char* const as_this_source[] = {
    &UPSUN_DETAIL_VERSION,    &UPSUN_DETAIL_BOOST,    &UPSUN_DETAIL_RTTI,
    &UPSUN_DETAIL_THREADS,    &UPSUN_DETAIL_TRACKING, &UPSUN_DETAIL_EXECUTOR,
    &UPSUN_DETAIL_RECYCLING,  &UPSUN_DETAIL_REACTOR,  &UPSUN_DETAIL_WAKEUP,
    &UPSUN_DETAIL_CONTAINERS,
};

}  // namespace upsun::needs_library_built
