#pragma once

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <concepts>
#include <map>
#include <memory>
#include <ranges>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <upsun/activity_log.hpp>
#include <upsun/bulk_done.hpp>
#include <upsun/bulk_options.hpp>
#include <upsun/bulk_report.hpp>
#include <upsun/call_options.hpp>
#include <upsun/client_config.hpp>
#include <upsun/detail/bulk_work.hpp>
#include <upsun/detail/initiate.hpp>
#include <upsun/detail/resource_path.hpp>
#include <upsun/error.hpp>
#include <upsun/export.hpp>
#include <upsun/fleet.hpp>
#include <upsun/log_options.hpp>
#include <upsun/model/accepted_change.hpp>
#include <upsun/model/access_grant.hpp>
#include <upsun/model/activity.hpp>
#include <upsun/model/activity_filter.hpp>
#include <upsun/model/environment.hpp>
#include <upsun/model/ids.hpp>
#include <upsun/model/integration.hpp>
#include <upsun/model/integration_input.hpp>
#include <upsun/model/organization.hpp>
#include <upsun/model/organization_filter.hpp>
#include <upsun/model/project.hpp>
#include <upsun/model/project_capabilities.hpp>
#include <upsun/model/project_filter.hpp>
#include <upsun/model/user.hpp>
#include <upsun/model/validation.hpp>
#include <upsun/observer.hpp>
#include <upsun/result.hpp>
#include <upsun/sequence.hpp>
#include <upsun/sequence_options.hpp>
#include <upsun/statistics.hpp>
#include <upsun/wait.hpp>

namespace upsun {

namespace calls {
class client_impl;
}

/// A client of the Upsun API: a cheap, movable handle on one pool of connections to one host.
///
/// An operation starts when its function is called and completes once, by its completion token.
/// What holds for all of them, unless one says otherwise:
/// - Options and token: the last two arguments, of which either may be left out: `f(ref)`,
///   `f(ref, options)`, `f(ref, token)`, `f(ref, options, token)`. The default token is
///   `asio::use_awaitable`. Arguments may be made in place, also in one expression with `co_await`:
///   `client.async_get_integration({project, id}, upsun::call_options().timeout(2s))`.
/// - Preconditions: the client was not moved from.
/// - Lifetimes: arguments are copied or moved before the function returns. The client may be
///   destroyed while operations are under way; they complete with `errc::cancelled`.
/// - Completion: with `void(upsun::result<T>)`, exactly once, at the latest shortly after its
///   deadline. With `upsun::throw_errors` it throws the error instead.
/// - Executor: the completion handler runs on its associated executor, by default the client's, and
///   never within the initiating function. Its associated allocator and cancellation slot are used.
///   Several handlers may be called in one step of the context's `run`; see doc/pool.md for what
///   that means to one which stops it.
/// - Cancellation: every type (terminal, partial, total), at every step; it completes with
///   `errc::cancelled`. A connection with a request under way is closed; no other operation is
///   affected. Whether the server has processed a request that was cancelled is not known.
/// - Errors: values (`upsun::error`), named here by their `errc`. Any operation may end with
///   `invalid_argument`, before anything is sent, for an id that is empty, `.` or `..` or has a
///   control character, and for an option out of its range; with `client_closed` once `async_close`
///   was called; with `deadline_exceeded`; and with every code that says why the server could not
///   be reached or what it has responded. Only running out of memory is thrown: `std::bad_alloc` by
///   the function, after which nothing is under way.
/// - Thread safety: every member may be called from any thread, also at once, but for moving,
///   assigning and destroying. No globals, no threads of its own.
///
/// Open connections are work of the execution context, so `io_context::run()` returns only after
/// the client was closed or destroyed.
///
/// In a forked child a client may only be destroyed, which leaves the parent's calls alone. See
/// doc/embedding.md.
class UPSUN_EXPORT client {
 public:
  /// The executor of handlers that have none of their own.
  using executor_type = boost::asio::any_io_executor;

  /// Makes a client without connections, and loads its trust store.
  ///
  /// Lifetimes: the client must not outlive the executor's context.
  ///
  /// \param executor runs the client's own work and the handlers that have no executor of their
  /// own; its context may be run by one thread or by many
  /// \param config see there for each setting
  /// \throws config_error for a setting that cannot be used, which it names
  /// \throws boost::system::system_error when the trust store cannot be loaded, or no file
  /// descriptor is left for watching connections
  explicit client(executor_type executor, client_config config = {});

  /// The same with the executor of an execution context, such as `asio::io_context`.
  template <class ExecutionContext>
  requires std::convertible_to<ExecutionContext&, boost::asio::execution_context&>
  explicit client(ExecutionContext& context, client_config config = {})
      : client(executor_type(context.get_executor()), std::move(config)) {}

