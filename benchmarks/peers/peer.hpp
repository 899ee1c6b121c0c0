#pragma once

// What the peers in C++ share: options, the document, and the measurement of the requests after the
// warm-up.

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>

#include <malloc.h>
#include <sys/resource.h>

namespace peer {

constexpr const char* host = "127.0.0.1";
constexpr const char* target = "/projects/project-0/integrations/integration-0";
constexpr const char* token = "benchmark-token";
/// A peer that decodes checks one member of the document.
constexpr std::string_view repository = "acme-engineering/storefront-backend";

struct options {
  std::string port;
  std::string ca_file;
  std::uint64_t requests = 20'000;
  std::uint64_t warmup = 2'000;
  unsigned connections = 64;
};

/// Reads options `--name=value`; passes unknown ones to `other`, which returns whether it knows
/// them.
template <class Other>
options parse_options(int argc, char** argv, Other other) {
  options found;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    const std::size_t equals = argument.find('=');
    if (!argument.starts_with("--") || equals == argument.npos)
      throw std::invalid_argument("not --name=value: " + std::string(argument));
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

/// Bytes of the heap in use, OpenSSL's and libcurl's included.
inline std::size_t heap_in_use() noexcept {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

/// CPU time that the process has used when this is made; and the difference of two.
struct usage {
  usage() noexcept {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    user_us = used.ru_utime.tv_sec * 1'000'000L + used.ru_utime.tv_usec;
    system_us = used.ru_stime.tv_sec * 1'000'000L + used.ru_stime.tv_usec;
  }
  usage operator-(const usage& other) const noexcept {
    usage difference = *this;
    difference.user_us -= other.user_us;
    difference.system_us -= other.system_us;
    difference.elapsed -= other.elapsed;
    return difference;
  }

  long user_us = 0;
  long system_us = 0;
  std::chrono::steady_clock::duration elapsed = std::chrono::steady_clock::now().time_since_epoch();
};

/// Prints one line of JSON. \param more further members, each after a comma. \return what main
/// returns.
inline int report(const char* name, std::uint64_t requests, const usage& used, std::uint64_t errors,
                  const std::string& more = {}) {
  std::printf(
      R"({"peer": "%s", "requests": %llu, "seconds": %.6f, "cpu_user_us": %ld, "cpu_sys_us": %ld, "errors": %llu%s})"
      "\n",
      name, static_cast<unsigned long long>(requests),
      std::chrono::duration<double>(used.elapsed).count(), used.user_us, used.system_us,
      static_cast<unsigned long long>(errors), more.c_str());
  return errors == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/// Hands out requests and counts responses; measures from the last one of the warm-up to the last
/// of all. For one thread.
class measured_run {
 public:
  measured_run(std::uint64_t warmup, std::uint64_t requests)
      : to_start_(warmup + requests), warmup_(warmup), requests_(requests) {}

  /// False when all requests have been handed out.
  [[nodiscard]] bool start_one() noexcept { return to_start_ > 0 && to_start_-- > 0; }

  void finish_one(bool good) noexcept {
    if (!good) ++errors_;
    if (++finished_ == warmup_) begun_ = usage();
    if (finished()) ended_ = usage();
  }

  [[nodiscard]] bool is_warm() const noexcept { return finished_ >= warmup_; }
  [[nodiscard]] bool finished() const noexcept { return finished_ >= warmup_ + requests_; }

  /// As the function above.
  int report(const char* name, const std::string& more = {}) const {
    if (!finished()) throw std::runtime_error("ended before all requests were made");
    return peer::report(name, requests_, ended_ - begun_, errors_, more);
  }

 private:
  std::uint64_t to_start_;
  const std::uint64_t warmup_;
  const std::uint64_t requests_;
  std::uint64_t finished_ = 0;
  std::uint64_t errors_ = 0;
  usage begun_{};
  usage ended_{};
};

}  // namespace peer
