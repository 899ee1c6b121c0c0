#include "operations/log_calls.hpp"

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/integrations.hpp"
#include "api/links.hpp"
#include "calls/composed.hpp"
#include "codec/links.hpp"
#include "operations/log_session.hpp"
#include "util/origin.hpp"

namespace asio = boost::asio;

namespace upsun::operations {
namespace {

using calls::client_impl;
using offered = std::vector<std::optional<codec::link>>;

std::optional<std::string> refuse(const log_options& options) {
  constexpr std::chrono::hours longest_idle(24);
  constexpr std::chrono::hours longest_delay(1);
  constexpr std::size_t longest_line = std::size_t{64} << 20;
  if (options.batch_delay().count() < 0 || options.batch_delay() > longest_delay)
    return "batch_delay of the log's options is not from 0 to 1 h";
  if (options.idle_timeout().count() < 0 || options.idle_timeout() > longest_idle)
    return "idle_timeout of the log's options is not from 0 to 24 h";
  if (options.max_line_bytes() > longest_line)
    return "max_line_bytes of the log's options is over 64 MiB";
  return std::nullopt;
}

error failure(errc code, std::string cause, const api::operation& of) {
  error_details details;
  details.phase = code == errc::invalid_argument ? phase::admission : phase::decode;
  details.cause = std::move(cause);
  details.method = of.method;
  details.path_template = of.path_template;
  return {code, std::move(details)};
}

result<offered> read_log_links(const client_impl& client, const http_response& response) {
  static constexpr std::array<std::string_view, 2> names{"log", "#log"};
  return codec::decode_links(response.body, client.decoding, names);
}

/// The target of the log's requests. They carry the token, so they go nowhere but to the API's own
/// host.
result<std::string> find_log(const offered& links, const client_impl& client,
                             const std::string& target, const api::operation& from) {
  const auto& link = links[0] ? links[0] : links[1];
  if (!link) return failure(errc::unsupported, "the activity has no link to a log", from);
  const util::origin& api = client.config.network.where;
  util::origin host = api;
  host.prefix.clear();
  auto to = api::resolve(*link, {.where = host, .target = target});
  if (!to) return to.error();
  if (!api::is_own(*to, api))
    return codec::refuse_link(*link, "a link to the API's own host",
                              "one to another, which must not see the token");
  return std::move(to->target);
}

asio::awaitable<result<activity_log>> find(calls::composed_base& steps, integration_ref ref,
                                           activity_id activity, log_options options) {
  auto get = api::get_activity(ref, std::move(activity));
  if (!get) co_return get.error();
  const api::operation operation = *get;
  if (auto problem = refuse(options))
    co_return failure(errc::invalid_argument, std::move(*problem), operation);
  auto links = co_await steps.perform<offered>(std::move(get), &read_log_links);
  if (!links) co_return links.error();
  auto target =
      find_log(*links, steps.client(), api::target_of(operation, steps.client().prefix), operation);
  if (!target) co_return target.error();
  co_return activity_log(std::make_shared<operations::log_session>(
      steps.client().shared_from_this(), std::move(*target), options));
}

}  // namespace

detail::prepared_call<activity_log> prepare_activity_log(std::shared_ptr<client_impl> client,
                                                         const integration_ref& ref,
                                                         activity_id&& activity,
                                                         log_options&& options) {
  call_options of_call = options.fetch();
  return std::make_shared<calls::composed<activity_log>>(
      std::move(client), std::move(of_call),
      [ref, activity = std::move(activity), options = std::move(options)](
          calls::composed_base& steps) { return find(steps, ref, activity, options); });
}

}  // namespace upsun::operations