  /// Afterwards the other client may only be assigned to and destroyed.
  client(client&& other) noexcept;
  /// Ends this client as its destructor does, and takes over the other one.
  client& operator=(client&& other) noexcept;
  /// Ends the client at once: operations under way complete with `errc::cancelled`, later, by the
  /// execution context, and connections are closed. To let operations finish, use `async_close`.
  ~client();

  /// The executor that the client was made with.
  [[nodiscard]] executor_type get_executor() const noexcept;

  /// Fetches one integration: `GET /projects/{projectId}/integrations/{integrationId}`.
  ///
  /// Completion: `void(upsun::result<upsun::integration>)`. A kind that this version does not know
  /// comes as `unknown_settings`, and so does a document that differs from what it expects of the
  /// kind (see `decode_policy`).
  ///
  /// Errors: `not_found`, `forbidden` and `unauthorized` as the API responds; `decode_failed` for
  /// what is no JSON or no integration, and with `decode_policy::strict` for a document that
  /// differs.
  ///
  /// \param ref the project and the integration in it
  /// \param options `call_options`
  /// \param token a completion token
  template <class Options = call_options, class CompletionToken = boost::asio::use_awaitable_t<>>
  requires detail::options_then_token<call_options, integration, Options, CompletionToken>
  auto async_get_integration(const integration_ref& ref, Options&& options = {},
                             CompletionToken&& token = {}) {
    return detail::initiate<call_options>(
        [&](call_options&& given) { return prepare_get(ref, std::move(given)); },
        std::forward<Options>(options), std::forward<CompletionToken>(token));
  }

  /// Lists all integrations of a project: `GET /projects/{projectId}/integrations`, in one
  /// response.
  ///
  /// Completion: `void(upsun::result<std::vector<upsun::result<upsun::integration>>>)`, in the
  /// order of the API, each as by `async_get_integration`. An element that cannot be decoded is an
  /// error in its place, beside all the others.
  ///
  /// Errors: as `async_get_integration`.
  ///
  /// \param project the project
  /// \param options `call_options`
  /// \param token a completion token
  template <class Options = call_options, class CompletionToken = boost::asio::use_awaitable_t<>>
  requires detail::options_then_token<call_options, std::vector<result<integration>>, Options,
                                      CompletionToken>
  auto async_list_integrations(const project_id& project, Options&& options = {},
                               CompletionToken&& token = {}) {
    return detail::initiate<call_options>(
        [&](call_options&& given) { return prepare_list(project, std::move(given)); },
        std::forward<Options>(options), std::forward<CompletionToken>(token));
  }

  /// Creates an integration: `POST /projects/{projectId}/integrations`. It is sent a second time
  /// only when the first was provably not processed.
  ///
  /// Completion: `void(upsun::result<upsun::accepted_change>)`, whose `entity` has the new id.
  ///
  /// Errors: as `async_get_integration`; `invalid_argument` also for an input that the API is known
  /// to refuse, naming the member; `bad_request` when the API refuses it, with the members in
  /// `error::server()`; `conflict` when there is one with that repository already.
  ///
  /// \param project the project
  /// \param input any of the eighteen kinds, such as `webhook_input`
  /// \param options `call_options`
  /// \param token a completion token
  template <class Options = call_options, class CompletionToken = boost::asio::use_awaitable_t<>>
  requires detail::options_then_token<call_options, accepted_change, Options, CompletionToken>
  auto async_create_integration(const project_id& project, const integration_input& input,
                                Options&& options = {}, CompletionToken&& token = {}) {
    return detail::initiate<call_options>(
        [&](call_options&& given) { return prepare_create(project, input, std::move(given)); },
        std::forward<Options>(options), std::forward<CompletionToken>(token));
  }

  /// Changes the members that a patch has set, and no others: `PATCH
  /// /projects/{projectId}/integrations/{integrationId}`. It is sent a second time only when the
  /// first was provably not processed.
  ///
  /// Completion: `void(upsun::result<upsun::accepted_change>)`.
  ///
  /// Errors: as `async_create_integration`.
  ///
  /// \param ref the integration
  /// \param patch of the integration's kind, such as `webhook_patch`
  /// \param options `call_options`
  /// \param token a completion token
  template <class Options = call_options, class CompletionToken = boost::asio::use_awaitable_t<>>
  requires detail::options_then_token<call_options, accepted_change, Options, CompletionToken>
  auto async_update_integration(const integration_ref& ref, const integration_patch& patch,
                                Options&& options = {}, CompletionToken&& token = {}) {
    return detail::initiate<call_options>(
        [&](call_options&& given) { return prepare_update(ref, patch, std::move(given)); },
        std::forward<Options>(options), std::forward<CompletionToken>(token));
  }

