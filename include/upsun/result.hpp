#pragma once

#include <boost/system/result.hpp>

#include <upsun/error.hpp>

namespace upsun {

/// A value, or the error that stands in its place. `if (r)`, `*r`, `r->member`, `r.error()`;
/// `r.value()` throws `call_failed` when there is none.
template <class T>
using result = boost::system::result<T, error>;

}  // namespace upsun
