// The library with its default configuration: pool, deadline, retries, framing checks and decoding included.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <upsun/client.hpp>

#include "peer.hpp"

namespace {

namespace asio = boost::asio;

asio::awaitable<void> call_until_done(upsun::client& client, peer::measured_run& run) {
  const upsun::project_id project("project-0");
  const upsun::integration_id integration("integration-0");
  while (run.start_one()) {
    const upsun::result<upsun::integration> got = co_await client.async_get_integration(project, integration);
    const auto* settings = got ? std::get_if<upsun::bitbucket_settings>(&got->settings) : nullptr;
    run.finish_one(settings != nullptr && settings->repository == peer::repository);
    if (run.finished()) client.async_close(std::chrono::seconds(1), asio::detached);
  }
}

int run(const peer::options& opts) {
  upsun::client_config config;
  config.base_url = std::string("https://") + peer::host + ":" + opts.port;
  config.credentials = upsun::bearer_token(peer::token);
  config.tls.ca_file = opts.ca_file;
  config.pool.max_connections = opts.connections;
  asio::io_context io(1);
  upsun::client client(io.get_executor(), config);
  peer::measured_run run(opts.warmup, opts.requests);
  for (unsigned i = 0; i < opts.connections; ++i) asio::co_spawn(io, call_until_done(client, run), asio::detached);
  io.run();
  return run.report("upsun");
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(peer::parse_options(argc, argv));
  } catch (const std::exception& e) {
    std::fprintf(stderr, "upsun: %s\n", e.what());
    return EXIT_FAILURE;
  }
}