  /// Deletes an integration: `DELETE /projects/{projectId}/integrations/{integrationId}`. When a
  /// response is lost, it is retried.
  ///
  /// Completion: `void(upsun::result<upsun::accepted_change>)`.
  ///
  /// Errors: as `async_get_integration`. After a retry, `not_found` may mean that the first attempt
  /// has deleted it.
  ///
  /// \param ref the integration
  /// \param options `call_options`
  /// \param token a completion token
  template <class Options = call_options, class CompletionToken = boost::asio::use_awaitable_t<>>
  requires detail::options_then_token<call_options, accepted_change, Options, CompletionToken>
  auto async_delete_integration(const integration_ref& ref, Options&& options = {},
                                CompletionToken&& token = {}) {
    return detail::initiate<call_options>(
        [&](call_options&& given) { return prepare_delete(ref, std::move(given)); },
        std::forward<Options>(options), std::forward<CompletionToken>(token));
  }

  /// Asks the API whether an integration works as it is stored: fetches it and posts to its link
  /// `#validate`, both within one deadline. Each of the two is retried like any idempotent request.
  ///
  /// Completion: `void(upsun::result<upsun::validation>)`. That the integration is not valid is a
  /// value, with the complaints by member.
  ///
  /// Errors: as `async_get_integration`; `unsupported` when the integration has no such link;
  /// `bad_request` for a 400 that does not say what is wrong; `decode_failed` for a link that
  /// cannot be followed, or that leads to another host than `base_url`'s, which must not get the
  /// token: nothing is sent to it.
  ///
  /// \param ref the integration
  /// \param options `call_options`
  /// \param token a completion token
  template <class Options = call_options, class CompletionToken = boost::asio::use_awaitable_t<>>
  requires detail::options_then_token<call_options, validation, Options, CompletionToken>
  auto async_validate_integration(const integration_ref& ref, Options&& options = {},
                                  CompletionToken&& token = {}) {
    return detail::initiate<call_options>(
        [&](call_options&& given) { return prepare_validate(ref, std::move(given)); },
        std::forward<Options>(options), std::forward<CompletionToken>(token));
  }

  /// Triggers an integration's hook, as the third party would: fetches it and posts `{}` to its
  /// link `#hook`, resolved against its link `self`, both within one deadline. The post is sent a
  /// second time only when the first was provably not processed.
  ///
  /// The post carries no token, whatever host it goes to, nor the headers and the trace of the
  /// options. It has a connection of its own, which is closed afterwards, with TLS as
  /// `client_config::tls` says; the files it names are read again, and its client certificate goes
  /// to the API's own host only.
  ///
  /// Completion: `void(upsun::result<void>)`, successful after any 2xx.
  ///
  /// Errors: as `async_get_integration`; `unsupported` when the integration has no such link;
  /// `decode_failed` for a link that cannot be followed, or that leads to plain `http://` where the
  /// client itself would not use it (`allow_plain_http`); a code of `condition::connection` also
  /// when it leads to another host and `client_config::transport` is set.
  ///
  /// \param ref the integration
  /// \param options `call_options`
  /// \param token a completion token
  template <class Options = call_options, class CompletionToken = boost::asio::use_awaitable_t<>>
  requires detail::options_then_token<call_options, void, Options, CompletionToken>
  auto async_trigger_hook(const integration_ref& ref, Options&& options = {},
                          CompletionToken&& token = {}) {
    return detail::initiate<call_options>(
        [&](call_options&& given) { return prepare_hook(ref, std::move(given)); },
        std::forward<Options>(options), std::forward<CompletionToken>(token));
  }

  /// Finds an integration's hook: the URL that the third party is to post to, for people who enter
  /// it there. Fetches the integration and resolves its link `#hook` against its link `self`.
  /// Nothing is sent to that URL.
  ///
  /// Completion: `void(upsun::result<std::string>)`, an absolute `http` or `https` URL.
  ///
  /// Errors: as `async_get_integration`; `unsupported` when the integration has no such link;
  /// `decode_failed` for a link that is no URL of a resource.
  ///
  /// \param ref the integration
  /// \param options `call_options`
  /// \param token a completion token
  template <class Options = call_options, class CompletionToken = boost::asio::use_awaitable_t<>>
  requires detail::options_then_token<call_options, std::string, Options, CompletionToken>
  auto async_get_hook_url(const integration_ref& ref, Options&& options = {},
                          CompletionToken&& token = {}) {
    return detail::initiate<call_options>(
        [&](call_options&& given) { return prepare_hook_url(ref, std::move(given)); },
        std::forward<Options>(options), std::forward<CompletionToken>(token));
  }

