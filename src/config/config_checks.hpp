#pragma once

#include <upsun/retry_options.hpp>

namespace upsun::config {

/// The checks of settings that calls have, too. \throws config_error for the first field that
/// cannot be used.
void check_retry(const retry_options& retry);
void check_hedge(const hedge_options& hedge);

}  // namespace upsun::config
