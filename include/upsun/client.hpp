#pragma once

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <concepts>
#include <memory>
#include <ranges>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <upsun/activity_log.hpp>
#include <upsun/activity_sequence.hpp>
#include <upsun/bulk_options.hpp>
#include <upsun/bulk_report.hpp>
#include <upsun/bulk_work.hpp>
#include <upsun/call_options.hpp>
#include <upsun/client_config.hpp>
#include <upsun/error.hpp>
#include <upsun/export.hpp>
#include <upsun/log_options.hpp>
#include <upsun/model/accepted_change.hpp>
#include <upsun/model/ids.hpp>
#include <upsun/model/integration.hpp>
#include <upsun/model/integration_input.hpp>
#include <upsun/model/validation.hpp>
#include <upsun/observer.hpp>
#include <upsun/result.hpp>
#include <upsun/startable.hpp>
#include <upsun/wait.hpp>

namespace upsun {

namespace calls {
class client_impl;
}

namespace detail {

template <class T>
concept not_options = !std::is_same_v<std::remove_cvref_t<T>, call_options> &&
                      !std::is_same_v<std::remove_cvref_t<T>, bulk_options>;
template <class T>
concept not_log_options = !std::is_same_v<std::remove_cvref_t<T>, log_options>;
}  // namespace detail

/// A client of the Upsun API: a cheap, movable handle on one pool of connections to one host.
///
/// Operations start at once and complete by their token. What holds for all of them:
/// - Executor: handlers run on their associated executor, the client's by default, never from
/// within the initiating function.
/// - Cancellation: every type, at every step. The call then completes with `condition::cancelled`;
/// only its own connection is closed.
/// - Errors: as values; every call completes exactly once, at the latest shortly after its
/// deadline.
/// - Lifetimes: arguments are copied or moved before the function returns. The client may be
/// destroyed while calls are under way: they complete with `condition::cancelled`.
///
/// Open connections are work to the execution context, so `io_context::run()` returns only after
/// the client was closed or destroyed. The client must not outlive the context.
///
/// Thread safety: every member but move, `operator=` and the destructor may be called from any
/// thread, also at once. No globals, no threads of its own.
class UPSUN_EXPORT client {
 public:
  /// \param executor where the client's own work runs: one thread or many may run its context.
  /// \throws config_error for a setting that cannot be used; boost::system::system_error when the
  /// trust store cannot be loaded, or no file descriptor is left for watching the connections.
  explicit client(boost::asio::any_io_executor executor, client_config config = {});
  client(client&&) noexcept;
  client& operator=(client&&) noexcept;
  ~client();

  [[nodiscard]] boost::asio::any_io_executor get_executor() const noexcept;

  /// Fetches one integration: `GET /projects/{projectId}/integrations/{integrationId}`.
  /// Completion: `void(upsun::result<upsun::integration>)`. A kind unknown to this version comes as
  /// `unknown_settings`. Errors: every condition; `invalid_argument` for an id that is empty, `.`,
  /// `..` or holds a control character; `not_found`, `forbidden` and `unauthorized` as the API
  /// answers.
  template <class CompletionToken = boost::asio::use_awaitable_t<>>
  auto async_get_integration(project_id project, integration_id integration, call_options options,
                             CompletionToken&& token = {}) {
    return detail::start(
        prepare_get(std::move(project), std::move(integration), std::move(options)), token);
  }
  /// The same with default options.
  template <class CompletionToken = boost::asio::use_awaitable_t<>>
  requires(!std::is_same_v<std::remove_cvref_t<CompletionToken>,
                           call_options>) auto async_get_integration(project_id project,
                                                                     integration_id integration,
                                                                     CompletionToken&& token = {}) {
    return async_get_integration(std::move(project), std::move(integration), call_options(),
                                 std::forward<CompletionToken>(token));
  }

  /// Lists a project's integrations: `GET /projects/{projectId}/integrations`, all in one answer.
  /// Completion: `void(upsun::result<std::vector<upsun::result<upsun::integration>>>)`, in the
  /// API's order. A kind unknown to this version comes as `unknown_settings`; an element that
  /// breaks the API's contract is an error in its place, and all others come beside it. Errors: as
  /// `async_get_integration`.
  template <class CompletionToken = boost::asio::use_awaitable_t<>>
  auto async_list_integrations(project_id project, call_options options,
                               CompletionToken&& token = {}) {
    return detail::start(prepare_list(std::move(project), std::move(options)), token);
  }
  template <detail::not_options CompletionToken = boost::asio::use_awaitable_t<>>
  auto async_list_integrations(project_id project, CompletionToken&& token = {}) {
    return async_list_integrations(std::move(project), call_options(),
                                   std::forward<CompletionToken>(token));
  }

