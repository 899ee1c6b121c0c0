#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <upsun/error.hpp>
#include <upsun/export.hpp>
#include <upsun/model/activity.hpp>
#include <upsun/model/ids.hpp>
#include <upsun/model/integration.hpp>
#include <upsun/network_options.hpp>
#include <upsun/testing/sandbox_fleet.hpp>

namespace upsun::testing {

/// What the sandbox does wrong with a request. Every kind but `silent_accept` first waits
/// `fault::delay`.
///
/// Bytes are counted within TLS, over HTTP/1.1 from the first of the response's head. Over HTTP/2,
/// whose heads are not cut, they are counted from the first of the body; with zero the head is not
/// sent either. Where the connection is closed or reset, that happens below TLS, without
/// `close_notify` and without GOAWAY, as when a server dies: over HTTP/2 all of its streams end.
/// Silence and stalls leave the other streams alone.
enum class fault_kind {
  /// Nothing: the usual response. Queued before other faults, it lets requests pass.
  none,
  /// The usual response, after `fault::delay`.
  delay,
  /// Reads the request and never responds.
  silent,
  /// Accepts a TCP connection and never handshakes. Applies to connections, not to requests.
  silent_accept,
  /// Closes the connection instead of responding.
  close_before_reply,
  /// Sends the first `fault::at` bytes of the response, then resets the connection (RST).
  reset_at,
  /// Sends the first `fault::at` bytes of the response, then closes the connection (FIN).
  truncate_at,
  /// Sends the first `fault::at` bytes of the response, then nothing.
  stall_at,
  /// Sends the response byte by byte; over HTTP/2, each in a frame.
  dribble,
  /// Sends a Content-Length that is `fault::at` more than the body, then closes the connection;
  /// over HTTP/2, ends the stream.
  wrong_length,
  /// Sends the response, then bytes that belong to no response, and to no frame.
  garbage_after,
  /// Sends the response with keep-alive, then closes the connection.
  close_after,
  /// Responds with `fault::status`, `fault::body`, `fault::content_type` and `fault::headers`.
  status,
  /// Sends `fault::body` as the whole response, head included, and keeps the connection open. Over
  /// HTTP/2 these are bytes of the connection: frames, if they are to be understood.
  raw,
  /// Sends the usual response with `fault::at` bytes more in its head, at most 16 MiB, in fields of
  /// up to 1,000.
  long_head,

  // Over HTTP/2 only. Over HTTP/1.1 each is the usual response.

