// Follows the log of an activity while the platform writes it. The platform is a sandbox with a
// thread that writes. The connection breaks in the middle, and the log goes on without a gap.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <future>
#include <iostream>
#include <optional>
#include <string>
#include <utility>

#include <upsun/activity_log.hpp>
#include <upsun/client.hpp>
#include <upsun/testing/sandbox.hpp>

namespace {

namespace asio = boost::asio;

const upsun::integration_ref ref{upsun::project_id("project-0"),
                                 upsun::integration_id("integration-0")};
const std::string activity = "activity-of-the-example";

asio::awaitable<void> follow(upsun::client client) {
  auto log = co_await client.async_open_activity_log(ref, upsun::activity_id(activity));
  if (!log) {
    std::cout << "no log: " << log.error() << '\n';
    co_return;
  }
  for (;;) {
    const auto line = co_await log->async_next();
    if (!line && line.error().phase() == upsun::phase::decode) {
      std::cout << "an item cannot be read: " << line.error() << '\n';
      continue;
    }
    if (!line) {
      std::cout << "lost: " << line.error() << '\n';  // the next async_next would go on from here
      co_return;
    }
    if (!*line) break;
    std::cout << (*line)->message;
  }
  std::cout << "The log is complete.\n";
}

/// Does what the platform does.
void write(upsun::testing::sandbox& server) {
  for (const char* message : {"Building application 'app'\n", "  Installing dependencies\n",
                              "  Packages: 127\n", "Deploying\n"}) {
    server.append_log(ref, activity, message);
  }
  server.seal_log(ref, activity);
}

}  // namespace

int main() {
  upsun::testing::sandbox server;
  upsun::activity running;
  running.id = activity;
  running.type = "integration.update";
  running.state = upsun::activity_state::in_progress;
  server.put_activity(ref, running);
  server.put_log(ref, activity);
  server.cut_log(ref, activity, 2);
  const auto platform = std::async(std::launch::async, [&] { write(server); });

  asio::io_context io;
  std::exception_ptr thrown;
  upsun::client client(io, {.base_url = server.url(),
                            .credentials = upsun::bearer_token(server.token()),
                            .tls = {.ca_pem = server.ca_pem()}});
  asio::co_spawn(io, follow(std::move(client)),
                 [&](std::exception_ptr e) { thrown = std::move(e); });
  io.run();
  if (thrown) std::rethrow_exception(thrown);
}