  /// Creates an integration: `POST /projects/{projectId}/integrations`. It is sent a second time
  /// only when the first was provably not processed. Completion:
  /// `void(upsun::result<upsun::accepted_change>)`; its `entity` has the new id. Errors: as
  /// `async_get_integration`; `invalid_argument` also for an input that the API is known to refuse,
  /// naming the member; `bad_request` when the API does, with the members' names in
  /// `error::server()`; `conflict` when there is one with that repository already.
  template <class CompletionToken = boost::asio::use_awaitable_t<>>
  auto async_create_integration(project_id project, const integration_input& input,
                                call_options options, CompletionToken&& token = {}) {
    return detail::start(prepare_create(std::move(project), input, std::move(options)), token);
  }
  template <detail::not_options CompletionToken = boost::asio::use_awaitable_t<>>
  auto async_create_integration(project_id project, const integration_input& input,
                                CompletionToken&& token = {}) {
    return async_create_integration(std::move(project), input, call_options(),
                                    std::forward<CompletionToken>(token));
  }

  /// Changes what a patch has set, and nothing else: `PATCH
  /// /projects/{projectId}/integrations/{integrationId}`. It is sent a second time only when the
  /// first was provably not processed. Completion: `void(upsun::result<upsun::accepted_change>)`.
  /// Errors: as `async_create_integration`.
  template <class CompletionToken = boost::asio::use_awaitable_t<>>
  auto async_update_integration(const integration_ref& ref, const integration_patch& patch,
                                call_options options, CompletionToken&& token = {}) {
    return detail::start(prepare_update(ref, patch, std::move(options)), token);
  }
  template <detail::not_options CompletionToken = boost::asio::use_awaitable_t<>>
  auto async_update_integration(const integration_ref& ref, const integration_patch& patch,
                                CompletionToken&& token = {}) {
    return async_update_integration(ref, patch, call_options(),
                                    std::forward<CompletionToken>(token));
  }

  /// Deletes an integration: `DELETE /projects/{projectId}/integrations/{integrationId}`. When its
  /// answer is lost and it is tried again, `not_found` may mean that it was deleted. Completion:
  /// `void(upsun::result<upsun::accepted_change>)`. Errors: as `async_get_integration`.
  template <class CompletionToken = boost::asio::use_awaitable_t<>>
  auto async_delete_integration(const integration_ref& ref, call_options options,
                                CompletionToken&& token = {}) {
    return detail::start(prepare_delete(ref, std::move(options)), token);
  }
  template <detail::not_options CompletionToken = boost::asio::use_awaitable_t<>>
  auto async_delete_integration(const integration_ref& ref, CompletionToken&& token = {}) {
    return async_delete_integration(ref, call_options(), std::forward<CompletionToken>(token));
  }

  /// Fetches one activity of an integration: `GET
  /// /projects/{projectId}/integrations/{integrationId}/activities/{activityId}`. Completion:
  /// `void(upsun::result<upsun::activity>)`. Errors: as `async_get_integration`.
  template <class CompletionToken = boost::asio::use_awaitable_t<>>
  auto async_get_integration_activity(const integration_ref& ref, activity_id activity,
                                      call_options options, CompletionToken&& token = {}) {
    return detail::start(prepare_get_activity(ref, std::move(activity), std::move(options)), token);
  }
  template <detail::not_options CompletionToken = boost::asio::use_awaitable_t<>>
  auto async_get_integration_activity(const integration_ref& ref, activity_id activity,
                                      CompletionToken&& token = {}) {
    return async_get_integration_activity(ref, std::move(activity), call_options(), token);
  }

  /// Asks for an activity to be cancelled: `POST
  /// /projects/{projectId}/integrations/{integrationId}/activities/{activityId}/cancel`. Whether it
  /// was, the activity tells. It is sent a second time only when the first was provably not
  /// processed. Completion: `void(upsun::result<upsun::accepted_change>)`. Errors: as
  /// `async_get_integration`; as the API answers for one that cannot be cancelled any more.
  template <class CompletionToken = boost::asio::use_awaitable_t<>>
  auto async_cancel_integration_activity(const integration_ref& ref, activity_id activity,
                                         call_options options, CompletionToken&& token = {}) {
    return detail::start(prepare_cancel_activity(ref, std::move(activity), std::move(options)),
                         token);
  }
  template <detail::not_options CompletionToken = boost::asio::use_awaitable_t<>>
  auto async_cancel_integration_activity(const integration_ref& ref, activity_id activity,
                                         CompletionToken&& token = {}) {
    return async_cancel_integration_activity(ref, std::move(activity), call_options(), token);
  }

