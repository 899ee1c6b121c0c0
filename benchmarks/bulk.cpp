// The cost of a fetch above the network: calls awaited by 64 coroutines, the same with callbacks,
// and by the bulk operations. The transport responds at once; its cost and the decoding are in
// every row.
#include <benchmark/benchmark.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <upsun/client.hpp>
#include <upsun/transport.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "bitbucket_document.hpp"

namespace asio = boost::asio;

namespace {

constexpr std::size_t window = 64;
constexpr std::size_t fetches = 64 * 100;

struct instant_transport final : upsun::transport {
  explicit instant_transport(asio::any_io_executor on) : executor(std::move(on)) {}
  asio::any_io_executor executor;

  void async_send(upsun::http_request, send_handler handler) override {
    asio::post(executor, [h = std::move(handler)]() mutable {
      upsun::http_response response;
      response.status = 200;
      response.body = upsun::benchmarks::bitbucket_document;
      std::move(h)(std::move(response));
    });
  }
  void async_close(std::chrono::milliseconds, close_handler handler) override {
    asio::post(executor,
               [h = std::move(handler)]() mutable { std::move(h)(upsun::close_report{}); });
  }
  void shutdown() noexcept override {}
  [[nodiscard]] upsun::pool_statistics statistics() const override { return {}; }
};

const upsun::project_id project("abcdefghijklm");
const upsun::integration_id integration("nopqrstuvwxyz");

void check(bool good) {
  if (!good) throw std::runtime_error("a fetch failed");
}

/// Times `begin` and the work that it starts.
template <class Begin>
void time(benchmark::State& state, Begin begin) {
  asio::io_context io(1);
  upsun::client client(io.get_executor(),
                       {.transport = std::make_shared<instant_transport>(io.get_executor())});
  for ([[maybe_unused]] auto _ : state) {
    io.restart();
    begin(client);
    io.run();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(fetches));
  state.counters["ns/fetch"] = benchmark::Counter(
      static_cast<double>(state.iterations()) * static_cast<double>(fetches) * 1e-9,
      benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

asio::awaitable<void> fetch_one_after_another(upsun::client& client) {
  for (std::size_t n = 0; n < fetches / window; ++n) {
    const auto got = co_await client.async_get_integration({project, integration});
    check(got.has_value());
  }
}

void awaited_calls(benchmark::State& state) {
  time(state, [](upsun::client& client) {
    for (std::size_t i = 0; i < window; ++i)
      asio::co_spawn(client.get_executor(), fetch_one_after_another(client), asio::detached);
  });
}

using results = std::vector<upsun::result<upsun::integration>>;

asio::awaitable<void> fetch_in_turn(upsun::client& client,
                                    const std::vector<upsun::integration_ref>& refs,
                                    std::size_t& next, results& kept) {
  while (next < refs.size()) {
    const std::size_t n = next++;
    kept[n] = co_await client.async_get_integration({refs[n].project(), refs[n].id()});
  }
}

/// What `async_get_integrations` does, as a user would write it.
void awaited_calls_results_kept(benchmark::State& state) {
  const std::vector<upsun::integration_ref> refs(fetches, {project, integration});
  std::size_t next = 0;
  results kept;
  time(state, [&](upsun::client& client) {
    next = 0;
    kept = results(fetches, upsun::error());
    for (std::size_t i = 0; i < window; ++i)
      asio::co_spawn(client.get_executor(), fetch_in_turn(client, refs, next, kept),
                     asio::detached);
  });
}

struct chain {
  upsun::client* client;
  std::size_t left;
  void operator()(const upsun::result<upsun::integration>& got) {
    check(got.has_value());
    if (--left > 0) client->async_get_integration({project, integration}, chain(*this));
  }
};

void calls_with_callbacks(benchmark::State& state) {
  time(state, [](upsun::client& client) {
    for (std::size_t i = 0; i < window; ++i)
      client.async_get_integration({project, integration}, chain{&client, fetches / window});
  });
}

void get_integrations(benchmark::State& state) {
  const std::vector<upsun::integration_ref> refs(fetches, {project, integration});
  results kept;
  time(state, [&](upsun::client& client) {
    client.async_get_integrations(refs, [&](upsun::result<upsun::bulk_results> got) {
      check(got && got->report.fetched == fetches);
      kept = std::move(got->results);
    });
  });
}

void for_each_integration(benchmark::State& state) {
  time(state, [](upsun::client& client) {
    auto source = [left = fetches]() mutable {
      return left-- > 0 ? std::optional(upsun::integration_ref(project, integration))
                        : std::nullopt;
    };
    client.async_for_each_integration(
        source,
        [](const upsun::integration_ref&, const upsun::result<upsun::integration>& got) {
          check(got.has_value());
        },
        [](const upsun::result<upsun::bulk_report>& got) {
          check(got && got->fetched == fetches);
        });
  });
}

BENCHMARK(awaited_calls);
BENCHMARK(calls_with_callbacks);
BENCHMARK(for_each_integration);
BENCHMARK(awaited_calls_results_kept);
BENCHMARK(get_integrations);

}  // namespace

BENCHMARK_MAIN();
