#pragma once

/// \file
/// Includes the whole library, except `upsun/testing/`. `<upsun/client.hpp>` includes all that most
/// programs need.

#include <upsun/activity_log.hpp>
#include <upsun/attempt_event.hpp>
#include <upsun/bulk_done.hpp>
#include <upsun/bulk_options.hpp>
#include <upsun/bulk_report.hpp>
#include <upsun/call_options.hpp>
#include <upsun/client.hpp>
#include <upsun/client_config.hpp>
#include <upsun/codec.hpp>
#include <upsun/codec_options.hpp>
#include <upsun/credentials.hpp>
#include <upsun/error.hpp>
#include <upsun/export.hpp>
#include <upsun/fleet.hpp>
#include <upsun/fleet_filter.hpp>
#include <upsun/log_line.hpp>
#include <upsun/log_options.hpp>
#include <upsun/model/kinds.hpp>
#include <upsun/observer.hpp>
#include <upsun/page.hpp>
#include <upsun/prometheus.hpp>
#include <upsun/result.hpp>
#include <upsun/retry_options.hpp>
#include <upsun/sequence.hpp>
#include <upsun/sequence_options.hpp>
#include <upsun/statistics.hpp>
#include <upsun/throw_errors.hpp>
#include <upsun/transport.hpp>
#include <upsun/version.hpp>
#include <upsun/wait.hpp>
#include <upsun/webhook.hpp>