  /// Fetches many integrations, at most `bulk_options::window` at a time, all under one deadline.
  /// It costs less than as many single fetches. See doc/bulk.md. \param refs any input range of
  /// `integration_ref`. Completion: `void(upsun::result<upsun::bulk_outcome>)`, once all are
  /// through: a result for each ref, in their order, also of one that was refused before it was
  /// sent. A `bulk_outcome` comes also when the whole was stopped before its end, by cancellation,
  /// its deadline, an error with `bulk_options::fail_fast`, or the client's end: what was fetched
  /// by then is there, all else is an error in its place, and `bulk_report::stopped_by` tells why.
  /// Once `async_close` was called no more are begun; those under way have its grace. Errors: when
  /// nothing was begun: `invalid_argument` for options that cannot be used, `closed`. Those of the
  /// results: as `async_get_integration`.
  template <std::ranges::input_range Refs, class CompletionToken = boost::asio::use_awaitable_t<>>
  requires std::same_as<std::ranges::range_value_t<Refs>, integration_ref>
  auto async_get_integrations(Refs&& refs, bulk_options options, CompletionToken&& token = {}) {
    return detail::start(
        prepare_get_many(detail::to_vector(std::forward<Refs>(refs)), std::move(options)), token);
  }
  template <std::ranges::input_range Refs,
            detail::not_options CompletionToken = boost::asio::use_awaitable_t<>>
  requires std::same_as<std::ranges::range_value_t<Refs>, integration_ref>
  auto async_get_integrations(Refs&& refs, CompletionToken&& token = {}) {
    return async_get_integrations(std::forward<Refs>(refs), bulk_options(),
                                  std::forward<CompletionToken>(token));
  }

  /// Fetches many integrations and hands on each as it comes, in memory that does not grow with
  /// their number. See doc/bulk.md. \param source what to fetch: a range, or a callable that
  /// returns one `std::optional` after the other, the empty one last; of `integration_ref`, each to
  /// be fetched, or of `project_id`, each to be listed and its integrations handed on. It is asked
  /// only when there is room in the window. \param handler is called once for each integration, and
  /// once for each ref or project that failed, also for those that were cancelled because the whole
  /// was stopped: `void(const Target&, upsun::result<upsun::integration>)`, where `Target` is what
  /// the source gives. To be asynchronous it returns an `asio::awaitable<void>`, which is spawned
  /// on the completion handler's executor (on the client's, when that is no `any_io_executor`), or
  /// it takes an `upsun::bulk_done` as third argument. Its place in the window is taken until it
  /// ends. The integrations of one project are handed on one after the other. Completion:
  /// `void(upsun::result<upsun::bulk_report>)`, after the last handler has ended; also when the
  /// whole was stopped before its end, which `bulk_report::stopped_by` tells. What source or
  /// handler throw stops the whole, after which no more are called, and comes in
  /// `bulk_report::thrown`. Source, handler and `bulk_options::progress` run on the completion
  /// handler's executor, never two of them at once, and never in the initiating function.
  /// Cancellation: every type; handlers that have begun are waited for. Errors: when nothing was
  /// begun, as `async_get_integrations`.
  template <detail::bulk_source Source, class Handler,
            class CompletionToken = boost::asio::use_awaitable_t<>>
  requires detail::bulk_handler<std::decay_t<Handler>, detail::bulk_target_of<Source>>
  auto async_for_each_integration(Source&& source, Handler&& handler, bulk_options options,
                                  CompletionToken&& token = {}) {
    using work = detail::given_work<std::decay_t<Source>, std::decay_t<Handler>>;
    return detail::start(prepare_for_each(std::make_unique<work>(std::forward<Source>(source),
                                                                 std::forward<Handler>(handler)),
                                          std::move(options)),
                         token);
  }
  template <detail::bulk_source Source, class Handler,
            detail::not_options CompletionToken = boost::asio::use_awaitable_t<>>
  requires detail::bulk_handler<std::decay_t<Handler>, detail::bulk_target_of<Source>>
  auto async_for_each_integration(Source&& source, Handler&& handler,
                                  CompletionToken&& token = {}) {
    return async_for_each_integration(std::forward<Source>(source), std::forward<Handler>(handler),
                                      bulk_options(), std::forward<CompletionToken>(token));
  }

