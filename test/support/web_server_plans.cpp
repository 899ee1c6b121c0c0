#include "support/web_server_plans.hpp"

#include <csignal>

namespace upsun::test {

web_server_plan apache_plan(std::initializer_list<const char*> modules, const std::string& settings,
                            const std::string& of_location) {
  std::string loads;
  const auto load = [&](const std::string& name) {
    loads += "LoadModule " + name + "_module /usr/lib/apache2/modules/mod_" + name + ".so\n";
  };
  for (const char* name : {"mpm_event", "authz_core", "mime", "ssl"}) load(name);
  for (const char* name : modules) load(name);
  return {.program = "apache2",
          .package = "apache2-bin",
          .arguments = {"-d", "{directory}", "-f", "{configuration}", "-D", "FOREGROUND"},
          .configuration = loads + R"(
User nobody
Group nogroup
DefaultRuntimeDir {directory}
PidFile {directory}pid
ErrorLog /dev/stderr
ServerName localhost
Listen 127.0.0.1:{port}
SSLEngine on
SSLCertificateFile {certificate}
SSLCertificateKeyFile {key}
TypesConfig /dev/null
DocumentRoot {root}
<Location "/">
  ForceType application/json
  Require all granted
)" + of_location + "</Location>\n" +
                           settings,
          .reload_signal = SIGUSR1,
          .reloaded = "Doing graceful restart"};
}

web_server_plan h2o_plan(const std::string& settings, const std::string& paths) {
  return {.program = "h2o",
          .package = "h2o",
          .arguments = {"-m", "master", "-c", "{configuration}"},
          .configuration = R"(
listen:
  host: 127.0.0.1
  port: {port}
  ssl:
    certificate-file: {certificate}
    key-file: {key}
    ocsp-update-interval: 0
num-threads: 1
)" + settings + R"(hosts:
  default:
    paths:
)" + paths + R"(      /:
        file.dir: {root}
        file.mime.setdefaulttype: application/json
)",
          .reload_signal = SIGHUP,
          .reloaded = "gracefully shutting down"};
}

web_server_plan haproxy_plan(std::uint16_t behind, const std::string& alpn,
                             const std::string& settings) {
  return {.program = "haproxy",
          .package = "haproxy",
          .arguments = {"-W", "-f", "{configuration}"},
          .configuration = R"(
global
  log stderr format raw local0 info
defaults
  mode http
  log global
  timeout connect 600s
  timeout client 600s
  timeout server 600s
frontend front
  bind 127.0.0.1:{port} ssl crt {identity} alpn )" +
                           alpn + '\n' + settings + R"(  default_backend behind
backend behind
  server only 127.0.0.1:)" +
                           std::to_string(behind) + '\n',
          .reload_signal = SIGUSR2,
          .reloaded = "Loading success"};
}

}  // namespace upsun::test