  /// Says that the connection will end (GOAWAY), sends the usual response, then says what the last
  /// stream is: the newest by then. The connection ends with the last stream.
  goaway,
  /// From this request on, nothing that comes on the connection is processed. Says so (GOAWAY with
  /// `fault::code`, the last stream is the one before this), then closes the connection, also amid
  /// responses to earlier requests.
  goaway_now,
  /// Sends the first `fault::at` bytes of the response, then resets the stream (RST_STREAM) with
  /// `fault::code`. With `REFUSED_STREAM` or `HTTP_1_1_REQUIRED` and no byte the request is not
  /// processed.
  reset_stream,
  /// Allows the connection `fault::at` streams at once (SETTINGS_MAX_CONCURRENT_STREAMS), then
  /// sends the usual response. See also `sandbox::set_max_streams`.
  max_streams,
  /// Allows `fault::at` bytes of a request's body ahead of what was read
  /// (SETTINGS_INITIAL_WINDOW_SIZE, of the connection's streams), then sends the usual response.
  small_window,
  /// Allows no more bytes for what is read from now on (WINDOW_UPDATE), then sends the usual
  /// response. Bodies of later requests on the connection stall when its windows are used up.
  no_window_updates,
  /// Sends `fault::at` PINGs, at most 1,000,000, then the usual response.
  ping_flood,
};

/// One scripted fault.
struct fault {
  fault_kind kind = fault_kind::none;
  /// How long to wait before anything is sent, on top of the sandbox's latency.
  std::chrono::milliseconds delay{0};
  /// A number of bytes, for the kinds that name it.
  std::size_t at = 0;
  /// For `fault_kind::status`.
  int status = 0;
  /// For `fault_kind::status` and `raw`.
  std::string body{};
  /// For `fault_kind::status`. Empty: "application/json" when there is a body.
  std::string content_type{};
  /// For `fault_kind::status`: fields beside Content-Type and Content-Length.
  std::vector<std::pair<std::string, std::string>> headers{};
  /// An error code of HTTP/2 (RFC 9113 section 7), for the kinds that name it.
  std::uint32_t code = 0;
};

/// How a sandbox is set up. The defaults suit a test.
struct sandbox_options {
  /// The address to listen at: "127.0.0.1" or "::1". The certificate holds for these two and for
  /// "localhost".
  std::string address = "127.0.0.1";
  /// The port to listen at. Zero: any free one.
  std::uint16_t port = 0;
  /// Whether it serves HTTPS. False: plain HTTP.
  bool tls = true;
  /// The version of HTTP that it speaks. `automatic`: both, HTTP/2 with a client that offers it by
  /// ALPN, or begins with it in plain HTTP. A library built without HTTP/2 takes it for `http1`.
  ///
  /// Default: `http1`, so that a fault hits the byte, the connection and the call that a test
  /// means it to hit.
  http_version http = http_version::http1;
  /// The path before "/projects". Empty, or a path such as "/api/v1".
  std::string path_prefix{};
  /// The bearer token that it accepts.
  std::string token = "sandbox-token";
  /// The API token that `POST <path_prefix>/oauth2/token` exchanges for access tokens.
  std::string api_token = "sandbox-api-token";
  /// The `expires_in` of access tokens. They expire by `sandbox::expire_access_tokens` only.
  std::chrono::seconds token_lifetime{900};
  /// Whether each access token comes with a refresh token, good for one use.
  bool refresh_tokens = false;
  /// Whether an integration is served with an `ETag`, and a matching `If-None-Match` with 304.
  bool etags = true;
  /// Whether a response whose body has 1,000 bytes and more comes compressed by gzip to who accepts
  /// that. A library built without zlib takes it for false.
  bool compress = false;
  /// The number of projects, named "project-0", "project-1" ... One organization holds them, and
  /// those that are made later.
  std::size_t projects = 1;
  /// The number of integrations in each project, named "integration-0" ... Their kinds take turns,
  /// so that 18 hold each kind once.
  std::size_t integrations = 18;
  /// How long it waits before each response.
  std::chrono::milliseconds latency{0};
  /// The number of threads that serve. Zero counts as one.
  std::size_t threads = 1;
  /// Whether its time passes by `sandbox::advance` only. False: with the system's.
  bool manual_clock = false;
  /// How long an activity is pending after the change that set it off.
  std::chrono::milliseconds activity_pending{100};
  /// How long it is then in progress, with a rising `completion_percent`, before it is complete.
  std::chrono::milliseconds activity_running{400};
  /// Organizations with projects that are made on the fly. With them `projects` and `integrations`
  /// mean nothing.
  sandbox_fleet fleet{};
};

/// What a sandbox has counted since it was made. What it has responded to is counted.
struct sandbox_statistics {
  /// TCP connections accepted.
  std::uint64_t connections = 0;
  /// TLS handshakes completed.
  std::uint64_t handshakes = 0;
  /// Those of them that resumed a session.
  std::uint64_t resumed_handshakes = 0;
  /// Connections that spoke HTTP/2.
  std::uint64_t http2_connections = 0;
  /// Requests read to their end.
  std::uint64_t requests = 0;
  /// Connections open now. One that was closed may still be counted for a moment.
  std::size_t open = 0;
  /// The most connections that were open at once.
  std::size_t most_open = 0;
  /// Streams of HTTP/2 open now, on all connections.
  std::size_t streams = 0;
  /// The most streams that were open at once.
  std::size_t most_streams = 0;
  /// Streams that clients reset (RST_STREAM), by the error code.
  std::map<std::uint32_t, std::uint64_t> resets{};
  /// PINGs that clients sent, beside responses to the sandbox's.
  std::uint64_t pings = 0;
  /// Connections of which clients said that they will end (GOAWAY).
  std::uint64_t goaways = 0;
  /// Access tokens given for the API token.
  std::uint64_t exchanges = 0;
  /// Access tokens given for a refresh token.
  std::uint64_t refreshes = 0;
  /// Requests for an access token that were refused.
  std::uint64_t token_refusals = 0;
};

/// A hook that was triggered: a `POST` to the link `#hook` of an integration.
struct received_hook {
  /// The project.
  std::string project{};
  /// The integration.
  std::string integration{};
  /// The body of the request.
  std::string body{};
  /// Whether it came with an `Authorization` header, which it must not: the response is 400 then.
  bool with_token = false;
};

/// An HTTPS server for the API's integrations, with the organizations, projects and environments
/// around them, in process, on threads of its own: for tests of services that use the client, and
/// for the client's own.
///
/// It makes a certificate authority of its own when it starts, and holds integrations of all
/// eighteen kinds, which can be listed, fetched, created, changed and deleted. Each change sets off
/// an activity, which progresses with time and can be listed, fetched and cancelled. Requests are
/// checked as the API does: 400 with a complaint for each member, 409 for a second integration with
/// one repository.
///
/// Thread safety: every member may be called from any thread, also at the same time.
class UPSUN_EXPORT sandbox {
 public:
  /// Starts to serve.
  ///
  /// \param options see there for each setting
  /// \throws boost::system::system_error when the address cannot be bound
  /// \throws std::invalid_argument when it is to speak HTTP/2 only, and the library was built
  /// without, or an option of the fleet is out of its range
  explicit sandbox(sandbox_options options = {});
  sandbox(const sandbox&) = delete;
  sandbox& operator=(const sandbox&) = delete;
  /// Stops serving and closes every connection.
  ~sandbox();