  /// The activities of an integration: `GET
  /// /projects/{projectId}/integrations/{integrationId}/activities`, page by page as they are read.
  /// Nothing is sent before the first read, which is also where an argument is refused. \param
  /// options of each read
  [[nodiscard]] activity_sequence async_list_integration_activities(
      const integration_ref& ref, activity_filter filter = {}, call_options options = {}) const;

  /// Waits until activities of an integration have ended: fetches each, with pauses that grow,
  /// under one deadline; see `wait_options`. Completion: `void(upsun::result<upsun::wait_report>)`.
  /// That an activity failed or was cancelled is no error: the report says so. Cancellation: any
  /// type, at every step; the activities go on. Errors: `deadline_exceeded`, whose cause names what
  /// is still pending; those of `async_get_integration_activity`, of which the ones that may pass
  /// count as `wait_options::max_failures` says. The activities of a deleted integration cannot be
  /// fetched any more (`not_found`).
  template <class CompletionToken = boost::asio::use_awaitable_t<>>
  auto async_wait_for(const integration_ref& ref, awaited_activities what, wait_options options,
                      CompletionToken&& token = {}) {
    return detail::start(prepare_wait(ref, std::move(what), std::move(options)), token);
  }
  template <class CompletionToken = boost::asio::use_awaitable_t<>>
  requires(!std::is_same_v<std::remove_cvref_t<CompletionToken>, wait_options>) auto async_wait_for(
      const integration_ref& ref, awaited_activities what, CompletionToken&& token = {}) {
    return async_wait_for(ref, std::move(what), wait_options(), token);
  }

  /// Asks the API whether an integration as it is stored works: fetches it and posts to its link
  /// `#validate`, both within the one deadline; each is tried again as any idempotent call.
  /// Completion: `void(upsun::result<upsun::validation>)`; that it is invalid is a value, with the
  /// complaints by member. Errors: as `async_get_integration`; `unsupported` when the integration
  /// has no such link; `bad_request` for a 400 that does not say what is wrong; `decode` for a link
  /// that cannot be followed, or leads to another host than `base_url`'s, which must not get the
  /// token: nothing is sent then.
  template <class CompletionToken = boost::asio::use_awaitable_t<>>
  auto async_validate_integration(const integration_ref& ref, call_options options,
                                  CompletionToken&& token = {}) {
    return detail::start(prepare_validate(ref, std::move(options)),
                         std::forward<CompletionToken>(token));
  }
  template <detail::not_options CompletionToken = boost::asio::use_awaitable_t<>>
  auto async_validate_integration(const integration_ref& ref, CompletionToken&& token = {}) {
    return async_validate_integration(ref, call_options(), std::forward<CompletionToken>(token));
  }

  /// Triggers an integration's hook, as the service on its other side would: fetches it and posts
  /// `{}` to its link `#hook`, resolved against its link `self`, within the one deadline. The post
  /// carries no token, whatever host it goes to, nor headers or trace of the options; it has a
  /// connection of its own, closed afterwards, with TLS by `client_config::tls`, whose files are
  /// read again and whose client certificate goes to the API's own host only. It is sent again only
  /// when it was provably not processed. Completion: `void(upsun::result<void>)`, after any 2xx.
  /// Errors: as `async_get_integration`; `unsupported` without such a link; `decode` for a link
  /// that cannot be followed, or leads to plain `http://` where the client would not go itself
  /// (`allow_plain_http`); `connection` also when it leads to another host and
  /// `client_config::transport` is set.
  template <class CompletionToken = boost::asio::use_awaitable_t<>>
  auto async_trigger_hook(const integration_ref& ref, call_options options,
                          CompletionToken&& token = {}) {
    return detail::start(prepare_hook(ref, std::move(options)),
                         std::forward<CompletionToken>(token));
  }
  template <detail::not_options CompletionToken = boost::asio::use_awaitable_t<>>
  auto async_trigger_hook(const integration_ref& ref, CompletionToken&& token = {}) {
    return async_trigger_hook(ref, call_options(), std::forward<CompletionToken>(token));
  }

