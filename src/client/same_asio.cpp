#include <upsun/detail/same_asio.hpp>

namespace upsun::needs_library_built {

// What the library was built with; for each, see the header.
const char UPSUN_DETAIL_VERSION = 0;
const char UPSUN_DETAIL_BOOST = 0;
const char UPSUN_DETAIL_RTTI = 0;
const char UPSUN_DETAIL_THREADS = 0;
const char UPSUN_DETAIL_TRACKING = 0;
const char UPSUN_DETAIL_EXECUTOR = 0;
const char UPSUN_DETAIL_RECYCLING = 0;
const char UPSUN_DETAIL_REACTOR = 0;
const char UPSUN_DETAIL_WAKEUP = 0;
const char UPSUN_DETAIL_CONTAINERS = 0;

}  // namespace upsun::needs_library_built
