// The servers that tests run against, beside the sandbox, and the sandbox as a program.

#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/json/parse.hpp>

#include <csignal>
#include <filesystem>
#include <future>
#include <optional>
#include <sstream>
#include <string>
#include <thread>

#include "blocking_client.hpp"
#include "support/child_process.hpp"
#include "support/nginx_server.hpp"
#include "support/openssl_server.hpp"
#include "support/scripted_server.hpp"
#include "support/temporary_directory.hpp"

namespace upsun::test {
namespace support_test {

using namespace std::chrono_literals;
using testing::blocking_client;
using testing::certificate_authority;
using testing::get_request;
using testing::peer;

testing::certificate for_loopback(const certificate_authority& authority) {
  return authority.issue(
      {.common_name = "server", .dns_names = {"localhost"}, .addresses = {"127.0.0.1", "::1"}});
}

TEST(TemporaryDirectory, IsGoneAfterwards) {
  std::filesystem::path path;
  {
    const temporary_directory directory;
    path = directory.path();
    EXPECT_EQ(read_file(directory.write("a/b", "text")), "text");
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(FindProgram, NamesThePackageOfWhatIsMissing) {
  EXPECT_NO_THROW((void)find_program("sh", "dash"));
  try {
    (void)find_program("no-such-program", "its-package");
    FAIL() << "found it";
  } catch (const std::runtime_error& e) {
    EXPECT_NE(std::string(e.what()).find("its-package"), std::string::npos);
  }
}

TEST(ChildProcess, HasItsOutputAndExitCode) {
  const temporary_directory directory;
  child_process child({find_program("sh", "dash"), "-c", "pwd; exit 3"}, directory.path() / "out",
                      directory.path());
  EXPECT_EQ(child.wait(), 3);
  EXPECT_EQ(read_file(directory.path() / "out"), directory.path().string() + "\n");
}

TEST(ChildProcess, ReportsTheSignalThatEndedIt) {
  const temporary_directory directory;
  child_process child({find_program("sleep", "coreutils"), "1000"}, directory.path() / "out");
  EXPECT_EQ(child.exit_code(), std::nullopt);
  child.send_signal(SIGTERM);
  EXPECT_EQ(child.wait(), 128 + SIGTERM);
}

TEST(ChildProcess, IsKilledWithItsObject) {
  const temporary_directory directory;
  {
    child_process child({find_program("sh", "dash"), "-c", "echo $$; exec sleep 1000"},
                        directory.path() / "out");
    while (read_file(directory.path() / "out").find('\n') == std::string::npos)
      std::this_thread::yield();
  }
  EXPECT_EQ(::kill(std::stoi(read_file(directory.path() / "out")), 0), -1) << "it still runs";
}

TEST(ChildProcess, EndsWithAnErrorWhenItCannotStart) {
  const temporary_directory directory;
  EXPECT_EQ(child_process({"/no/such/program"}, directory.path() / "out").wait(), 127);
}

TEST(NginxServer, ServesItsConfiguration) {
  const certificate_authority authority("Authority");
  const nginx_server server(R"(
    server {
      listen 127.0.0.1:{port} ssl;
      ssl_certificate {certificate};
      ssl_certificate_key {key};
      root {root};
      location /teapot { return 418 "short and stout"; }
    })",
                            for_loopback(authority), {{"file", "content"}});
  blocking_client client({.port = server.port(), .ca_pem = authority.pem()});
  EXPECT_EQ(client.get("/file", "").body(), "content") << client.failure();
  EXPECT_EQ(client.get("/teapot", "").result_int(), 418u);
}

TEST(NginxServer, SaysWhyItDoesNotStart) {
  try {
    const nginx_server server("no_such_directive;", {});
    FAIL() << "it started";
  } catch (const std::runtime_error& e) {
    EXPECT_NE(std::string(e.what()).find("no_such_directive"), std::string::npos) << e.what();
  }
}

TEST(NginxServer, IsGoneAfterwards) {
  peer there;
  {
    const nginx_server server("server { listen 127.0.0.1:{port}; }", {});
    there.port = server.port();
    EXPECT_FALSE(blocking_client(there).failure());
  }
  EXPECT_EQ(blocking_client(there).failure(), boost::asio::error::connection_refused);
}

TEST(OpensslServer, HandshakesWithItsCertificate) {
  const certificate_authority authority("Authority");
  const openssl_server server(for_loopback(authority));
  blocking_client client({.port = server.port(), .ca_pem = authority.pem()});
  EXPECT_EQ(client.get("/", "").result_int(), 200u) << client.failure();
}

TEST(OpensslServer, TakesOptions) {
  const certificate_authority authority("Authority");
  const openssl_server server(for_loopback(authority), {"-tls1_2"});
  EXPECT_EQ(blocking_client({.port = server.port(), .ca_pem = authority.pem()}).tls_version(),
            "TLSv1.2");
}

TEST(OpensslServer, SaysWhyItDoesNotStart) {
  EXPECT_THROW(openssl_server({.pem = "no certificate", .key_pem = "no key"}), std::runtime_error);
}

TEST(ScriptedServer, FollowsItsScript) {
  scripted_server server(
      script{read_head(), send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"), close()});
  blocking_client client({.port = server.port()});
  EXPECT_EQ(client.get("/path", "token").body(), "hi");
  EXPECT_EQ(client.receive_all(), "");
  EXPECT_EQ(client.failure(), boost::asio::error::eof);
  ASSERT_TRUE(server.wait_for_end());
  EXPECT_EQ(server.received(), get_request("/path", "token"));
  EXPECT_EQ(server.connections(), 1u);
}

TEST(ScriptedServer, HasAScriptForEachConnection) {
  scripted_server server({script{send("first")}, script{send("later")}});
  for (const char* expected : {"first", "later", "later"})
    EXPECT_EQ(blocking_client({.port = server.port()}).receive_all(), expected);
  EXPECT_EQ(server.connections(), 3u);
}

TEST(ScriptedServer, TakesOneRequestAtATime) {
  scripted_server server(script{read_head(), send("1"), read_head(), send("2")});
  blocking_client client({.port = server.port()});
  client.send(get_request("/a", "") + get_request("/b", ""));
  EXPECT_EQ(client.receive_all(), "12");
}

TEST(ScriptedServer, SpeaksTls) {
  scripted_server server(
      script{read_head(), send_slowly("HTTP/1.1 204 No Content\r\n\r\n"), close()}, {.tls = true});
  EXPECT_TRUE(server.url().starts_with("https://127.0.0.1:"));
  blocking_client client({.port = server.port(), .ca_pem = server.ca_pem()});
  EXPECT_EQ(client.get("/", "").result_int(), 204u) << client.failure();
  EXPECT_EQ(client.receive_all(), "");
  EXPECT_EQ(client.failure(), boost::asio::error::eof);  // with close_notify
}

TEST(ScriptedServer, ClosesAsItsScriptSays) {
  scripted_server server({script{read_head(), drop()}, script{read_head(), reset()}},
                         {.tls = true});
  for (const error_code expected : {error_code(boost::asio::ssl::error::stream_truncated),
                                    error_code(boost::asio::error::connection_reset)}) {
    blocking_client client({.port = server.port(), .ca_pem = server.ca_pem()});
    client.send(get_request("/", ""));
    EXPECT_EQ(client.receive_all(), "");
    EXPECT_EQ(client.failure(), expected);
  }
}

TEST(ScriptedServer, WaitsForTheTest) {
  std::promise<void> go;
  scripted_server server(script{read_head(), run([&] { go.get_future().wait(); }), send("now")});
  blocking_client client({.port = server.port()});
  client.send(get_request("/", ""));
  EXPECT_FALSE(client.readable_within(20ms));
  go.set_value();
  EXPECT_EQ(client.receive_all(), "now");
}

TEST(ScriptedServer, EndsWithConnectionsThatStall) {
  auto server = std::make_unique<scripted_server>(script{stall()});
  blocking_client one({.port = server->port()}), two({.port = server->port()});
  while (server->connections() < 2) std::this_thread::yield();
  server.reset();
  EXPECT_EQ(one.receive_all() + two.receive_all(), "");
}

/// The program, with what it printed.
struct running_sandbox {
  explicit running_sandbox(std::vector<std::string> options) {
    options.insert(options.begin(), UPSUN_SANDBOX_PROGRAM);
    process.emplace(options, directory.path() / "out");
    while (output().find("\nca=") == std::string::npos || !output().ends_with('\n')) {
      if (process->exit_code()) throw std::runtime_error(output());
      std::this_thread::yield();
    }
  }
  [[nodiscard]] std::string output() const { return read_file(directory.path() / "out"); }
  /// The value of a line `name=value`.
  [[nodiscard]] std::string printed(const std::string& name) const {
    std::istringstream lines(output());
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with(name + '=')) return line.substr(name.size() + 1);
    }
    return {};
  }
  [[nodiscard]] std::uint16_t port() const {
    const std::string url = printed("url");
    return static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
  }

  temporary_directory directory;
  std::optional<child_process> process;
};

constexpr const char* target = "/projects/project-1/integrations/integration-4";

TEST(SandboxProgram, ServesUntilASignalEndsIt) {
  running_sandbox program(
      {"--projects", "2", "--integrations=5", "--token", "t", "--fault", "status=503*1"});
  EXPECT_EQ(program.printed("url"), "https://127.0.0.1:" + std::to_string(program.port()));
  const std::string authority = program.printed("ca");
  blocking_client client({.port = program.port(), .ca_pem = read_file(authority)});
  EXPECT_EQ(client.get(target, "t").result_int(), 503u);
  EXPECT_EQ(client.get(target, "t").result_int(), 200u);
  EXPECT_EQ(client.get("/projects/project-1/integrations/integration-5", "t").result_int(), 404u);
  program.process->send_signal(SIGTERM);
  EXPECT_EQ(program.process->wait(), 0);
  EXPECT_FALSE(std::filesystem::exists(authority));
}

TEST(SandboxProgram, ServesPlainHttp) {
  running_sandbox program({"--plain", "--projects=2"});
  EXPECT_EQ(program.output(), "url=http://127.0.0.1:" + std::to_string(program.port()) + "\nca=\n");
  EXPECT_EQ(blocking_client({.port = program.port()}).get(target, "sandbox-token").result_int(),
            200u);
  program.process->send_signal(SIGINT);
  EXPECT_EQ(program.process->wait(), 0);
}

TEST(SandboxProgram, ServesAFleet) {
  running_sandbox program({"--plain", "--projects=300", "--organizations=1", "--integrations", "2",
                           "--shared=10", "--page-size=3", "--seed=5", "--absolute-links",
                           "--throttle-every=4", "--throttle-seconds=9"});
  blocking_client client({.port = program.port()});
  const auto get = [&](const std::string& path) { return client.get(path, "sandbox-token"); };
  const boost::json::value page =
      boost::json::parse(get("/organizations/name=alder/projects").body());
  EXPECT_EQ(page.at("count"), 300);
  EXPECT_EQ(page.at("items").as_array().size(), 3u);
  EXPECT_TRUE(page.at("_links").at("next").at("href").as_string().starts_with(
      program.printed("url") + "/organizations/"));
  EXPECT_EQ(get("/projects/project-0").result_int(), 404u);
  EXPECT_EQ(get("/users/me").result_int(), 200u);
  EXPECT_EQ(get("/users/me").base()["Retry-After"], "9");
}

TEST(SandboxProgram, SpeaksTheVersionsItIsTold) {
  const auto alpn = [](std::vector<std::string> options) -> std::string {
    running_sandbox program(std::move(options));
    peer to{.port = program.port(), .ca_pem = read_file(program.printed("ca"))};
    to.adjust = [](ssl_st* ssl) {
      const std::string_view both = "\2h2\x08http/1.1";
      SSL_set_alpn_protos(ssl, reinterpret_cast<const unsigned char*>(both.data()),
                          static_cast<unsigned>(both.size()));
    };
    return blocking_client(to).alpn();
  };
  EXPECT_EQ(alpn({"--http", "1"}), "http/1.1");
  if (UPSUN_HTTP2) {
    EXPECT_EQ(alpn({"--http", "2"}), "h2");
  }
  EXPECT_EQ(alpn({"--http=both"}), UPSUN_HTTP2 ? "h2" : "http/1.1");
  EXPECT_EQ(alpn({}), UPSUN_HTTP2 ? "h2" : "http/1.1");
}

TEST(SandboxProgram, EndsWithItsParent) {
  const temporary_directory directory;
  const std::string out = directory.path() / "out";
  child_process parent({find_program("sh", "dash"), "-c",
                        std::string(UPSUN_SANDBOX_PROGRAM) + " --plain --exit-with-parent & wait"},
                       out);
  while (read_file(out).find("ca=\n") == std::string::npos) std::this_thread::yield();
  const std::string printed = read_file(out);
  const peer there{
      .port = static_cast<std::uint16_t>(std::stoi(printed.substr(printed.find(":", 10) + 1)))};
  EXPECT_FALSE(blocking_client(there).failure());
  parent.send_signal(SIGKILL);
  while (!blocking_client(there).failure()) std::this_thread::yield();
}

TEST(SandboxProgram, RefusesWhatItDoesNotUnderstand) {
  for (const char* wrong : {"--port=x", "--port=65536", "--fault=sulk", "--http=3", "--unknown",
                            "stray", "--shared=3", "--page-size=0", "--organizations=-1"}) {
    const temporary_directory directory;
    child_process program({UPSUN_SANDBOX_PROGRAM, wrong}, directory.path() / "out");
    EXPECT_EQ(program.wait(), 2) << wrong;
    EXPECT_TRUE(read_file(directory.path() / "out").starts_with("upsun-sandbox: ")) << wrong;
  }
}

TEST(SandboxProgram, SaysWhyItCannotServe) {
  const temporary_directory directory;
  child_process program({UPSUN_SANDBOX_PROGRAM, "--address=192.0.2.1"}, directory.path() / "out");
  EXPECT_EQ(program.wait(), 1);
  EXPECT_EQ(read_file(directory.path() / "out"),
            "upsun-sandbox: cannot serve there: Cannot assign requested address\n");
}

TEST(SandboxProgram, ExplainsItself) {
  const temporary_directory directory;
  child_process program({UPSUN_SANDBOX_PROGRAM, "--help"}, directory.path() / "out");
  EXPECT_EQ(program.wait(), 0);
  EXPECT_NE(read_file(directory.path() / "out").find("reset_at=BYTES"), std::string::npos);
}

}  // namespace support_test
}  // namespace upsun::test
