// The library with its default configuration: pool, deadline, retries, framing checks and decoding
// included.
// --callers=N: the number of awaiting coroutines, if not that of the connections; --tickets=0: full
// handshakes only; --rest=S: measure the memory of idle connections after S seconds; --token=N: a
// token of N bytes. The bytes sent, and the memory of calls under way, are reported always.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <upsun/client.hpp>

#include "peer.hpp"

/// What the process has sent over the TCP connections that are open now, by the kernel's account.
namespace peer {
std::uint64_t bytes_sent() noexcept;
}

namespace {

namespace asio = boost::asio;

/// \param busy_heap the heap in use when the warm-up is over
asio::awaitable<void> call_until_done(upsun::client& client, peer::measured_run& run,
                                      std::size_t& busy_heap) {
  const upsun::project_id project("project-0");
  const upsun::integration_id integration("integration-0");
  while (run.start_one()) {
    const upsun::result<upsun::integration> got =
        co_await client.async_get_integration({project, integration});
    const auto* settings = got ? std::get_if<upsun::bitbucket_settings>(&got->settings) : nullptr;
    run.finish_one(settings != nullptr && settings->repository == peer::repository);
    if (run.is_warm() && busy_heap == 0) busy_heap = peer::heap_in_use();
  }
}

struct situation {
  std::size_t callers = 0;  ///< Zero: as many as connections.
  bool tickets = true;
  std::chrono::seconds rest{0};
  std::size_t token = 0;  ///< Zero: the usual one.
};

int run(const peer::options& opts, const situation& given) {
  const std::size_t callers = given.callers > 0 ? given.callers : opts.connections;
  upsun::client_config config;
  config.base_url = std::string("https://") + peer::host + ":" + opts.port;
  config.credentials =
      upsun::bearer_token(given.token > 0 ? std::string(given.token, 't') : peer::token);
  config.tls.ca_file = opts.ca_file;
  config.tls.session_tickets = given.tickets;
  config.pool.max_connections = opts.connections;
  config.pool.max_waiters = callers;
  asio::io_context io(1);
  const std::size_t heap_before = peer::heap_in_use();
  upsun::client client(io.get_executor(), config);
  peer::measured_run run(opts.warmup, opts.requests);
  std::size_t active = callers;
  std::size_t idle_heap = 0;
  std::uint64_t sent = 0;
  std::size_t busy_heap = 0;
  asio::steady_timer rested(io);
  for (std::size_t i = 0; i < callers; ++i) {
    asio::co_spawn(io, call_until_done(client, run, busy_heap), [&](const std::exception_ptr&) {
      if (--active > 0) return;
      rested.expires_after(given.rest);
      rested.async_wait([&](const boost::system::error_code&) {
        idle_heap = peer::heap_in_use();
        sent = peer::bytes_sent();
        client.async_close(std::chrono::seconds(1), asio::detached);
      });
    });
  }
  io.run();
  return run.report("upsun", ", \"idle_heap\": " + std::to_string(idle_heap) +
                                 ", \"busy_heap\": " + std::to_string(busy_heap - heap_before) +
                                 ", \"bytes_sent\": " + std::to_string(sent));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    situation given;
    const peer::options opts =
        peer::parse_options(argc, argv, [&](std::string_view name, const std::string& value) {
          if (name == "callers") {
            given.callers = std::stoul(value);
          } else if (name == "tickets") {
            given.tickets = value == "1";
          } else if (name == "token") {
            given.token = std::stoul(value);
          } else if (name == "rest") {
            given.rest = std::chrono::seconds(std::stoul(value));
          } else {
            return false;
          }
          return true;
        });
    return run(opts, given);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "upsun: %s\n", e.what());
    return EXIT_FAILURE;
  }
}
