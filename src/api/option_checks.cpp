#include "api/option_checks.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>

#include <upsun/config_error.hpp>

#include "api/trace_context.hpp"
#include "config/header_field.hpp"
#include "config/settings.hpp"
#include "model/make_error.hpp"

namespace upsun::api {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

constexpr milliseconds longest_wait = hours(24 * 365);
constexpr std::size_t longest_line = std::size_t{64} << 20;

std::optional<error> refuse(std::string cause) { return model::refused_argument(std::move(cause)); }

bool is_within(milliseconds value, milliseconds most) {
  return value.count() >= 0 && value <= most;
}

}  // namespace

std::optional<error> check(const call_options& options) {
  if (!is_within(options.timeout(), hours(24)) || !is_within(options.attempt_timeout(), hours(24)))
    return refuse("a timeout of the call's options is not from 0 to 24 h");
  try {
    if (const auto& retry = options.retry()) config::check_retry(*retry);
    if (const auto& hedge = options.hedge()) config::check_hedge(*hedge);
  } catch (const config_error& refused) {
    return refuse(std::string(refused.what()) + ", in the call's options");
  }
  for (const auto& [name, value] : options.headers()) {
    if (auto problem = config::refuse_header(name, value))
      return refuse("header of the call's options: " + *problem);
  }
  if (auto problem = refuse_trace(options.traceparent(), options.tracestate()))
    return refuse("trace of the call's options: " + *problem);
  return std::nullopt;
}

std::optional<error> check(const bulk_options& options) {
  if (options.concurrency() > widest_bulk)
    return refuse("concurrency of the bulk's options is not from 0 to 65536");
  if (!is_within(options.timeout(), hours(24)))
    return refuse("timeout of the bulk's options is not from 0 to 24 h");
  if (options.fetch().info() != nullptr)
    return refuse("info cannot be shared by the calls of a bulk");
  return check(options.fetch());
}

std::optional<error> check(const log_options& options) {
  if (!is_within(options.batch_delay(), hours(1)))
    return refuse("batch_delay of the log's options is not from 0 to 1 h");
  if (!is_within(options.idle_timeout(), hours(24)))
    return refuse("idle_timeout of the log's options is not from 0 to 24 h");
  if (options.max_line_bytes() > longest_line)
    return refuse("max_line_bytes of the log's options is over 64 MiB");
  return std::nullopt;
}

std::optional<error> check(const wait_options& options) {
  if (options.timeout().count() < 1 || options.timeout() > longest_wait)
    return refuse("wait_options::timeout must be from 1 ms to a year");
  if (options.initial_delay().count() < 0)
    return refuse("wait_options::initial_delay must not be negative");
  if (!(options.factor() >= 1 && options.factor() <= 100))
    return refuse("wait_options::factor must be from 1 to 100");
  if (options.max_delay() < options.initial_delay() || options.max_delay() > longest_wait)
    return refuse("wait_options::max_delay must be from initial_delay to a year");
  if (!(options.jitter() >= 0 && options.jitter() <= 1))
    return refuse("wait_options::jitter must be from 0 to 1");
  if (options.concurrency() == 0) return refuse("wait_options::concurrency must be at least 1");
  if (options.fetch().info() != nullptr)
    return refuse("wait_options::fetch must have no info, which its fetches cannot share");
  return std::nullopt;
}

}  // namespace upsun::api
