#include "support/openssl_server.hpp"

#include <stdexcept>

namespace upsun::test {

openssl_server::openssl_server(const upsun::testing::certificate& identity,
                               const std::vector<std::string>& options) {
  const std::string program = find_program("openssl", "openssl");
  const std::string certificate = directory_.write("certificate.pem", identity.pem);
  const std::string key = directory_.write("key.pem", identity.key_pem);

  std::vector<std::string> command{
      program, "s_server",  "-accept", address + (':' + std::to_string(port())),
      "-cert", certificate, "-key",    key,
      "-www"};
  command.insert(command.end(), options.begin(), options.end());
  process_ = std::make_unique<child_process>(command, directory_.path() / "log");
  if (!wait_for_listener(*process_, address, port()))
    throw std::runtime_error("openssl s_server does not start: " + log());
}

}  // namespace upsun::test
