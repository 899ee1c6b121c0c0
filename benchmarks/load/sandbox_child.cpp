#include "sandbox_child.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <system_error>

#include <upsun/testing/sandbox.hpp>

namespace upsun::load {
namespace {

/// Sends its URL to the parent, then serves until it is killed. It ignores signals to the process
/// group, which the parent handles.
[[noreturn]] void serve(int to_parent, std::chrono::milliseconds latency, bool http2) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (const int each : {SIGINT, SIGTERM, SIGHUP}) std::signal(each, SIG_IGN);
  try {
    testing::sandbox_options options;
    options.latency = latency;
    options.http = http2 ? http_version::http2 : http_version::http1;
    const testing::sandbox server(options);
    const std::string where = server.url() + '\n' + server.ca_pem();
    if (write(to_parent, where.data(), where.size()) != static_cast<ssize_t>(where.size()))
      _exit(1);
    close(to_parent);
    for (;;) pause();
  } catch (const std::exception& e) {
    std::fprintf(stderr, "upsun-load: the sandbox: %s\n", e.what());
    _exit(1);
  }
}

std::string read_to_end(int pipe) {
  std::string all;
  std::array<char, 4096> part{};
  for (ssize_t n = 0; (n = read(pipe, part.data(), part.size())) != 0;) {
    if (n > 0) {
      all.append(part.data(), static_cast<std::size_t>(n));
    } else if (errno != EINTR) {
      break;
    }
  }
  return all;
}

}  // namespace

sandbox_child::sandbox_child(std::chrono::milliseconds latency, bool http2) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0)
    throw std::system_error(errno, std::generic_category(), "pipe");
  child_ = fork();
  if (child_ < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (child_ == 0) {
    close(ends[0]);
    serve(ends[1], latency, http2);
  }
  close(ends[1]);
  const std::string where = read_to_end(ends[0]);
  close(ends[0]);
  const auto line = where.find('\n');
  if (line == std::string::npos) {
    waitpid(child_, nullptr, 0);
    throw std::runtime_error("the sandbox ended before it served");
  }
  url_ = where.substr(0, line);
  ca_pem_ = where.substr(line + 1);
}

sandbox_child::~sandbox_child() {
  kill(child_, SIGKILL);
  waitpid(child_, nullptr, 0);
}

std::string sandbox_child::token() { return testing::sandbox_options().token; }

}  // namespace upsun::load
