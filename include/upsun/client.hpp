#pragma once

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include <upsun/call_options.hpp>
#include <upsun/client_config.hpp>
#include <upsun/error.hpp>
#include <upsun/export.hpp>
#include <upsun/model/integration.hpp>
#include <upsun/observer.hpp>
#include <upsun/result.hpp>

namespace upsun {

namespace detail {
class client_impl;
}

/// Names a project. Explicit, so that the two ids of a call cannot be swapped unseen.
class project_id {
 public:
  explicit project_id(std::string id) noexcept : id_(std::move(id)) {}
  [[nodiscard]] const std::string& str() const noexcept { return id_; }
  friend bool operator==(const project_id&, const project_id&) = default;

 private:
  std::string id_;
};

/// Names an integration within its project.
class integration_id {
 public:
  explicit integration_id(std::string id) noexcept : id_(std::move(id)) {}
  [[nodiscard]] const std::string& str() const noexcept { return id_; }
  friend bool operator==(const integration_id&, const integration_id&) = default;

 private:
  std::string id_;
};

/// A client of the Upsun API: a cheap, movable handle on one pool of connections to one host.
///
/// Operations start at once and complete by their token. What holds for all of them:
/// - Executor: handlers run on their associated executor, the client's by default, never from within the initiating function.
/// - Cancellation: every type, at every step. The call then completes with `condition::cancelled`; only its own connection is closed.
/// - Errors: as values; every call completes exactly once, at the latest shortly after its deadline.
/// - Lifetimes: arguments are copied or moved before the function returns. The client may be destroyed while calls are under way: they complete with
/// `condition::cancelled`.
///
/// Open connections are work to the execution context, so `io_context::run()` returns only after the client was closed or destroyed. The client must
/// not outlive the context.
///
/// Thread safety: every member but move, `operator=` and the destructor may be called from any thread, also at once. No globals, no threads of its own.
class UPSUN_EXPORT client {
 public:
  /// \param executor where the client's own work runs: one thread or many may run its context.
  /// \throws config_error for a setting that cannot be used; boost::system::system_error when the trust store cannot be loaded.
  explicit client(boost::asio::any_io_executor executor, client_config config = {});
  client(client&&) noexcept;
  client& operator=(client&&) noexcept;
  ~client();

  [[nodiscard]] boost::asio::any_io_executor get_executor() const noexcept;

  /// Fetches one integration: `GET /projects/{projectId}/integrations/{integrationId}`.
  /// Completion: `void(upsun::result<upsun::integration>)`. A kind unknown to this version comes as `unknown_settings`.
  /// Errors: every condition; `invalid_argument` for an id that is empty, `.`, `..` or holds a control character; `not_found`, `forbidden` and
  /// `unauthorized` as the API answers.
  template <class CompletionToken = boost::asio::use_awaitable_t<>>
  auto async_get_integration(project_id project, integration_id integration, call_options options, CompletionToken&& token = {}) {
    return boost::asio::async_initiate<CompletionToken, void(result<upsun::integration>)>(
        [](auto handler, std::shared_ptr<detail::client_impl> impl, project_id p, integration_id i, call_options o) {
          start_get_integration(std::move(impl), std::move(p), std::move(i), std::move(o), std::move(handler));
        },
        token, impl_, std::move(project), std::move(integration), std::move(options));
  }
  /// The same with default options.
  template <class CompletionToken = boost::asio::use_awaitable_t<>>
  requires(!std::is_same_v<std::remove_cvref_t<CompletionToken>, call_options>) auto async_get_integration(project_id project, integration_id integration,
                                                                                                           CompletionToken&& token = {}) {
    return async_get_integration(std::move(project), std::move(integration), call_options(), std::forward<CompletionToken>(token));
  }

  /// Closes the client: calls made from now on end in `errc::client_closed`, those under way have `grace` to complete and are then cancelled, connections are
  /// closed. Completion: `void(upsun::result<upsun::close_report>)`, once nothing is left. Zero: everything ends at once. A second call reports what is left to
  /// it, and may shorten the grace of the first. Cancellation: any type ends the grace; it still completes with the report.
  template <class CompletionToken = boost::asio::use_awaitable_t<>>
  auto async_close(std::chrono::milliseconds grace, CompletionToken&& token = {}) {
    return boost::asio::async_initiate<CompletionToken, void(result<close_report>)>(
        [](auto handler, std::shared_ptr<detail::client_impl> impl, std::chrono::milliseconds g) { start_close(std::move(impl), g, std::move(handler)); },
        token, impl_, grace);
  }

  /// A snapshot of the pool and of the calls.
  [[nodiscard]] client_statistics statistics() const;

 private:
  template <class T>
  using handler_for = boost::asio::any_completion_handler<void(result<T>)>;

  static void start_get_integration(std::shared_ptr<detail::client_impl> impl, project_id project, integration_id integration, call_options options,
                                    handler_for<upsun::integration> handler);
  static void start_close(std::shared_ptr<detail::client_impl> impl, std::chrono::milliseconds grace, handler_for<close_report> handler);

  std::shared_ptr<detail::client_impl> impl_;
};

}  // namespace upsun
