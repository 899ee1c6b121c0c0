#pragma once

// What the peers written in C++ share: their options, the document they fetch, and the measurement of the requests after the warm-up.

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>

#include <sys/resource.h>

namespace peer {

constexpr const char* host = "127.0.0.1";
constexpr const char* target = "/projects/project-0/integrations/integration-0";
constexpr const char* token = "benchmark-token";
/// Who decodes checks one member of the document.
constexpr std::string_view repository = "acme-engineering/storefront-backend";

struct options {
  std::string port;
  std::string ca_file;
  std::uint64_t requests = 20'000;
  std::uint64_t warmup = 2'000;
  unsigned connections = 64;
};

/// Takes `--name=value`; gives those it does not know to `other`, which says whether it knows them.
template <class Other>
options parse_options(int argc, char** argv, Other other) {
  options found;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    const std::size_t equals = argument.find('=');
    if (!argument.starts_with("--") || equals == argument.npos) throw std::invalid_argument("not --name=value: " + std::string(argument));
    const std::string_view name = argument.substr(2, equals - 2);
    const std::string value(argument.substr(equals + 1));
    if (name == "port") {
      found.port = value;
    } else if (name == "ca") {
      found.ca_file = value;
    } else if (name == "requests") {
      found.requests = std::stoull(value);
    } else if (name == "warmup") {
      found.warmup = std::stoull(value);
    } else if (name == "connections") {
      found.connections = static_cast<unsigned>(std::stoul(value));
    } else if (!other(name, value)) {
      throw std::invalid_argument("unknown option --" + std::string(name));
    }
  }
  return found;
}

inline options parse_options(int argc, char** argv) {
  return parse_options(argc, argv, [](std::string_view, const std::string&) { return false; });
}

/// Hands out requests and counts the answers; measures from the last of the warm-up to the last of all. For one thread.
class measured_run {
 public:
  measured_run(std::uint64_t warmup, std::uint64_t requests) : to_start_(warmup + requests), warmup_(warmup), requests_(requests) {
    if (warmup == 0) begin();
  }

  /// False once all requests have been handed out.
  [[nodiscard]] bool start_one() noexcept { return to_start_ > 0 && to_start_-- > 0; }

  void finish_one(bool good) noexcept {
    if (!good) ++errors_;
    if (++finished_ == warmup_) begin();
    if (finished_ == warmup_ + requests_) end();
  }

  [[nodiscard]] bool finished() const noexcept { return finished_ >= warmup_ + requests_; }

  /// Prints one line of JSON. \param more further members, each after a comma. \return what main returns.
  int report(const char* name, const std::string& more = {}) const {
    const auto microseconds = [](const timeval& from, const timeval& to) { return (to.tv_sec - from.tv_sec) * 1'000'000L + to.tv_usec - from.tv_usec; };
    std::printf(R"({"peer": "%s", "requests": %llu, "seconds": %.6f, "cpu_user_us": %ld, "cpu_sys_us": %ld, "errors": %llu%s})"
                "\n",
                name, static_cast<unsigned long long>(requests_), std::chrono::duration<double>(ended_ - begun_).count(),
                microseconds(used_before_.ru_utime, used_after_.ru_utime), microseconds(used_before_.ru_stime, used_after_.ru_stime),
                static_cast<unsigned long long>(errors_), more.c_str());
    return errors_ == 0 && finished() ? EXIT_SUCCESS : EXIT_FAILURE;
  }

 private:
  void begin() noexcept {
    getrusage(RUSAGE_SELF, &used_before_);
    begun_ = std::chrono::steady_clock::now();
  }
  void end() noexcept {
    getrusage(RUSAGE_SELF, &used_after_);
    ended_ = std::chrono::steady_clock::now();
  }

  std::uint64_t to_start_;
  const std::uint64_t warmup_;
  const std::uint64_t requests_;
  std::uint64_t finished_ = 0;
  std::uint64_t errors_ = 0;
  rusage used_before_{};
  rusage used_after_{};
  std::chrono::steady_clock::time_point begun_{};
  std::chrono::steady_clock::time_point ended_{};
};

}  // namespace peer
