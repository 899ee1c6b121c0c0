#pragma once

#include <upsun/model/activity_filter.hpp>
#include <upsun/result.hpp>

#include <string>

namespace upsun::api {

/// The query that asks for it, percent-encoded; `errc::invalid_argument` with a cause for what
/// cannot be asked for. A value that stands alone is sent as `state=pending`, several as
/// `state[0]=pending&state[1]=in_progress`, as the official command line does.
[[nodiscard]] result<std::string> make_query(const activity_filter& filter);

/// Whether a list can be asked to start there: the years 0 to 9999.
[[nodiscard]] bool can_start_at(timestamp t) noexcept;

}  // namespace upsun::api