  /// Fetches many integrations, at most `bulk_options::concurrency` at once, by one deadline. It
  /// costs less than as many single fetches. See doc/bulk.md.
  ///
  /// Completion: `void(upsun::result<upsun::bulk_results>)`, once all are done: a result for each
  /// ref, in their order, also for one that was refused before it was sent. It is a value also when
  /// the operation was stopped before its end, by cancellation, by its deadline, by an error with
  /// `bulk_options::fail_fast`, or with the client: what was fetched by then is there, anything
  /// else is an error in its place, and `bulk_report::stopped_by` says why. Once `async_close` was
  /// called no more fetches are begun, and those under way have its grace.
  ///
  /// Errors: `invalid_argument` and `client_closed` when nothing was begun. Those of the results:
  /// as `async_get_integration`.
  ///
  /// \param refs any input range of `integration_ref`
  /// \param options `bulk_options`
  /// \param token a completion token
  template <std::ranges::input_range Refs, class Options = bulk_options,
            class CompletionToken = boost::asio::use_awaitable_t<>>
  requires std::same_as<std::ranges::range_value_t<Refs>, integration_ref> &&
      detail::options_then_token<bulk_options, bulk_results, Options, CompletionToken>
  auto async_get_integrations(Refs&& refs, Options&& options = {}, CompletionToken&& token = {}) {
    return detail::initiate<bulk_options>(
        [&](bulk_options&& given) {
          return prepare_get_many(detail::to_vector(std::forward<Refs>(refs)), std::move(given));
        },
        std::forward<Options>(options), std::forward<CompletionToken>(token));
  }

  /// Fetches many integrations and hands each to a handler as it comes, in memory that does not
  /// grow with their number. See doc/bulk.md.
  ///
  /// Lifetimes: source and handler are moved or copied, and destroyed before the completion.
  ///
  /// Completion: `void(upsun::result<upsun::bulk_report>)`, after the last handler has ended. It is
  /// a value also when the operation was stopped before its end (`bulk_report::stopped_by`), and
  /// when source or handler have thrown, which stops it and is in `bulk_report::thrown`; neither is
  /// called again then.
  ///
  /// Executor: source, handler and `bulk_options::on_progress` run on the completion handler's
  /// executor, never two of them at once, and never within the initiating function.
  ///
  /// Cancellation: every type; handlers that have begun are waited for.
  ///
  /// Errors: `invalid_argument` and `client_closed` when nothing was begun.
  ///
  /// \param source what to fetch: a range, or a callable that returns one `std::optional` after the
  /// other, an empty one at the end. Of `integration_ref`, which are fetched, or of `project_id`,
  /// whose integrations are listed and handed over one after another. It is asked only when fewer
  /// than `bulk_options::concurrency` are under way.
  /// \param handler `void(const Target&, upsun::result<upsun::integration>)`, where `Target` is
  /// what the source gives. Called once for each integration, and once for each ref or project that
  /// failed, also for those that were cancelled because the operation was stopped. An asynchronous
  /// one returns an `asio::awaitable<void>`, which is spawned on the completion handler's executor
  /// (on the client's when that is no `any_io_executor`), or takes an `upsun::bulk_done` as third
  /// argument. Until it has ended, its integration counts as under way.
  /// \param options `bulk_options`
  /// \param token a completion token
  template <detail::bulk_source Source, class Handler, class Options = bulk_options,
            class CompletionToken = boost::asio::use_awaitable_t<>>
  requires detail::bulk_handler<std::decay_t<Handler>, detail::bulk_target_of<Source>> &&
      detail::options_then_token<bulk_options, bulk_report, Options, CompletionToken>
  auto async_for_each_integration(Source&& source, Handler&& handler, Options&& options = {},
                                  CompletionToken&& token = {}) {
    using work = detail::bulk_work_of<std::decay_t<Source>, std::decay_t<Handler>>;
    return detail::initiate<bulk_options>(
        [&](bulk_options&& given) {
          return prepare_for_each(
              std::make_unique<work>(std::forward<Source>(source), std::forward<Handler>(handler)),
              std::move(given));
        },
        std::forward<Options>(options), std::forward<CompletionToken>(token));
  }

  /// Fetches the user whom the credentials belong to: `GET /users/me`.
  ///
  /// Completion: `void(upsun::result<user>)`.
  ///
  /// Errors: as `async_get_integration`.
  ///
  /// \param options `call_options`
  /// \param token a completion token
  template <class Options = call_options, class CompletionToken = boost::asio::use_awaitable_t<>>
  requires detail::options_then_token<call_options, user, Options, CompletionToken>
  auto async_get_current_user(Options&& options = {}, CompletionToken&& token = {}) {
    return fetch<user>({"/users/me"}, std::forward<Options>(options),
                       std::forward<CompletionToken>(token));
  }

  /// The organizations that the user can see, by pages with cursors: `GET /organizations`. An item
  /// without an id is an error in its place.
  ///
  /// \param filter which organizations, and how many a page
  /// \param options of the reads
  [[nodiscard]] sequence<organization> organizations(organization_filter filter = {},
                                                     sequence_options options = {}) const;

