#include <upsun/testing/sandbox.hpp>

#include <fcntl.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <future>
#include <stdexcept>
#include <thread>
#include <utility>
#include <variant>

#include "testing/sample_integrations.hpp"
#include "testing/sandbox_connection.hpp"
#include "testing/webhook_delivery.hpp"

namespace upsun::testing {
namespace asio = boost::asio;
namespace {

using tcp_acceptor = asio::basic_socket_acceptor<asio::ip::tcp, context_executor>;

/// One thread with the connections it serves, which never leave it.
struct worker {
  sandbox_connection::registry connections;  // outlives the connections, which the context destroys
  asio::io_context context{1};
  asio::executor_work_guard<context_executor> busy{context.get_executor()};
  std::thread thread{[this] { context.run(); }};

  ~worker() {
    context.stop();
    thread.join();
  }
  /// Runs `f` on the thread and waits for its end.
  template <class F>
  void run(F f) {
    std::packaged_task<void()> job(std::move(f));
    std::future<void> done = job.get_future();
    asio::post(context, std::move(job));
    done.get();
  }
};

/// Programs that this process starts do not inherit the socket.
template <class Socket>
void keep_from_children(Socket& socket) {
  ::fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC);
}

/// Ready before it accepts: the kernel queues connections from `listen` on.
tcp_acceptor listening(asio::io_context& context, const sandbox_options& options) {
  tcp_acceptor made(context, {asio::ip::make_address(options.address), options.port});
  keep_from_children(made);
  return made;
}

sandbox_options checked(sandbox_options options) {
  if (!UPSUN_HTTP2 && options.http == http_version::http2)
    throw std::invalid_argument(
        "sandbox_options::http is http2, and this library was built without HTTP/2");
  return options;
}

task<void> serve(std::shared_ptr<sandbox_connection> connection) { co_await connection->run(); }

std::string numbered(const char* name, std::size_t i) { return name + std::to_string(i); }

}  // namespace

struct sandbox::impl {
  explicit impl(sandbox_options o) : options(checked(std::move(o))) {
    state.api.set_origins(
        (options.tls ? "https://localhost:" : "http://localhost:") + std::to_string(port),
        origin());
    const std::size_t projects = options.fleet.organizations == 0 ? options.projects : 0;
    for (std::size_t p = 0; p < projects; ++p) {
      const std::string project = numbered("project-", p);
      state.api.add_project(project);
      for (std::size_t i = 0; i < options.integrations; ++i) {
        const std::string id = numbered("integration-", i);
        state.api.put(project, id, sample_integration(id, i));
      }
    }
    asio::co_spawn(workers.front()->context, accept(), asio::detached);
  }
  ~impl() {
    workers.front()->run([this] {
      acceptor.close();
      pause.cancel();
    });
    close_connections();  // runs behind the end of `accept` on the same thread, so that nothing
                          // uses the acceptor any more
  }

  task<void> accept() {
    for (std::size_t turn = 0;; ++turn) {
      worker& next = *workers[turn % workers.size()];
      auto [failure, socket] = co_await acceptor.async_accept(
          next.context, asio::as_tuple(asio::use_awaitable_t<context_executor>{}));
      if (!acceptor.is_open()) co_return;
      if (failure) {  // out of descriptors, perhaps: the connection stays in the kernel's queue,
                      // and is there at once for the next try
        pause.expires_after(std::chrono::milliseconds(10));
        co_await pause.async_wait(asio::as_tuple(asio::use_awaitable_t<context_executor>{}));
        if (!acceptor.is_open()) co_return;
        continue;
      }
      keep_from_children(socket);
      auto connection =
          std::make_shared<sandbox_connection>(state, next.connections, std::move(socket));
      asio::co_spawn(next.context, serve(std::move(connection)), asio::detached);
    }
  }

  void close_connections() {
    for (const auto& each : workers) {
      each->run(
          [] {});  // lets it note what it has just sent, since close_notify cannot overtake that
      each->run([&] {
        for (sandbox_connection* connection : each->connections) connection->close();
      });
    }
  }

  void set_max_streams(std::uint32_t most) {
    state.max_streams = most;  // for the connections to come
    for (const auto& each : workers) {
      each->run([&] {
        for (sandbox_connection* connection : each->connections) connection->set_max_streams(most);
      });
    }
  }

  /// The URL without its path.
  [[nodiscard]] std::string origin() const {
    const bool v6 = options.address.find(':') != std::string::npos;
    return (options.tls ? "https://" : "http://") +
           (v6 ? '[' + options.address + ']' : options.address) + ':' + std::to_string(port);
  }

  [[nodiscard]] std::shared_ptr<asio::ssl::context> make_tls() const {
    if (!options.tls) return nullptr;
    return make_server_context(authority.issue({.common_name = "sandbox",
                                                .dns_names = {"localhost"},
                                                .addresses = {"127.0.0.1", "::1"}}),
                               options.http);
  }
  static std::vector<std::unique_ptr<worker>> make_workers(std::size_t count) {
    std::vector<std::unique_ptr<worker>> made(std::max<std::size_t>(count, 1));
    for (auto& each : made) each = std::make_unique<worker>();
    return made;
  }

