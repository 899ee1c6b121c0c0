#include "support/nginx_server.hpp"

#include <csignal>

namespace upsun::test {

web_server_plan nginx_plan(const std::string& servers, unsigned workers) {
  // Workers of a master that root runs would be another user's, who cannot write to the directory.
  const std::string processes =
      workers == 0 ? "master_process off;"
                   : "user root; worker_processes " + std::to_string(workers) + ";";
  // Nothing outside its directory.
  return {.program = "nginx",
          .package = "nginx-light",
          .arguments = {"-p", "{directory}", "-c", "{configuration}", "-e", "stderr"},
          .configuration = "daemon off;" + processes + R"(
pid nginx.pid;
error_log stderr info;
events {}
http {
  access_log off;
  client_body_temp_path temp_client;
  proxy_temp_path temp_proxy;
  fastcgi_temp_path temp_fastcgi;
  uwsgi_temp_path temp_uwsgi;
  scgi_temp_path temp_scgi;
)" + servers + "\n}\n",
          .reload_signal = workers == 0 ? 0 : SIGHUP,
          .reloaded = "gracefully shutting down",
          .times_logged = workers};
}

nginx_server::nginx_server(const std::string& servers, const upsun::testing::certificate& identity,
                           const files& content, const std::string& address, unsigned workers)
    : web_server(nginx_plan(servers, workers), identity, content, address) {}

}  // namespace upsun::test