  /// Fetches one organization: `GET /organizations/{organization_id}`.
  ///
  /// Completion: `void(upsun::result<organization>)`.
  ///
  /// Errors: as `async_get_integration`.
  ///
  /// \param of the organization, by its id or as `organization_id::named`
  /// \param options `call_options`
  /// \param token a completion token
  template <class Options = call_options, class CompletionToken = boost::asio::use_awaitable_t<>>
  requires detail::options_then_token<call_options, organization, Options, CompletionToken>
  auto async_get_organization(const organization_id& of, Options&& options = {},
                              CompletionToken&& token = {}) {
    return fetch<organization>({"/organizations/{organization_id}", of},
                               std::forward<Options>(options),
                               std::forward<CompletionToken>(token));
  }

  /// The projects of an organization, by pages with cursors: `GET
  /// /organizations/{organization_id}/projects`. An item without an id is an error in its place.
  ///
  /// \param of the organization, by its id or as `organization_id::named`
  /// \param filter which projects, and how many a page
  /// \param options of the reads
  [[nodiscard]] sequence<organization_project> projects(const organization_id& of,
                                                        project_filter filter = {},
                                                        sequence_options options = {}) const;

  /// The projects that a user was given access to, also those of other people's organizations, by
  /// pages with cursors: `GET /users/{user_id}/extended-access`. It gives no names: the links
  /// `ref:projects:0` ... of its pages lead to them, see `async_get_project_references`.
  ///
  /// \param of the user, as `async_get_current_user` names it
  /// \param options of the reads
  [[nodiscard]] sequence<access_grant> shared_projects(const user_id& of,
                                                       sequence_options options = {}) const;

  /// Fetches what a signed link of a page says of projects: `GET /ref/projects`.
  ///
  /// Completion: `void(upsun::result<std::map<std::string,
  /// upsun::result<upsun::project_reference>>>)`, by the projects' ids. What the API has nothing to
  /// say of is left out.
  ///
  /// Errors: as `async_get_integration`; `decode_failed` for a link that cannot be followed, or
  /// that leads to another host than `base_url`'s, which must not get the token: nothing is sent to
  /// it.
  ///
  /// \param link one of `page::links`, such as "ref:projects:0", followed as it is
  /// \param options `call_options`
  /// \param token a completion token
  template <class Options = call_options, class CompletionToken = boost::asio::use_awaitable_t<>>
  requires detail::options_then_token<
      call_options, std::map<std::string, result<project_reference>>, Options, CompletionToken>
  auto async_get_project_references(const std::string& link, Options&& options = {},
                                    CompletionToken&& token = {}) {
    return detail::initiate<call_options>(
        [&](call_options&& given) {
          return prepare_references<project_reference>(link, std::move(given));
        },
        std::forward<Options>(options), std::forward<CompletionToken>(token));
  }

  /// Fetches what a signed link of a page says of organizations: `GET /ref/organizations`.
  ///
  /// Completion: `void(upsun::result<std::map<std::string,
  /// upsun::result<upsun::organization_reference>>>)`, by the organizations' ids. What the API has
  /// nothing to say of is left out.
  ///
  /// Errors: as `async_get_integration`; `decode_failed` for a link that cannot be followed, or
  /// that leads to another host than `base_url`'s, which must not get the token: nothing is sent to
  /// it.
  ///
  /// \param link one of `page::links`, such as "ref:organizations:0", followed as it is
  /// \param options `call_options`
  /// \param token a completion token
  template <class Options = call_options, class CompletionToken = boost::asio::use_awaitable_t<>>
  requires detail::options_then_token<
      call_options, std::map<std::string, result<organization_reference>>, Options, CompletionToken>
  auto async_get_organization_references(const std::string& link, Options&& options = {},
                                         CompletionToken&& token = {}) {
    return detail::initiate<call_options>(
        [&](call_options&& given) {
          return prepare_references<organization_reference>(link, std::move(given));
        },
        std::forward<Options>(options), std::forward<CompletionToken>(token));
  }

  /// Fetches one project: `GET /projects/{projectId}`.
  ///
  /// Completion: `void(upsun::result<upsun::project>)`.
  ///
  /// Errors: as `async_get_integration`.
  ///
  /// \param project the project
  /// \param options `call_options`
  /// \param token a completion token
  template <class Options = call_options, class CompletionToken = boost::asio::use_awaitable_t<>>
  requires detail::options_then_token<call_options, upsun::project, Options, CompletionToken>
  auto async_get_project(const project_id& project, Options&& options = {},
                         CompletionToken&& token = {}) {
    return fetch<upsun::project>({"/projects/{projectId}", project}, std::forward<Options>(options),
                                 std::forward<CompletionToken>(token));
  }

