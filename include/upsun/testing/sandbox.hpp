#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <upsun/error.hpp>
#include <upsun/export.hpp>
#include <upsun/model/activity.hpp>
#include <upsun/model/integration.hpp>

namespace upsun::testing {

/// What the sandbox does wrong with a request. Bytes are counted within TLS, from the first of the
/// response's head. What closes or resets the connection does so below TLS, without `close_notify`,
/// as a server does that dies.
enum class fault_kind {
  none,    ///< Nothing: the usual answer. Queued before others, it lets requests pass.
  delay,   ///< Waits `fault::delay`, then answers as usual. (The other kinds wait, too, when it is
           ///< not zero.)
  silent,  ///< Reads the request and never answers.
  silent_accept,  ///< Accepts TCP connections and never handshakes (applies to new connections, not
                  ///< requests).
  close_before_reply,  ///< Closes the connection in place of an answer.
  reset_at,  ///< Sends the first `fault::at` bytes of the answer, then resets the connection (RST).
  truncate_at,    ///< Sends the first `fault::at` bytes of the answer, then closes it (FIN).
  stall_at,       ///< Sends the first `fault::at` bytes of the answer, then nothing more.
  dribble,        ///< Sends the answer one byte at a time.
  wrong_length,   ///< Content-Length is `fault::at` bytes more than the body, then the connection
                  ///< closes.
  garbage_after,  ///< The answer, then bytes that belong to nothing.
  close_after,    ///< The answer with keep-alive, then closes the connection without a word.
  status,         ///< Answers with `fault::status`; `fault::body`, `fault::content_type` and
                  ///< `fault::headers` as given.
  raw,  ///< Sends `fault::body` as the whole answer, head included, then keeps the connection open.
};

/// One scripted fault.
struct fault {
  fault_kind kind = fault_kind::none;
  std::chrono::milliseconds delay{
      0};                      ///< Before anything is sent, on top of the sandbox's latency.
  std::size_t at = 0;          ///< Where to cut, or by how much to lie.
  int status = 0;              ///< For `fault_kind::status`.
  std::string body{};          ///< For `status` and `raw`.
  std::string content_type{};  ///< Empty: "application/json" when there is a body.
  std::vector<std::pair<std::string, std::string>>
      headers{};  ///< Beside Content-Type and Content-Length.
};

/// How a sandbox is set up; each default suits a test.
struct sandbox_options {
  std::string address =
      "127.0.0.1";         ///< Or "::1". The certificate holds for these two and for "localhost".
  std::uint16_t port = 0;  ///< Zero: any free one.
  bool tls = true;         ///< False: plain HTTP.
  std::string
      path_prefix{};  ///< What stands before "/projects": empty, or a path such as "/api/v1".
  std::string token = "sandbox-token";  ///< The bearer token it accepts.
  std::string api_token =
      "sandbox-api-token";  ///< The API token that `POST <path_prefix>/oauth2/token` exchanges for
                            ///< access tokens.
  std::chrono::seconds token_lifetime{900};  ///< The `expires_in` of its answers. Access tokens end
                                             ///< when the sandbox is told, never by themselves.
  bool refresh_tokens = false;  ///< Gives a refresh token with each access token, good for one use.
  bool etags = true;            ///< Serves an `ETag` with each integration, and answers a matching
                                ///< `If-None-Match` with 304.
  std::size_t projects = 1;     ///< Named "project-0", "project-1" ...
  std::size_t integrations =
      18;  ///< Per project, "integration-0" ...; kinds in turn, so 18 hold each kind once.
  std::chrono::milliseconds latency{0};  ///< Added to every answer.
  std::size_t threads = 1;               ///< Threads that serve.
  bool manual_clock =
      false;  ///< Its time stands still but for `sandbox::advance`. False: it is the system's.
  std::chrono::milliseconds activity_pending{
      100};  ///< How long an activity is pending after the change that set it off.
  std::chrono::milliseconds activity_running{
      400};  ///< How long it is then in progress, its `completion_percent` rising, before it is
             ///< complete.
};

/// Counted since the sandbox was made, and exact: what has been answered has been counted.
struct sandbox_statistics {
  std::uint64_t connections = 0;  ///< TCP connections accepted.
  std::uint64_t handshakes =
      0;  ///< TLS handshakes completed, those that resumed a session included.
  std::uint64_t resumed_handshakes = 0;  ///< Those of them that resumed one.
  std::uint64_t requests = 0;            ///< Requests read to their end.
  std::size_t open = 0;              ///< Connections open now; one that ends leaves a moment later.
  std::size_t most_open = 0;         ///< The most at once.
  std::uint64_t exchanges = 0;       ///< Access tokens given for the API token.
  std::uint64_t refreshes = 0;       ///< Access tokens given for a refresh token.
  std::uint64_t token_refusals = 0;  ///< Requests to the token endpoint that got none.
};

/// A hook that was triggered: a `POST` to the link `#hook` of an integration.
struct received_hook {
  std::string project{};
  std::string integration{};
  std::string body{};
  bool with_token = false;  ///< It came with an `Authorization` header, which it must not: such a
                            ///< hook is answered by 400.
};

/// An HTTPS server for the API's integrations resource, in process, on threads of its own. It makes
/// a certificate authority of its own when it starts, and holds integrations of all eighteen kinds.
/// They can be listed, fetched, created, changed and deleted; every change sets off an activity,
/// which progresses with time, and can be listed, fetched and cancelled. Requests are checked as
/// the API does: 400 with a complaint for each member, 409 for a second integration with one
/// repository. For tests of services that use the client, and for the client's own. Thread safety:
/// every member may be called from any thread.
class UPSUN_EXPORT sandbox {
 public:
  /// Starts serving before it returns. \throws boost::system::system_error when the address cannot
  /// be bound.
  explicit sandbox(sandbox_options options = {});
  sandbox(const sandbox&) = delete;
  sandbox& operator=(const sandbox&) = delete;
  /// Stops serving and closes every connection.
  ~sandbox();

