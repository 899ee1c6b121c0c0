// A walk over a fleet with the default configuration: organizations and projects are found page by
// page, and the integrations of each project are listed and decoded. Measured from the making of
// the client to the last handler. --window=N: requests at once; --requests=N: how many projects
// must be there.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <upsun/client.hpp>

#include "peer.hpp"

namespace {

namespace asio = boost::asio;

struct outcome {
  upsun::fleet_report walked;
  std::uint64_t attempts = 0;
  peer::usage used;
};

asio::awaitable<outcome> walk(upsun::client_config config, std::size_t window) {
  const auto executor = co_await asio::this_coro::executor;
  const peer::usage before;
  upsun::client client(executor, std::move(config));
  const upsun::fleet all;
  const auto options = upsun::bulk_options().concurrency(window);
  auto handler = [](const upsun::fleet_project&, const upsun::result<upsun::integration>&) {};
  auto walked = co_await client.async_for_each_integration(all, handler, options);
  co_return outcome{std::move(walked.value()), client.statistics().attempts,
                    peer::usage() - before};
}

int run(const peer::options& opts, std::size_t window) {
  upsun::client_config config;
  config.base_url = std::string("https://") + peer::host + ":" + opts.port;
  config.credentials = upsun::bearer_token(peer::token);
  config.tls.ca_file = opts.ca_file;
  asio::io_context io(1);
  outcome got;
  asio::co_spawn(io, walk(std::move(config), window),
                 [&](const std::exception_ptr& thrown, outcome&& all) {
                   if (thrown) std::rethrow_exception(thrown);
                   got = std::move(all);
                 });
  io.run();
  if (got.walked.stopped_by.code()) throw upsun::call_failed(got.walked.stopped_by);
  const std::uint64_t missing = got.walked.projects == opts.requests ? 0 : 1;
  return peer::report("upsun_fleet", got.attempts, got.used,
                      missing + got.walked.unread.size() + got.walked.broken,
                      ", \"integrations\": " + std::to_string(got.walked.integrations));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    std::size_t window = 64;
    const peer::options opts =
        peer::parse_options(argc, argv, [&](std::string_view name, const std::string& value) {
          if (name == "window") window = std::stoul(value);
          return name == "window";
        });
    return run(opts, window);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "upsun_fleet: %s\n", e.what());
    return EXIT_FAILURE;
  }
}