  /// Fetches what a project may use, also which kinds of integrations: `GET
  /// /projects/{projectId}/capabilities`.
  ///
  /// Completion: `void(upsun::result<project_capabilities>)`.
  ///
  /// Errors: as `async_get_integration`.
  ///
  /// \param project the project
  /// \param options `call_options`
  /// \param token a completion token
  template <class Options = call_options, class CompletionToken = boost::asio::use_awaitable_t<>>
  requires detail::options_then_token<call_options, project_capabilities, Options, CompletionToken>
  auto async_get_project_capabilities(const project_id& project, Options&& options = {},
                                      CompletionToken&& token = {}) {
    return fetch<project_capabilities>({"/projects/{projectId}/capabilities", project},
                                       std::forward<Options>(options),
                                       std::forward<CompletionToken>(token));
  }

  /// Lists all environments of a project: `GET /projects/{projectId}/environments`, in one
  /// response. One that breaks the API's contract is an error in its place.
  ///
  /// Completion: `void(upsun::result<std::vector<result<environment>>>)`.
  ///
  /// Errors: as `async_get_integration`.
  ///
  /// \param project the project
  /// \param options `call_options`
  /// \param token a completion token
  template <class Options = call_options, class CompletionToken = boost::asio::use_awaitable_t<>>
  requires detail::options_then_token<call_options, std::vector<result<environment>>, Options,
                                      CompletionToken>
  auto async_list_environments(const project_id& project, Options&& options = {},
                               CompletionToken&& token = {}) {
    return fetch<std::vector<result<environment>>>({"/projects/{projectId}/environments", project},
                                                   std::forward<Options>(options),
                                                   std::forward<CompletionToken>(token));
  }

  /// Fetches one environment: `GET /projects/{projectId}/environments/{environmentId}`.
  ///
  /// Completion: `void(upsun::result<environment>)`.
  ///
  /// Errors: as `async_get_integration`.
  ///
  /// \param ref the project and the environment in it
  /// \param options `call_options`
  /// \param token a completion token
  template <class Options = call_options, class CompletionToken = boost::asio::use_awaitable_t<>>
  requires detail::options_then_token<call_options, environment, Options, CompletionToken>
  auto async_get_environment(const environment_ref& ref, Options&& options = {},
                             CompletionToken&& token = {}) {
    return fetch<environment>(
        {"/projects/{projectId}/environments/{environmentId}", ref.project(), ref.id()},
        std::forward<Options>(options), std::forward<CompletionToken>(token));
  }

  /// Walks over a fleet: finds the organizations that the user can see, their projects, and the
  /// projects that were shared with the user, and hands each integration to a handler as it comes,
  /// while further projects are still being found. See doc/fleet.md.
  ///
  /// As with the other sources, `bulk_options::concurrency` bounds what is under way, handlers
  /// included, and there is one deadline for everything, if any. Memory grows with the window, not
  /// with the number of projects. Where the API limits the rate (429, also when retries are used
  /// up), the walk slows down and asks again.
  ///
  /// Lifetimes: the handler is moved or copied, and destroyed before the completion.
  ///
  /// Completion: `void(upsun::result<upsun::fleet_report>)`, after the last handler has ended: an
  /// account of everything that was found, with what could not be read. It is a value also when the
  /// walk was stopped before its end (`fleet_report::stopped_by`), by cancellation, by its
  /// deadline, by an error with `bulk_options::fail_fast`, with the client, by a function that has
  /// thrown, or because the list of organizations could not be read. `fleet_report::resume` says
  /// then where to go on.
  ///
  /// Executor: handler and `bulk_options::on_progress` run on the completion handler's executor,
  /// never two of them at once, and never within the initiating function.
  ///
  /// Cancellation: every type; handlers that have begun are waited for.
  ///
  /// Errors: `invalid_argument`, also for a resume token that is none or has another filter, and
  /// `client_closed`, when nothing was begun.
  ///
  /// \param source which organizations, projects and kinds
  /// \param handler `void(const upsun::fleet_project&, upsun::result<upsun::integration>)`, called
  /// once for each integration, and once for each project that could not be read; asynchronous as
  /// with the other sources
  /// \param options `bulk_options`
  /// \param token a completion token
  template <class Handler, class Options = bulk_options,
            class CompletionToken = boost::asio::use_awaitable_t<>>
  requires detail::bulk_handler<std::decay_t<Handler>, fleet_project> &&
      detail::options_then_token<bulk_options, fleet_report, Options, CompletionToken>
  auto async_for_each_integration(fleet source, Handler&& handler, Options&& options = {},
                                  CompletionToken&& token = {}) {
    using work = detail::fleet_work_of<std::decay_t<Handler>>;
    return detail::initiate<bulk_options>(
        [&](bulk_options&& given) {
          return prepare_walk(source, std::make_unique<work>(std::forward<Handler>(handler)),
                              std::move(given));
        },
        std::forward<Options>(options), std::forward<CompletionToken>(token));
  }