  const sandbox_options options;
  const certificate_authority authority{"Sandbox authority"};
  sandbox_state state{sandbox_auth(options),
                      {state.auth,
                       options.path_prefix,
                       {options.activity_pending, options.activity_running},
                       options.manual_clock,
                       options.etags,
                       options.fleet},
                      options.latency,
                      options.compress,
                      make_tls(),
                      options.http};  // outlives the workers, whose connections use it
  std::vector<std::unique_ptr<worker>> workers = make_workers(options.threads);
  tcp_acceptor acceptor = listening(workers.front()->context, options);
  const std::uint16_t port = acceptor.local_endpoint().port();
  context_timer pause{workers.front()->context};
};

sandbox::sandbox(sandbox_options options) : impl_(std::make_unique<impl>(std::move(options))) {}
sandbox::~sandbox() = default;

std::uint16_t sandbox::port() const noexcept { return impl_->port; }

std::string sandbox::url() const { return impl_->origin() + impl_->options.path_prefix; }

const std::string& sandbox::ca_pem() const noexcept { return impl_->authority.pem(); }
std::string sandbox::token() const { return impl_->state.auth.token(); }
std::string sandbox::api_token() const { return impl_->state.auth.api_token(); }

void sandbox::put(const std::string& project, const std::string& id, upsun::integration value) {
  impl_->state.api.put(project, id, std::move(value));
}
void sandbox::put_raw(const std::string& project, const std::string& id, std::string json) {
  impl_->state.api.put_raw(project, id, json);
}
upsun::integration sandbox::get(const std::string& project, const std::string& id) const {
  return impl_->state.api.get(project, id);
}
void sandbox::set_validation(const std::string& project, const std::string& id,
                             const std::vector<field_error>& problems) {
  impl_->state.api.links().set_validation(project, id, problems);
}
std::vector<received_hook> sandbox::hooks() const { return impl_->state.api.links().hooks(); }
int sandbox::deliver_webhook(const std::string& project, const std::string& id,
                             std::string_view body) const {
  const upsun::integration hook = get(project, id);
  const auto* settings = std::get_if<webhook_settings>(&hook.settings);
  if (settings == nullptr) throw std::invalid_argument("the integration is no webhook");
  return deliver(*settings, body);
}
void sandbox::set_token(std::string token) { impl_->state.auth.set_token(std::move(token)); }
void sandbox::set_api_token(std::string api_token) {
  impl_->state.auth.set_api_token(std::move(api_token));
}
void sandbox::expire_access_tokens() { impl_->state.auth.expire_access_tokens(); }
void sandbox::expire_refresh_tokens() { impl_->state.auth.expire_refresh_tokens(); }
void sandbox::demand_step_up(bool demanded) { impl_->state.auth.demand_step_up(demanded); }
void sandbox::forbid(const std::string& project) { impl_->state.api.forbid(project); }

sandbox_fleet_account sandbox::account() const { return impl_->state.api.fleet().account(); }

void sandbox::put_activity(const activity_scope& of, upsun::activity value) {
  impl_->state.api.put_activity(of, std::move(value));
}
void sandbox::put_raw_activity(const activity_scope& of, const std::string& id, timestamp created,
                               std::string json) {
  impl_->state.api.put_raw_activity(of, id, created, std::move(json));
}
upsun::activity sandbox::get_activity(const activity_scope& of, const std::string& id) const {
  return impl_->state.api.get_activity(of, id);
}
void sandbox::fail_activities(std::size_t count) { impl_->state.api.fail_activities(count); }

void sandbox::put_log(const activity_scope& of, const std::string& activity,
                      const std::vector<std::string>& messages) {
  impl_->state.api.logs().put({path_of(of), activity}, messages, impl_->state.api.now());
}
void sandbox::append_log(const activity_scope& of, const std::string& activity,
                         const std::string& message) {
  impl_->state.api.logs().append({path_of(of), activity}, message, impl_->state.api.now());
}
void sandbox::seal_log(const activity_scope& of, const std::string& activity) {
  impl_->state.api.logs().seal({path_of(of), activity});
}
void sandbox::cut_log(const activity_scope& of, const std::string& activity, std::size_t lines,
                      std::size_t count) {
  impl_->state.api.logs().cut({path_of(of), activity}, lines, count);
}
void sandbox::advance(std::chrono::microseconds time) { impl_->state.api.advance(time); }

void sandbox::inject(fault f, std::size_t count) { impl_->state.faults.add(std::move(f), count); }
void sandbox::clear_faults() { impl_->state.faults.clear(); }

void sandbox::set_max_streams(std::uint32_t most) { impl_->set_max_streams(most); }

void sandbox::close_connections() { impl_->close_connections(); }
sandbox_statistics sandbox::statistics() const { return impl_->state.counters.snapshot(); }

}  // namespace upsun::testing
