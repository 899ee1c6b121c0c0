// Calls of upsun by callbacks, from many callers or several threads: latency, allocations, memory.
// Callbacks, so that all memory counted is the library's.
// --callers=N --threads=N, each with a context and a client of its own; --shared=1: one client on
// one context run by all of them.

#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <upsun/client.hpp>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <deque>
#include <memory>
#include <new>
#include <optional>
#include <thread>
#include <vector>

#include "peer.hpp"

namespace {
thread_local std::uint64_t allocations = 0;
}

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace {

namespace asio = boost::asio;
using clock_type = std::chrono::steady_clock;

struct call_options {
  std::size_t callers = 64;
  std::size_t threads = 1;
  bool shared = false;
};

/// A number of calls, and their results.
struct phase {
  explicit phase(std::uint64_t calls, std::size_t callers)
      : left(static_cast<std::int64_t>(calls)), active(callers), latencies_ns(calls) {}

  std::atomic<std::int64_t> left;
  std::atomic<std::size_t> active;
  std::vector<std::uint32_t> latencies_ns;
  std::atomic<std::uint64_t> errors = 0;
  std::atomic<std::uint64_t> allocated = 0;
  std::size_t heap = 0;  ///< In use when half of the calls were made.
  std::uint64_t value_allocations = 0;
};

class fleet {
 public:
  fleet(const peer::options& opts, const call_options& calls)
      : threads_per_context_(calls.shared ? calls.threads : 1) {
    const std::size_t contexts = calls.threads / threads_per_context_;
    upsun::client_config config;
    config.base_url = std::string("https://") + peer::host + ":" + opts.port;
    config.credentials = upsun::bearer_token(peer::token);
    config.tls.ca_file = opts.ca_file;
    config.pool.max_connections = opts.connections / contexts;
    config.pool.max_waiters = calls.callers;
    for (std::size_t i = 0; i < contexts; ++i) {
      asio::io_context& context = contexts_.emplace_back(static_cast<int>(threads_per_context_));
      clients_.push_back(std::make_unique<upsun::client>(context.get_executor(), config));
    }
  }

  ~fleet() {
    for (auto& client : clients_) client->async_close(std::chrono::seconds(1), asio::detached);
    for (asio::io_context& context : contexts_) context.run();
  }

  void run(phase& work, std::size_t callers) {
    for (std::size_t i = 0; i < callers; ++i) call(work, *clients_[i % clients_.size()]);
    std::vector<std::thread> threads;
    for (asio::io_context& context : contexts_) {
      for (std::size_t i = 0; i < threads_per_context_; ++i) {
        threads.emplace_back([&] {
          const std::uint64_t before = allocations;
          context.run();
          work.allocated += allocations - before;
        });
      }
    }
    for (std::thread& thread : threads) thread.join();
    for (asio::io_context& context : contexts_) context.restart();
  }

 private:
  void call(phase& work, upsun::client& client) {
    const std::int64_t left = work.left--;
    if (left <= 0) {
      if (--work.active > 0) return;
      for (asio::io_context& context : contexts_) context.stop();
      return;
    }
    const auto number = static_cast<std::size_t>(left - 1);
    if (number == work.latencies_ns.size() / 2) work.heap = peer::heap_in_use();
    client.async_get_integration(
        {upsun::project_id("project-0"), upsun::integration_id("integration-0")},
        [this, &work, &client, number,
         begun = clock_type::now()](const upsun::result<upsun::integration>& got) {
          work.latencies_ns[number] = static_cast<std::uint32_t>(
              std::min<std::int64_t>((clock_type::now() - begun).count(), UINT32_MAX));
          check(work, got);
          call(work, client);
        });
  }

  static void check(phase& work, const upsun::result<upsun::integration>& got) {
    const auto* settings = got ? std::get_if<upsun::bitbucket_settings>(&got->settings) : nullptr;
    if (settings == nullptr || settings->repository != peer::repository) {
      ++work.errors;
    } else if (work.value_allocations == 0) {
      const std::uint64_t before = allocations;
      std::optional<upsun::integration> copy;
      copy = *got;  // allocates the value's own strings again
      work.value_allocations = allocations - before;
      allocations = before;
    }
  }

  const std::size_t threads_per_context_;
  std::deque<asio::io_context> contexts_;
  std::vector<std::unique_ptr<upsun::client>> clients_;
};

int run(const peer::options& opts, const call_options& calls) {
  fleet clients(opts, calls);
  phase warm(opts.warmup, std::min<std::size_t>(calls.callers, opts.connections));
  clients.run(warm, warm.active);
  phase work(opts.requests, calls.callers);
  const std::size_t heap_before = peer::heap_in_use();
  const peer::usage before;
  clients.run(work, calls.callers);
  const peer::usage used = peer::usage() - before;

  std::sort(work.latencies_ns.begin(), work.latencies_ns.end());
  const auto at = [&](double part) {
    return work.latencies_ns[static_cast<std::size_t>(
               part * static_cast<double>(work.latencies_ns.size() - 1))] /
           1e3;
  };
  const auto requests = static_cast<double>(opts.requests);
  const double allocated =
      static_cast<double>(work.allocated) / requests - static_cast<double>(work.value_allocations);
  const std::size_t waiting =
      calls.callers > opts.connections ? calls.callers - opts.connections : 0;
  const double waiting_bytes =
      waiting == 0 ? 0
                   : static_cast<double>(work.heap - heap_before) / static_cast<double>(waiting);
  std::string more;
  const auto add = [&](const char* name, double value) {
    more.append(", \"").append(name).append("\": ").append(std::to_string(value));
  };
  add("p50_us", at(.5));
  add("p99_us", at(.99));
  add("allocations_beyond_value", allocated);
  add("bytes_per_waiting_call", waiting_bytes);
  return peer::report("upsun_calls", opts.requests, used, work.errors + warm.errors, more);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    call_options calls;
    const peer::options opts =
        peer::parse_options(argc, argv, [&](std::string_view name, const std::string& value) {
          if (name == "callers") {
            calls.callers = std::stoul(value);
          } else if (name == "threads") {
            calls.threads = std::stoul(value);
          } else if (name == "shared") {
            calls.shared = value == "1";
          } else {
            return false;
          }
          return true;
        });
    return run(opts, calls);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "upsun_calls: %s\n", e.what());
    return EXIT_FAILURE;
  }
}
