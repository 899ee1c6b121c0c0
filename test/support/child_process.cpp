#include "support/child_process.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <thread>

namespace upsun::test {
using boost::asio::ip::tcp;

std::filesystem::path find_program(const std::string& name, std::string_view package) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(std::string(path ? path : "/usr/bin:/bin") +
                             ":/usr/sbin:/usr/local/sbin:/sbin");
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::filesystem::path candidate = std::filesystem::path(folder) / name;
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  throw std::runtime_error("this test needs the program " + name + " (Debian package " +
                           std::string(package) + ")");
}

child_process::child_process(const std::vector<std::string>& command,
                             const std::filesystem::path& output,
                             const std::filesystem::path& directory) {
  std::vector<char*> arguments;
  std::transform(command.begin(), command.end(), std::back_inserter(arguments),
                 [](const std::string& a) { return const_cast<char*>(a.c_str()); });
  arguments.push_back(nullptr);
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0)
    throw std::system_error(errno, std::generic_category(), "starting " + command.front());
  if (pid_ > 0) return;

  // The child, before exec: only what is safe after a fork amid threads.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int in = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  const int out = ::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const bool ready = ::getppid() == parent && in >= 0 && out >= 0 && ::dup2(in, 0) == 0 &&
                     ::dup2(out, 1) == 1 && ::dup2(out, 2) == 2 && ::chdir(directory.c_str()) == 0;
  if (ready) ::execv(arguments.front(), arguments.data());
  ::_exit(127);
}

child_process::~child_process() {
  if (exit_code()) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

std::optional<int> child_process::exit_code() {
  int status = 0;
  if (!exit_code_ && ::waitpid(pid_, &status, WNOHANG) == pid_)
    exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return exit_code_;
}

bool poll_until(const std::function<bool()>& holds) {
  using namespace std::chrono_literals;
  const auto give_up = std::chrono::steady_clock::now() + 30s;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > give_up) return false;
    std::this_thread::sleep_for(2ms);
  }
  return true;
}

std::optional<int> child_process::wait() {
  poll_until([this] { return exit_code().has_value(); });
  return exit_code_;
}

void child_process::send_signal(int signal) const {
  if (!exit_code_) ::kill(pid_, signal);
}

bool wait_for_listener(child_process& child, const std::string& address, std::uint16_t port) {
  const tcp::endpoint there(boost::asio::ip::make_address(address), port);
  boost::asio::io_context context;
  bool listens = false;
  poll_until([&] {
    boost::system::error_code failure;
    tcp::socket(context).connect(there, failure);
    listens = !failure;
    return listens || child.exit_code();
  });
  return listens;
}

reserved_port::reserved_port(const std::string& address) {
  const tcp::endpoint any(boost::asio::ip::make_address(address), 0);
  socket_.open(any.protocol());
  socket_.set_option(boost::asio::socket_base::reuse_address(true));
  socket_.bind(any);
}

}  // namespace upsun::test