  /// The activities of a project, an environment or an integration, from the newest to the oldest:
  /// `GET .../activities`.
  ///
  /// Each activity is read once, also where pages overlap. None that the server can list is left
  /// out, except that of more than 1600 with the same `created_at` the rest is skipped. Activities
  /// that are created after the first read are not part of the sequence.
  ///
  /// \param of whose activities: a `project_id`, an `environment_ref` or an `integration_ref`
  /// \param filter which activities, and how many a page
  /// \param options of the reads
  [[nodiscard]] sequence<activity> activities(const activity_scope& of, activity_filter filter = {},
                                              sequence_options options = {}) const;

  /// Fetches one activity: `GET .../activities/{activityId}`.
  ///
  /// Completion: `void(upsun::result<upsun::activity>)`.
  ///
  /// Errors: as `async_get_integration`.
  ///
  /// \param of whose activity it is
  /// \param activity the activity
  /// \param options `call_options`
  /// \param token a completion token
  template <class Options = call_options, class CompletionToken = boost::asio::use_awaitable_t<>>
  requires detail::options_then_token<call_options, upsun::activity, Options, CompletionToken>
  auto async_get_activity(const activity_scope& of, const activity_id& activity,
                          Options&& options = {}, CompletionToken&& token = {}) {
    return detail::initiate<call_options>(
        [&](call_options&& given) { return prepare_get_activity(of, activity, std::move(given)); },
        std::forward<Options>(options), std::forward<CompletionToken>(token));
  }

  /// Asks the API to cancel an activity: `POST .../activities/{activityId}/cancel`. It is sent a
  /// second time only when the first was provably not processed.
  ///
  /// Completion: `void(upsun::result<upsun::accepted_change>)`. It means that the API has accepted
  /// the request; fetch the activity to see whether it was cancelled.
  ///
  /// Errors: as `async_get_integration`; as the API responds for an activity that cannot be
  /// cancelled any more.
  ///
  /// \param of whose activity it is
  /// \param activity the activity
  /// \param options `call_options`
  /// \param token a completion token
  template <class Options = call_options, class CompletionToken = boost::asio::use_awaitable_t<>>
  requires detail::options_then_token<call_options, accepted_change, Options, CompletionToken>
  auto async_cancel_activity(const activity_scope& of, const activity_id& activity,
                             Options&& options = {}, CompletionToken&& token = {}) {
    return detail::initiate<call_options>(
        [&](call_options&& given) {
          return prepare_cancel_activity(of, activity, std::move(given));
        },
        std::forward<Options>(options), std::forward<CompletionToken>(token));
  }

  /// Waits until activities have ended: fetches each again and again, with delays
  /// that grow, by one deadline. See `wait_options`.
  ///
  /// Completion: `void(upsun::result<upsun::wait_report>)`. That an activity failed or was
  /// cancelled is a value, see `wait_report::outcome`.
  ///
  /// Cancellation: every type, at every step. The activities themselves go on.
  ///
  /// Errors: as `async_get_activity`, where those that may pass are tolerated as
  /// `wait_options::max_failures` says; `deadline_exceeded`, whose cause names what has not ended.
  /// The activities of a deleted integration cannot be fetched any more (`not_found`).
  ///
  /// \param of whose activities they are
  /// \param activities an `activity_id`, a vector of them, or an `accepted_change`
  /// \param options `wait_options`
  /// \param token a completion token
  template <class Options = wait_options, class CompletionToken = boost::asio::use_awaitable_t<>>
  requires detail::options_then_token<wait_options, wait_report, Options, CompletionToken>
  auto async_wait_for_activities(const activity_scope& of, awaited_activities activities,
                                 Options&& options = {}, CompletionToken&& token = {}) {
    return detail::initiate<wait_options>(
        [&](wait_options&& given) {
          return prepare_wait(of, std::move(activities), std::move(given));
        },
        std::forward<Options>(options), std::forward<CompletionToken>(token));
  }

  /// Finds the log of an activity: fetches the activity, whose link leads to its log. Nothing of
  /// the log is read yet, see `activity_log::async_next`.
  ///
  /// Completion: `void(upsun::result<upsun::activity_log>)`.
  ///
  /// Errors: as `async_get_activity`; `unsupported` when the activity has no log that
  /// may be read; `decode_failed` for a link that cannot be followed, or that leads to another host
  /// than `base_url`'s, which must not get the token.
  ///
  /// \param of whose activity it is
  /// \param activity the activity
  /// \param options `log_options`
  /// \param token a completion token
  template <class Options = log_options, class CompletionToken = boost::asio::use_awaitable_t<>>
  requires detail::options_then_token<log_options, activity_log, Options, CompletionToken>
  auto async_open_activity_log(const activity_scope& of, const activity_id& activity,
                               Options&& options = {}, CompletionToken&& token = {}) {
    return detail::initiate<log_options>(
        [&](log_options&& given) { return prepare_log(of, activity, std::move(given)); },
        std::forward<Options>(options), std::forward<CompletionToken>(token));
  }