  /// Finds the log of an activity: `GET .../activities/{activityId}` and its link to the log, which
  /// is then read line by line, by `activity_log::async_next`. Completion:
  /// `void(upsun::result<upsun::activity_log>)`. Errors: as `async_get_integration`; `unsupported`
  /// when the activity has no log that may be read; `decode` also for a link to another host, which
  /// must not see the token; `invalid_argument` also for options out of range.
  template <class CompletionToken = boost::asio::use_awaitable_t<>>
  auto async_activity_log(const integration_ref& ref, activity_id activity, log_options options,
                          CompletionToken&& token = {}) {
    return detail::start(prepare_log(ref, std::move(activity), std::move(options)), token);
  }
  template <detail::not_log_options CompletionToken = boost::asio::use_awaitable_t<>>
  auto async_activity_log(const integration_ref& ref, activity_id activity,
                          CompletionToken&& token = {}) {
    return async_activity_log(ref, std::move(activity), log_options(), token);
  }

  /// Closes the client: calls made from now on end in `errc::client_closed`, those under way have
  /// `grace` to complete and are then cancelled, connections are closed. Completion:
  /// `void(upsun::result<upsun::close_report>)`, once nothing is left. Zero: everything ends at
  /// once. A second call reports what is left to it, and may shorten the grace of the first.
  /// Cancellation: any type ends the grace; it still completes with the report.
  template <class CompletionToken = boost::asio::use_awaitable_t<>>
  auto async_close(std::chrono::milliseconds grace, CompletionToken&& token = {}) {
    return boost::asio::async_initiate<CompletionToken, void(result<close_report>)>(
        [](auto handler, std::shared_ptr<calls::client_impl> impl, std::chrono::milliseconds g) {
          start_close(std::move(impl), g, std::move(handler));
        },
        token, impl_, grace);
  }

  /// A snapshot of the pool and of the calls.
  [[nodiscard]] client_statistics statistics() const;

 private:
  template <class T>
  using handler_for = boost::asio::any_completion_handler<void(result<T>&&)>;
  using integration_list = std::vector<result<integration>>;

  // One of these, with the arguments, before the token.
  [[nodiscard]] detail::prepared_call<upsun::integration> prepare_get(project_id&& project,
                                                                      integration_id&& integration,
                                                                      call_options&& options) const;
  [[nodiscard]] detail::prepared_call<integration_list> prepare_list(project_id&& project,
                                                                     call_options&& options) const;
  [[nodiscard]] detail::prepared_call<accepted_change> prepare_create(
      project_id&& project, const integration_input& input, call_options&& options) const;
  [[nodiscard]] detail::prepared_call<accepted_change> prepare_update(
      const integration_ref& ref, const integration_patch& patch, call_options&& options) const;
  [[nodiscard]] detail::prepared_call<accepted_change> prepare_delete(const integration_ref& ref,
                                                                      call_options&& options) const;
  [[nodiscard]] detail::prepared_call<activity> prepare_get_activity(const integration_ref& ref,
                                                                     activity_id&& wanted,
                                                                     call_options&& options) const;
  [[nodiscard]] detail::prepared_call<activity_log> prepare_log(const integration_ref& ref,
                                                                activity_id&& activity,
                                                                log_options&& options) const;
  [[nodiscard]] detail::prepared_call<accepted_change> prepare_cancel_activity(
      const integration_ref& ref, activity_id&& which, call_options&& options) const;
  [[nodiscard]] detail::prepared_call<bulk_outcome> prepare_get_many(
      std::vector<integration_ref>&& refs, bulk_options&& options) const;
  [[nodiscard]] detail::prepared_call<bulk_report> prepare_for_each(
      std::unique_ptr<detail::bulk_work<integration_ref>> work, bulk_options&& options) const;
  [[nodiscard]] detail::prepared_call<bulk_report> prepare_for_each(
      std::unique_ptr<detail::bulk_work<project_id>> work, bulk_options&& options) const;
  [[nodiscard]] detail::prepared_call<wait_report> prepare_wait(const integration_ref& ref,
                                                                awaited_activities&& what,
                                                                wait_options&& options) const;
  [[nodiscard]] detail::prepared_call<validation> prepare_validate(const integration_ref& ref,
                                                                   call_options&& options) const;
  [[nodiscard]] detail::prepared_call<void> prepare_hook(const integration_ref& ref,
                                                         call_options&& options) const;

  static void start_close(std::shared_ptr<calls::client_impl> impl, std::chrono::milliseconds grace,
                          handler_for<close_report> handler);

  std::shared_ptr<calls::client_impl> impl_;
};

}  // namespace upsun
