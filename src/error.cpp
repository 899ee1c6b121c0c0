#include <upsun/error.hpp>