  /// The port it listens at.
  [[nodiscard]] std::uint16_t port() const noexcept;
  /// The base URL, path prefix included, such as "https://127.0.0.1:40123": for
  /// `client_config::base_url` and the `auth_url` of an `api_token`.
  [[nodiscard]] std::string url() const;
  /// The certificate authority as PEM text, for `tls_options::ca_pem`.
  [[nodiscard]] const std::string& ca_pem() const noexcept;
  /// The bearer token that it accepts, beside the access tokens it has given.
  [[nodiscard]] std::string token() const;
  /// The API token that it exchanges.
  [[nodiscard]] std::string api_token() const;

  /// Stores an integration in the place of one with the same id. A project that does not exist is
  /// made.
  ///
  /// It is served with `_links`, except for `unknown_settings`, whose text is served as it is. All
  /// links work. `self` is absolute and on another host, `localhost` with the sandbox's port, as
  /// the API's is on a regional one; the others are relative.
  void put(const std::string& project, const std::string& id, upsun::integration value);
  /// Stores the exact text that is served for an id: for documents that the value types cannot
  /// express.
  void put_raw(const std::string& project, const std::string& id, std::string json);
  /// The stored integration.
  ///
  /// \throws std::out_of_range when there is none, or only a text from `put_raw`
  [[nodiscard]] upsun::integration get(const std::string& project, const std::string& id) const;
  /// Sets the outcome of validating an integration, also after it was changed. Without it, the
  /// checks are those of its creation, and a text from `put_raw` is valid.
  ///
  /// \param problems what is wrong. Empty: it is valid
  void set_validation(const std::string& project, const std::string& id,
                      const std::vector<field_error>& problems);
  /// The hooks triggered so far, the oldest first.
  [[nodiscard]] std::vector<received_hook> hooks() const;
  /// Delivers a webhook as the platform does: posts `body` to the `url` of an integration of kind
  /// `webhook`, signed with its `shared_key` when it has one (`X-JWS-Signature`, see
  /// `verify_webhook`). Blocks until the listener has responded, for 10 s at most.
  ///
  /// \return the status of the listener's response
  /// \throws std::out_of_range as `get`
  /// \throws std::invalid_argument for another kind, or a `url` that is not `http` to a loopback
  /// address
  /// \throws boost::system::system_error when nothing listens there, or the response is not HTTP
  int deliver_webhook(const std::string& project, const std::string& id,
                      std::string_view body) const;
  /// Replaces the bearer token that it accepts.
  void set_token(std::string token);
  /// Replaces the API token that it exchanges. The former one and all refresh tokens are refused
  /// from now on (400 `invalid_grant`); access tokens are still accepted.
  void set_api_token(std::string api_token);
  /// Every access token given so far is refused from now on (401 `invalid_token`).
  void expire_access_tokens();
  /// Every refresh token given so far is refused from now on (400 `invalid_grant`).
  void expire_refresh_tokens();
  /// Whether the API responds to every valid token with a demand for step-up (401
  /// `insufficient_user_authentication`, RFC 9470).
  void demand_step_up(bool demanded);
  /// Responds with 403 to all requests for a project, from now on.
  void forbid(const std::string& project);

