#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <upsun/model/secret.hpp>
#include <upsun/network_options.hpp>

#include "operations.hpp"

namespace upsun::load {

using seconds = std::chrono::duration<double>;

// What the settings may be, from 1 or the least.
inline constexpr std::size_t most_concurrency = 1'000'000;
inline constexpr std::size_t most_connections = 65'535;
inline constexpr std::size_t most_threads = 256;
inline constexpr double least_rate = 0.001;
inline constexpr double most_rate = 1e9;

/// A time in which the rate rises or falls steadily.
struct stage {
  double from = 0;  ///< Calls a second.
  double to = 0;
  seconds length{0};
};

/// Whether calls share connections.
enum class connection_use : std::uint8_t {
  kept,          ///< As long as they last.
  once,          ///< Each call has a new one, whose session is resumed where the server allows it.
  once_in_full,  ///< The same without resumption.
};

/// The server, and what the calls fetch.
struct target {
  std::string url;      ///< Empty: the sandbox, in a process of its own.
  std::string ca_file;  ///< PEM; empty: the system's authorities.
  std::string ca_pem;   ///< The sandbox's.
  http_options http;    ///< The version, and streams a connection.
  secret token;         ///< Empty: none is sent.
  std::string project;
  std::vector<std::string> integrations;  ///< In turn.
  std::chrono::milliseconds latency{0};   ///< Of the sandbox.
  operation_mix mix;
  connection_use use = connection_use::kept;
};

/// One run.
struct run_settings {
  std::size_t concurrency = 64;  ///< Calls under way at once, at most, over all threads.
  std::size_t connections = 64;  ///< At most, over all clients.
  std::size_t threads = 1;
  bool shared = false;  ///< One client on one context that all threads run; else each thread has
                        ///< its own of both.
  double rate = 0;      ///< Calls a second over all threads; zero: closed loop.
  std::vector<stage> stages;  ///< Instead of one rate.
  std::uint64_t requests =
      0;  ///< The number of calls, all of them measured; zero: as many as fit the duration.
  seconds warmup{1};
  seconds duration{5};
  std::size_t round = 1;         ///< Changes nothing: a sweep of it repeats the run.
  unsigned attempts = 3;         ///< `retry_options::max_attempts`.
  bool slice_latencies = false;  ///< Whether `time_slice::latencies` is wanted.

  [[nodiscard]] bool open() const { return rate > 0 || !stages.empty(); }
};

}  // namespace upsun::load
