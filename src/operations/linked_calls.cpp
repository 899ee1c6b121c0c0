#include "operations/linked_calls.hpp"

#include <array>
#include <chrono>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/activities.hpp"
#include "api/integrations.hpp"
#include "api/links.hpp"
#include "api/option_checks.hpp"
#include "calls/composed.hpp"
#include "codec/error_body.hpp"
#include "codec/links.hpp"
#include "config/settings.hpp"
#include "model/make_error.hpp"
#include "operations/log_session.hpp"

namespace asio = boost::asio;

namespace upsun::operations {
namespace {

using calls::client_impl;
using optional_link = std::optional<codec::link>;
using links = std::vector<optional_link>;

// ---- documents and their links

struct integration_links {
  static constexpr std::array<std::string_view, 3> names{"self", "#validate", "#hook"};
  enum : std::size_t { self, validate, hook };
};
struct activity_links {
  static constexpr std::array<std::string_view, 2> names{"log", "#log"};
};

template <class Document>
result<links> read_links(const client_impl& client, const http_response& response) {
  return codec::decode_links(response.body, client.decoding, Document::names);
}

/// The links of a document, and what they are relative to.
struct linked_document {
  util::origin api;
  api::link_target place;
  links found;
};

template <class Document>
asio::awaitable<result<linked_document>> fetch(calls::composed_base& steps,
                                               result<api::operation> get) {
  linked_document document;
  document.api = steps.client().config.network.where;
  document.place.where = document.api;
  document.place.where.prefix.clear();
  if (get) document.place.target = api::target_of(*get, document.api.prefix);
  auto found = co_await steps.perform<links>(std::move(get), &read_links<Document>);
  if (!found) co_return found.error();
  document.found = std::move(*found);
  co_return document;
}

/// Where a link leads; `errc::unsupported` when there is none.
result<api::link_target> follow(const optional_link& link, const api::link_target& base) {
  return link ? api::resolve(*link, base) : result<api::link_target>(errc::unsupported);
}

/// The target of a link whose requests carry the token, so that they go to the API's own host, also
/// when the link names a regional one.
result<std::string> find_own(const linked_document& document, const optional_link& link) {
  auto to = follow(link, document.place);
  if (!to) return to.error();
  if (auto own = api::own_target(*to, document.api)) return std::move(*own);
  return codec::refuse_link(*link, "a link to a resource of the API",
                            "one to elsewhere, which must not see the token");
}

/// The failure, as one of the operation that it stands in the way of.
error blocking(const error& why, const api::operation& what, phase failed_in = phase::decode) {
  error_details details = why.details();
  details.phase = failed_in;
  details.method = what.method;
  details.path_template = what.path_template;
  return {why.code(), std::move(details)};
}

// ---- the hook, which may be anywhere

result<void> read_nothing(const client_impl&, const http_response&) { return {}; }

result<api::link_target> find_hook(const linked_document& document) {
  const optional_link& self = document.found[integration_links::self];
  const optional_link& hook = document.found[integration_links::hook];
  if (!hook || !self) return follow(hook, document.place);
  const auto base = follow(self, document.place);
  return base ? follow(hook, *base) : base;
}

/// A transport of the client's own settings: used, never closed.
class borrowed_transport final : public transport {
 public:
  explicit borrowed_transport(std::shared_ptr<transport> lender) : lender_(std::move(lender)) {}

  void async_send(http_request request, send_handler handler) override {
    lender_->async_send(std::move(request), std::move(handler));
  }
  void async_close(std::chrono::milliseconds, close_handler handler) override {
    std::move(handler)(close_report());
  }
  void shutdown() noexcept override {}
  [[nodiscard]] pool_statistics statistics() const override { return lender_->statistics(); }

 private:
  const std::shared_ptr<transport> lender_;
};

config::peer_kind kind_of(bool own) {
  return own ? config::peer_kind::api : config::peer_kind::stranger;
}

/// A client for one request to another URL, without credentials. It ends with this object.
class anonymous_client {
 public:
  /// \throws as the constructor of `client`, for files that have changed since
  anonymous_client(const client_impl& of, const api::link_target& to, bool own) {
    auto settings = config::for_peer(of.config, to.where, kind_of(own));
    if (settings.transport)
      settings.transport = std::make_shared<borrowed_transport>(settings.transport);
    impl_ = std::make_shared<client_impl>(of.executor, std::move(settings));
    impl_->watch_context();
  }
  anonymous_client(const anonymous_client&) = delete;
  anonymous_client& operator=(const anonymous_client&) = delete;
  ~anonymous_client() { impl_->shutdown(); }

