#pragma once

#include <upsun/retry_options.hpp>

namespace upsun {
struct client_config;
}

namespace upsun::config {

// Each throws config_error for the first field that cannot be used.

/// Settings that calls have, too.
void check_retry(const retry_options& retry);
void check_hedge(const hedge_options& hedge);

/// Everything that is checked by itself: numbers, durations, and what goes into a header field.
void check_ranges(const client_config& config);

}  // namespace upsun::config
