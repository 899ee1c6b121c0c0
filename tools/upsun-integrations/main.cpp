// upsun-integrations: see doc/tool.md.

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <exception>
#include <iostream>
#include <optional>
#include <string_view>

#include <upsun/client.hpp>
#include <upsun/version.hpp>

#include "commands.hpp"
#include "common/terminal.hpp"

namespace {

namespace asio = boost::asio;
using namespace upsun::tool;

upsun::client_config config_of(const settings& wanted) {
  auto config = upsun::client_config::from_environment();
  if (!wanted.url.empty()) config.base_url = wanted.url;
  config.tls.ca_file = wanted.ca_file;
  if (wanted.timeout) config.timeouts.total = *wanted.timeout;
  config.user_agent = "upsun-integrations/" UPSUN_VERSION_STRING;
  return config;
}

/// Runs a command with a client of its own. The first SIGINT or SIGTERM cancels its calls, a second
/// one ends the program.
exit_status run(const request& wanted, output& out) {
  const auto config = config_of(wanted.settings);
  const bool asks = !std::holds_alternative<kinds_command>(wanted.command);
  if (asks && std::holds_alternative<std::monostate>(config.credentials)) {
    return out.fail(exit_status::not_permitted,
                    "there is no token; set UPSUN_CLI_TOKEN to an API token, or UPSUN_ACCESS_TOKEN "
                    "to an access token");
  }
  asio::io_context io(1);
  std::optional<upsun::client> api(std::in_place, io.get_executor(), config);
  asio::cancellation_signal interrupt;
  asio::signal_set signals(io, SIGINT, SIGTERM);
  int caught = 0;
  signals.async_wait([&](upsun::error_code failure, int number) {
    if (failure) return;
    caught = number;
    signals.clear();
    interrupt.emit(asio::cancellation_type::terminal);
  });

  std::exception_ptr thrown;
  auto status = exit_status::failed;
  session with{*api, wanted.settings, out};
  auto command = upsun::tool::run(with, wanted.command);
  asio::co_spawn(
      io, std::move(command),
      asio::bind_cancellation_slot(interrupt.slot(), [&](std::exception_ptr e, exit_status s) {
        thrown = e;
        status = s;
        signals.cancel();
        api.reset();
      }));
  io.run();
  if (caught != 0) {
    const auto interrupted = static_cast<exit_status>(128 + caught);
    return thrown ? out.fail(interrupted, "interrupted")
                  : interrupted;  // without an exception, the command has printed its error
  }
  if (thrown) std::rethrow_exception(thrown);
  return status;
}

/// Asks whether to delete. \throws usage_error when standard input is no terminal
bool confirmed(const std::string& id, const settings& where) {
  if (isatty(STDIN_FILENO) == 0)
    throw usage_error("delete asks first, and standard input is no terminal; give --yes");
  std::cerr << "Delete integration " << id << " of project " << where.project << "? [y/N] "
            << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

exit_status perform(const request& wanted, output& out) {
  if (const auto* erase = std::get_if<delete_command>(&wanted.command)) {
    if (!erase->yes && !confirmed(erase->id, wanted.settings))
      return out.fail(exit_status::failed, "nothing was deleted");
  }
  return run(wanted, out);
}

}  // namespace

int main(int argc, char** argv) {
  // Known before the command line is parsed, whose errors are JSON, too, then.
  const bool json = std::any_of(argv + 1, argv + argc,
                                [](std::string_view argument) { return argument == "--json"; });
  output errors({.json = json}, std::cout, std::cerr);
  exit_status status = exit_status::failed;
  try {
    const auto read = read_command_line(argc, argv);
    if (const int* done = std::get_if<int>(&read)) return *done;
    const auto& wanted = std::get<request>(read);
    output out({.json = wanted.settings.json,
                .csv = wanted.settings.csv,
                .show_secrets = wanted.settings.show_secrets,
                .to_terminal = isatty(STDOUT_FILENO) == 1,
                .waiting = upsun::terminal::can_redraw(STDERR_FILENO) ? progress_style::redrawn
                                                                      : progress_style::lines,
                .columns = upsun::terminal::columns(STDERR_FILENO),
                .result_columns = upsun::terminal::columns(STDOUT_FILENO)},
               std::cout, std::cerr);
    status = perform(wanted, out);
  } catch (const usage_error& e) {
    status = errors.fail(e);
  } catch (const upsun::config_error& e) {
    status = errors.fail(usage_error(e.what()));
  } catch (const write_error&) {
    status = exit_status::failed;  // said below
  } catch (const std::exception& e) {
    status = errors.fail(exit_status::failed, e.what());
  }
  if (!std::cout.flush()) status = errors.fail(exit_status::failed, write_error().what());
  return static_cast<int>(status);
}
