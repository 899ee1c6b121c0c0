#include "support/web_server.hpp"

#include <csignal>
#include <filesystem>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace upsun::test {
namespace {

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
}

std::size_t count_of(std::string_view text, std::string_view what) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text.find(what, at)) != text.npos; at += what.size()) ++count;
  return count;
}

/// Some servers serve as another user than root, who started them.
void let_others_read(const std::filesystem::path& directory) {
  using std::filesystem::perms;
  const auto let = [](const std::filesystem::path& entry) {
    const bool folder = std::filesystem::is_directory(entry);
    std::filesystem::permissions(
        entry, folder ? perms::others_exec | perms::others_read : perms::others_read,
        std::filesystem::perm_options::add);
  };
  let(directory);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) let(entry);
}

}  // namespace

web_server::web_server(web_server_plan plan, const upsun::testing::certificate& identity,
                       const files& content, std::string address)
    : plan_(std::move(plan)), address_(std::move(address)), port_(address_) {
  for (const auto& [name, text] : content) directory_.write("root/" + name, text);
  std::filesystem::create_directories(directory_.path() / "root");
  let_others_read(directory_.path());
  directory_.write("certificate.pem", identity.pem);
  directory_.write("key.pem", identity.key_pem);
  directory_.write("identity.pem", identity.pem + identity.key_pem);
  directory_.write("configuration", filled_in(plan_.configuration));
  if (!start()) throw std::runtime_error(plan_.program + " does not start: " + log());
}

web_server::~web_server() {
  // A process that is killed leaves behind those it has made.
  [[maybe_unused]] const bool ended = stop();
}

void web_server::reload() {
  const auto times = [this] { return count_of(log(), plan_.reloaded); };
  const std::size_t expected = times() + plan_.times_logged;
  process_->send_signal(plan_.reload_signal);
  if (!poll_until([&] { return times() >= expected; }))
    throw std::runtime_error(plan_.program + " does not reload: " + log());
}

void web_server::restart() {
  if (!stop()) throw std::runtime_error(plan_.program + " does not end: " + log());
  if (!start()) throw std::runtime_error(plan_.program + " does not start again: " + log());
}

bool web_server::start() {
  std::vector<std::string> command{find_program(plan_.program, plan_.package)};
  for (const std::string& argument : plan_.arguments) command.push_back(filled_in(argument));
  process_ = std::make_unique<child_process>(command, directory_.path() / "log", directory_.path());
  return wait_for_listener(*process_, address_, port());
}

bool web_server::stop() {
  if (!process_) return true;
  process_->send_signal(SIGTERM);
  return process_->wait().has_value();
}

std::string web_server::filled_in(std::string text) const {
  replace_all(text, "{port}", std::to_string(port()));
  for (const auto& [what, file] : {std::pair("{certificate}", "certificate.pem"),
                                   {"{key}", "key.pem"},
                                   {"{identity}", "identity.pem"},
                                   {"{root}", "root"},
                                   {"{configuration}", "configuration"},
                                   {"{directory}", ""}})
    replace_all(text, what, (directory_.path() / file).string());
  return text;
}

}  // namespace upsun::test
