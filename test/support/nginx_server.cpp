#include "support/nginx_server.hpp"

#include <stdexcept>
#include <string_view>

namespace upsun::test {
namespace {

/// One process, nothing outside its directory.
constexpr std::string_view frame = R"(
daemon off;
master_process off;
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
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) text.replace(at, from.size(), to);
}

}  // namespace

nginx_server::nginx_server(const std::string& servers, const upsun::testing::certificate& identity, const files& content, const std::string& address) {
  const std::string program = find_program("nginx", "nginx-light");
  const std::string certificate = directory_.write("certificate.pem", identity.pem);
  const std::string key = directory_.write("key.pem", identity.key_pem);
  const std::string root = directory_.path() / "root";
  std::filesystem::create_directories(root);
  std::filesystem::create_directories(directory_.path() / "temp");
  for (const auto& [name, text] : content) directory_.write("root/" + name, text);

  for (int tries = 0; tries < 5; ++tries) {  // another program may take the port in between
    port_ = free_port(address);
    std::string configuration(frame);
    replace_all(configuration, "{servers}", servers);
    replace_all(configuration, "{port}", std::to_string(port_));
    replace_all(configuration, "{certificate}", certificate);
    replace_all(configuration, "{key}", key);
    replace_all(configuration, "{root}", root);
    directory_.write("nginx.conf", configuration);
    const std::string prefix = directory_.path();
    process_ = std::make_unique<child_process>(std::vector<std::string>{program, "-p", prefix, "-c", prefix + "/nginx.conf", "-e", "stderr"},
                                               directory_.path() / "log", directory_.path());
    if (wait_for_listener(*process_, address, port_)) return;
  }
  throw std::runtime_error("nginx does not start: " + log());
}

}  // namespace upsun::test
