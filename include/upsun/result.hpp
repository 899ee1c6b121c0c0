#pragma once

#include <boost/system/result.hpp>

#include <upsun/error.hpp>

namespace upsun {

/// A value or an error, what every operation completes with. `if (r)` asks which, `*r` and
/// `r->member` are the value, `r.error()` is the error. `r.value()` throws `call_failed` when there
/// is no value.
template <class T>
using result = boost::system::result<T, error>;

}  // namespace upsun