  [[nodiscard]] std::uint16_t port() const noexcept;
  /// What goes into `client_config::base_url`, such as "https://127.0.0.1:40123"; the path prefix
  /// is part of it. Also the `auth_url` of an `api_token`.
  [[nodiscard]] std::string url() const;
  /// What goes into `tls_options::ca_pem`.
  [[nodiscard]] const std::string& ca_pem() const noexcept;
  /// The bearer token it accepts now, beside the access tokens it gave.
  [[nodiscard]] std::string token() const;
  /// The API token it exchanges now.
  [[nodiscard]] std::string api_token() const;

  /// Stores an integration, replacing one with the same id; a project that does not exist is made.
  /// `_links` are added to what is served, except to `unknown_settings`, whose text is served as it
  /// is. They all work: `self` is absolute and on another host, as the API's is on a regional one,
  /// namely `localhost` with the sandbox's port; the others are relative.
  void put(const std::string& project, const std::string& id, upsun::integration value);
  /// Stores the exact text served for an id: for documents the value types cannot express.
  void put_raw(const std::string& project, const std::string& id, std::string json);
  /// The stored integration. \throws std::out_of_range when there is none, or only a text from
  /// `put_raw`.
  [[nodiscard]] upsun::integration get(const std::string& project, const std::string& id) const;
  /// The verdict on an integration when it is validated, from now on and whatever becomes of it:
  /// these complaints, or none. Until then the checks are those of its creation; a text from
  /// `put_raw` is valid.
  void set_validation(const std::string& project, const std::string& id,
                      const std::vector<field_error>& problems);
  /// The hooks triggered so far, the oldest first.
  [[nodiscard]] std::vector<received_hook> hooks() const;
  /// Delivers a webhook as the platform does: posts `body` to the `url` of an integration of kind
  /// `webhook`, signed by its `shared_key` when it has one (`X-JWS-Signature`, see
  /// `verify_webhook`). Blocks until the listener has responded, for 10 s at most.
  /// \return the response's status.
  /// \throws std::out_of_range as `get`
  /// \throws std::invalid_argument for another kind, or a `url` that is not `http://` on a loopback
  /// address
  /// \throws boost::system::system_error when nobody listens there, or the response is not HTTP
  int deliver_webhook(const std::string& project, const std::string& id,
                      std::string_view body) const;
  /// Changes the token it accepts.
  void set_token(std::string token);
  /// Changes the API token it exchanges: the former one and its refresh tokens are refused from now
  /// on (400 `invalid_grant`). Access tokens stay good.
  void set_api_token(std::string api_token);
  /// Every access token given so far is refused from now on (401 `invalid_token`).
  void expire_access_tokens();
  /// Every refresh token given so far is refused from now on (400 `invalid_grant`).
  void expire_refresh_tokens();
  /// Whether the API answers every good token with a demand for step-up (401
  /// `insufficient_user_authentication`).
  void demand_step_up(bool demanded);
  /// Makes a project's integrations answer 403, from now on.
  void forbid(const std::string& project);

  /// Lets its time pass, which makes activities progress; beside the system's time, unless the
  /// clock is manual.
  void advance(std::chrono::microseconds time);
  /// The next `count` activities that changes set off end in failure.
  void fail_activities(std::size_t count = 1);
  /// Stores an activity of an integration, as it is for good, replacing one with the same id. A
  /// deleted integration takes its own with it.
  void put_activity(const std::string& project, const std::string& integration,
                    upsun::activity value);
  /// Stores the exact text served for an id, also in lists, where it stands by `created`: for
  /// documents the value type cannot express.
  void put_raw_activity(const std::string& project, const std::string& integration,
                        const std::string& id, timestamp created, std::string json);
  /// An activity as it stands now. \throws std::out_of_range when there is none, or only a text
  /// from `put_raw_activity`.
  [[nodiscard]] upsun::activity get_activity(const std::string& project,
                                             const std::string& integration,
                                             const std::string& id) const;

  /// Gives an activity a log of these messages, numbered from 1, in the place of the one it had. A
  /// stream of it stays open until the log is sealed. (The log of an activity without one is the
  /// text of its `log`, in a stream that ends at once, sealed when the activity is done.)
  void put_log(const std::string& project, const std::string& integration,
               const std::string& activity, const std::vector<std::string>& messages = {});
  /// Adds a message, which goes to those who read the log just now.
  void append_log(const std::string& project, const std::string& integration,
                  const std::string& activity, const std::string& message);
  /// Ends the log.
  void seal_log(const std::string& project, const std::string& integration,
                const std::string& activity);
  /// Breaks the connections of the next `count` streams of the log after so many lines.
  void cut_log(const std::string& project, const std::string& integration,
               const std::string& activity, std::size_t lines, std::size_t count = 1);

  /// The next `count` requests (or connections, for `silent_accept`) meet this fault; faults queue
  /// up in order. A count of zero: every request that finds the queue empty, until `clear_faults`.
  void inject(fault f, std::size_t count = 1);
  /// Forgets every fault that has not been met yet.
  void clear_faults();

  /// Closes every open connection, also amid an answer, as a restarting server does: with
  /// `close_notify`. They are closed when it returns.
  void close_connections();
  /// A snapshot of the counts.
  [[nodiscard]] sandbox_statistics statistics() const;

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace upsun::testing