  /// What there is to be found in `sandbox_options::fleet`: takes time with the number of projects.
  /// Empty when there is no fleet.
  [[nodiscard]] sandbox_fleet_account account() const;

  /// Moves its clock forward, which makes activities progress. Unless
  /// `sandbox_options::manual_clock`, the system's time passes as well.
  void advance(std::chrono::microseconds time);
  /// Lets the next `count` activities that changes set off fail.
  void fail_activities(std::size_t count = 1);
  /// Stores an activity of a project, an environment or an integration in the place of one with the
  /// same id. It does not progress, and belongs to nothing else: a project's activities do not
  /// include those of its environments and integrations. With an integration its activities are
  /// deleted.
  void put_activity(const activity_scope& of, upsun::activity value);
  /// Stores the exact text that is served for an id, also in lists, which are ordered by `created`:
  /// for documents that the value type cannot express.
  void put_raw_activity(const activity_scope& of, const std::string& id, timestamp created,
                        std::string json);
  /// An activity as it is now.
  ///
  /// \throws std::out_of_range when there is none, or only a text from `put_raw_activity`
  [[nodiscard]] upsun::activity get_activity(const activity_scope& of, const std::string& id) const;

  /// Gives an activity a log with these messages, numbered from 1, in the place of the one it had.
  /// Streams of it stay open until it is sealed.
  ///
  /// Without it, the log is the text of the activity's member `log`, in a stream that ends at once,
  /// sealed when the activity is done.
  void put_log(const activity_scope& of, const std::string& activity,
               const std::vector<std::string>& messages = {});
  /// Adds a message to a log, and to the streams of it that are open.
  void append_log(const activity_scope& of, const std::string& activity,
                  const std::string& message);
  /// Seals a log: it is complete, and its streams end.
  void seal_log(const activity_scope& of, const std::string& activity);
  /// Closes the connections of the next `count` streams of a log after `lines` lines. Over HTTP/2
  /// it resets the streams (`INTERNAL_ERROR`).
  void cut_log(const activity_scope& of, const std::string& activity, std::size_t lines,
               std::size_t count = 1);

  /// Queues a fault for requests, or for connections with `fault_kind::silent_accept`.
  ///
  /// \param f the fault
  /// \param count how many requests get it. Zero: every request that finds the queue empty, until
  /// `clear_faults`
  void inject(fault f, std::size_t count = 1);
  /// Drops every fault, queued or lasting.
  void clear_faults();
  /// Allows each connection over HTTP/2 so many streams at once (SETTINGS_MAX_CONCURRENT_STREAMS),
  /// also those open now: at first 100.
  void set_max_streams(std::uint32_t most);

  /// Closes every open connection, also in the middle of a response, with `close_notify`, as a
  /// server does that restarts. Returns when they are closed.
  void close_connections();
  /// A snapshot of what was counted.
  [[nodiscard]] sandbox_statistics statistics() const;

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace upsun::testing