  [[nodiscard]] const std::shared_ptr<client_impl>& impl() const noexcept { return impl_; }

 private:
  std::shared_ptr<client_impl> impl_;
};

/// Why no request may be sent there.
std::optional<error> refuse_hook(const linked_document& document, const api::link_target& to,
                                 const config::client_settings& settings) {
  const bool own = api::is_own(to, document.api);
  if (!own && settings.transport) {
    return model::make_error(
        errc::connect_failed, phase::admission,
        "the link leads to another host, and the client's transport reaches its own only");
  }
  const auto there = config::for_peer(settings.network, to.where, kind_of(own));
  if (to.where.tls || settings.allow_plain_http || config::stays_local(there.way, to.where))
    return std::nullopt;
  return codec::refuse_link(*document.found[integration_links::hook], "an https URL",
                            "one of plain http to a host that is not a loopback address");
}

result<std::unique_ptr<anonymous_client>> make_anonymous_client(const client_impl& of,
                                                                const api::link_target& to,
                                                                bool own) {
  try {
    return std::make_unique<anonymous_client>(of, to, own);
  } catch (const std::bad_alloc&) {
    throw;
  } catch (
      const std::exception& unusable) {  // config_error, or what the trust store's loading throws
    return model::make_error(errc::connect_failed, phase::connect, unusable.what());
  }
}

// ---- the other links

/// A 400 that does not say what is wrong comes from elsewhere.
result<validation> read_verdict(const client_impl&, const http_response& response) {
  if (response.status != 400) return validation{.valid = true};
  server_message said = codec::parse_error_body(response.body);
  if (!said.message.empty() || !said.fields.empty())
    return validation{.problems = std::move(said.fields), .message = std::move(said.message)};
  error_details details;
  details.phase = phase::read_body;
  details.server = std::move(said);
  return error(errc::bad_request, std::move(details));
}

result<std::string> find_log(const linked_document& document) {
  for (const optional_link& link : document.found) {
    if (link) return find_own(document, link);
  }
  return model::make_error(errc::unsupported, phase::decode, "the activity has no link to a log");
}

}  // namespace

asio::awaitable<result<validation>> validate_integration(calls::composed_base& steps,
                                                         integration_ref ref) {
  auto document = co_await fetch<integration_links>(steps, api::get_integration(ref));
  if (!document) co_return document.error();
  auto target = find_own(*document, document->found[integration_links::validate]);
  auto validate = api::validate_integration(target ? std::move(*target) : std::string());
  if (!target) co_return blocking(target.error(), validate);
  co_return co_await steps.perform<validation>(std::move(validate), &read_verdict);
}

asio::awaitable<result<void>> trigger_hook(calls::composed_base& steps, integration_ref ref) {
  auto document = co_await fetch<integration_links>(steps, api::get_integration(ref));
  if (!document) co_return document.error();
  auto to = find_hook(*document);
  auto hook = api::trigger_hook(to ? to->target : std::string());
  if (!to) co_return blocking(to.error(), hook);
  if (const auto refused = refuse_hook(*document, *to, steps.client().config))
    co_return blocking(*refused, hook);
  const auto poster = make_anonymous_client(steps.client(), *to, api::is_own(*to, document->api));
  if (!poster) co_return blocking(poster.error(), hook);
  co_return co_await steps.perform_by<void>((*poster)->impl(), std::move(hook), &read_nothing);
}

asio::awaitable<result<std::string>> get_hook_url(calls::composed_base& steps,
                                                  integration_ref ref) {
  auto get = api::get_integration(ref);
  if (!get) co_return get.error();
  const api::operation operation = *get;
  const auto document = co_await fetch<integration_links>(steps, std::move(get));
  if (!document) co_return document.error();
  const auto to = find_hook(*document);
  if (!to) co_return blocking(to.error(), operation);
  co_return api::url_of(*to);
}

asio::awaitable<result<activity_log>> open_activity_log(calls::composed_base& steps,
                                                        activity_scope of, activity_id activity,
                                                        log_options options) {
  auto get = api::get_activity(of, activity);
  if (!get) co_return get.error();
  const api::operation operation = *get;
  if (auto problem = api::check(options)) co_return blocking(*problem, operation, phase::admission);
  auto document = co_await fetch<activity_links>(steps, std::move(get));
  if (!document) co_return document.error();
  auto target = find_log(*document);
  if (!target) co_return blocking(target.error(), operation);
  co_return activity_log(std::make_shared<log_session>(steps.client().shared_from_this(),
                                                       std::move(*target), options));
}

}  // namespace upsun::operations
