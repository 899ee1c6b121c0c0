#include "support/nginx_server.hpp"

#include <csignal>
#include <stdexcept>
#include <string_view>

namespace upsun::test {
namespace {

/// Nothing outside its directory.
constexpr std::string_view frame = R"(
daemon off;
{processes}
pid nginx.pid;
error_log stderr info;
events {}
http {
  access_log off;
  client_body_temp_path temp/client;
  proxy_temp_path temp/proxy;
  fastcgi_temp_path temp/fastcgi;
  uwsgi_temp_path temp/uwsgi;
  scgi_temp_path temp/scgi;
{servers}
}
)";

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
}

std::size_t count_of(std::string_view text, std::string_view what) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text.find(what, at)) != text.npos; at += what.size()) ++count;
  return count;
}

}  // namespace

nginx_server::nginx_server(const std::string& servers, const upsun::testing::certificate& identity,
                           const files& content, const std::string& address, unsigned workers)
    : address_(address), workers_(workers) {
  const std::string certificate = directory_.write("certificate.pem", identity.pem);
  const std::string key = directory_.write("key.pem", identity.key_pem);
  const std::string root = directory_.path() / "root";
  std::filesystem::create_directories(root);
  std::filesystem::create_directories(directory_.path() / "temp");
  for (const auto& [name, text] : content) directory_.write("root/" + name, text);

  for (int tries = 0; tries < 5; ++tries) {  // another program may take the port in between
    port_ = free_port(address);
    std::string configuration(frame);
    // Workers of a master that root runs would be another user's, who cannot read the directory.
    replace_all(configuration, "{processes}",
                workers == 0 ? "master_process off;"
                             : "user root; worker_processes " + std::to_string(workers) + ";");
    replace_all(configuration, "{servers}", servers);
    replace_all(configuration, "{port}", std::to_string(port_));
    replace_all(configuration, "{certificate}", certificate);
    replace_all(configuration, "{key}", key);
    replace_all(configuration, "{root}", root);
    directory_.write("nginx.conf", configuration);
    if (start()) return;
  }
  throw std::runtime_error("nginx does not start: " + log());
}

nginx_server::~nginx_server() {
  if (workers_ > 0) stop();  // a master that is killed leaves its workers behind
}

void nginx_server::reload() {
  const auto retiring = [this] { return count_of(log(), "gracefully shutting down"); };
  const std::size_t expected = retiring() + workers_;
  process_->send_signal(SIGHUP);
  if (!poll_until([&] { return retiring() >= expected; }))
    throw std::runtime_error("nginx does not reload: " + log());
}

void nginx_server::restart() {
  stop();
  if (!start()) throw std::runtime_error("nginx does not start again: " + log());
}

bool nginx_server::start() {
  const std::string program = find_program("nginx", "nginx-light");
  const std::string prefix = directory_.path();
  process_ = std::make_unique<child_process>(
      std::vector<std::string>{program, "-p", prefix, "-c", prefix + "/nginx.conf", "-e", "stderr"},
      directory_.path() / "log", directory_.path());
  return wait_for_listener(*process_, address_, port_);
}

void nginx_server::stop() {
  process_->send_signal(SIGTERM);
  if (!process_->wait()) throw std::runtime_error("nginx does not end: " + log());
}

}  // namespace upsun::test
