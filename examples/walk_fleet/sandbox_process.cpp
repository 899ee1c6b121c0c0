#include "sandbox_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <stdexcept>
#include <system_error>

namespace {

void check(int error, const char* what) {
  if (error != 0) throw std::system_error(error, std::generic_category(), what);
}

/// Reads one line from a pipe; without its end when the pipe closed first.
std::string read_line(int pipe) {
  std::string line;
  for (char c = 0; read(pipe, &c, 1) == 1 && c != '\n';) line.push_back(c);
  return line;
}

/// The sandbox prints "name=value".
std::string value_of(const std::string& line) { return line.substr(line.find('=') + 1); }

}  // namespace

sandbox_process::sandbox_process(std::vector<std::string> arguments) {
  const std::filesystem::path program =
      std::filesystem::read_symlink("/proc/self/exe").replace_filename("upsun-sandbox");
  std::string path = program.string();
  arguments.emplace_back("--exit-with-parent");
  std::vector<char*> pointers{path.data()};
  for (std::string& each : arguments) pointers.push_back(each.data());
  pointers.push_back(nullptr);

  std::array<int, 2> pipe{};
  check(pipe2(pipe.data(), O_CLOEXEC) == 0 ? 0 : errno, "pipe");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, pipe[1], STDOUT_FILENO);
  const int error = posix_spawn(&child_, path.c_str(), &actions, nullptr, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(pipe[1]);
  if (error == 0) {
    url_ = value_of(read_line(pipe[0]));
    ca_file_ = value_of(read_line(pipe[0]));
  }
  close(pipe[0]);
  check(error, path.c_str());
  if (ca_file_.empty()) throw std::runtime_error(path + " ended before it served");
}

sandbox_process::~sandbox_process() {
  if (child_ <= 0) return;
  kill(child_, SIGTERM);
  waitpid(child_, nullptr, 0);
}