  /// Closes the client: operations that are started from now on end with `errc::client_closed`,
  /// those under way have some time to complete and are then cancelled, and connections are closed.
  ///
  /// Completion: `void(upsun::result<upsun::close_report>)`, always a value, once nothing is left.
  /// A second call reports what was left when it was made, and may shorten the grace of the first.
  ///
  /// Cancellation: every type ends the grace; it still completes with the report.
  ///
  /// \param grace the time for operations under way, at most a year. Zero: they are cancelled at
  /// once
  /// \param token a completion token
  template <detail::token_for<close_report> CompletionToken = boost::asio::use_awaitable_t<>>
  auto async_close(std::chrono::milliseconds grace, CompletionToken&& token = {}) {
    return boost::asio::async_initiate<CompletionToken, void(result<close_report>)>(
        [](auto handler, std::shared_ptr<calls::client_impl> impl, std::chrono::milliseconds g) {
          start_close(std::move(impl), g, std::move(handler));
        },
        token, impl_, grace);
  }

  /// A snapshot of the pool and of the operations.
  [[nodiscard]] client_statistics statistics() const;

 private:
  /// What adds an operation that fetches a document: its type is described in `model/`, and named
  /// in client.cpp.
  template <class T, class Options, class CompletionToken>
  auto fetch(const detail::resource_path& from, Options&& options, CompletionToken&& token) {
    return detail::initiate<call_options>(
        [&](call_options&& given) { return prepare_fetch<T>(from, std::move(given)); },
        std::forward<Options>(options), std::forward<CompletionToken>(token));
  }

  template <class T>
  using handler_for = boost::asio::any_completion_handler<void(result<T>&&)>;
  using integration_list = std::vector<result<integration>>;

  template <class T>
  [[nodiscard]] detail::prepared_call<T> prepare_fetch(const detail::resource_path& from,
                                                       call_options&& options) const;

  // Each makes the operation of a function above.
  template <class T>
  [[nodiscard]] detail::prepared_call<std::map<std::string, result<T>>> prepare_references(
      const std::string& link, call_options&& options) const;
  [[nodiscard]] detail::prepared_call<integration> prepare_get(const integration_ref& ref,
                                                               call_options&& options) const;
  [[nodiscard]] detail::prepared_call<integration_list> prepare_list(const project_id& project,
                                                                     call_options&& options) const;
  [[nodiscard]] detail::prepared_call<accepted_change> prepare_create(
      const project_id& project, const integration_input& input, call_options&& options) const;
  [[nodiscard]] detail::prepared_call<accepted_change> prepare_update(
      const integration_ref& ref, const integration_patch& patch, call_options&& options) const;
  [[nodiscard]] detail::prepared_call<accepted_change> prepare_delete(const integration_ref& ref,
                                                                      call_options&& options) const;
  [[nodiscard]] detail::prepared_call<validation> prepare_validate(const integration_ref& ref,
                                                                   call_options&& options) const;
  [[nodiscard]] detail::prepared_call<void> prepare_hook(const integration_ref& ref,
                                                         call_options&& options) const;
  [[nodiscard]] detail::prepared_call<std::string> prepare_hook_url(const integration_ref& ref,
                                                                    call_options&& options) const;
  [[nodiscard]] detail::prepared_call<bulk_results> prepare_get_many(
      std::vector<integration_ref>&& refs, bulk_options&& options) const;
  [[nodiscard]] detail::prepared_call<bulk_report> prepare_for_each(
      std::unique_ptr<detail::bulk_work<integration_ref>> work, bulk_options&& options) const;
  [[nodiscard]] detail::prepared_call<bulk_report> prepare_for_each(
      std::unique_ptr<detail::bulk_work<project_id>> work, bulk_options&& options) const;
  [[nodiscard]] detail::prepared_call<fleet_report> prepare_walk(
      const fleet& over, std::unique_ptr<detail::bulk_work<fleet_project>> work,
      bulk_options&& options) const;
  [[nodiscard]] detail::prepared_call<activity> prepare_get_activity(const activity_scope& of,
                                                                     const activity_id& which,
                                                                     call_options&& options) const;
  [[nodiscard]] detail::prepared_call<accepted_change> prepare_cancel_activity(
      const activity_scope& of, const activity_id& which, call_options&& options) const;
  [[nodiscard]] detail::prepared_call<wait_report> prepare_wait(const activity_scope& of,
                                                                awaited_activities&& activities,
                                                                wait_options&& options) const;
  [[nodiscard]] detail::prepared_call<activity_log> prepare_log(const activity_scope& of,
                                                                const activity_id& which,
                                                                log_options&& options) const;

  static void start_close(std::shared_ptr<calls::client_impl> impl, std::chrono::milliseconds grace,
                          handler_for<close_report> handler);

  std::shared_ptr<calls::client_impl> impl_;
};

}  // namespace upsun
