// The fixed work whose instructions benchmarks/guard counts: what runs within `counted`, after a
// warm-up.

#include <openssl/crypto.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/version.hpp>
#include <upsun/client.hpp>
#include <upsun/codec.hpp>
#include <upsun/testing/sandbox.hpp>

#include <gnu/libc-version.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "bitbucket_document.hpp"

namespace asio = boost::asio;

/// callgrind counts within this function, by its name.
extern "C" __attribute__((noinline)) void counted(void (*work)(void*), void* argument) {
  work(argument);
}

namespace {

constexpr std::size_t callers = 64;

void serve(const std::string& ca_file) {
  upsun::testing::sandbox server({.http = upsun::http_version::automatic, .etags = false});
  server.put_raw("project-0", "bitbucket", std::string(upsun::benchmarks::bitbucket_document));
  std::ofstream(ca_file) << server.ca_pem();
  std::puts(server.url().c_str());
  std::fflush(stdout);
  pause();
}

/// With long time limits: callgrind is slow, even more so on a busy machine.
upsun::client_config settings(const std::string& url, const std::string& ca_file) {
  using namespace std::chrono_literals;
  return {.base_url = url,
          .credentials = upsun::bearer_token("sandbox-token"),
          .tls = {.ca_file = ca_file},
          .pool = {.acquire_timeout = 10min},
          .http = {.version = upsun::http_version::http1},
          .timeouts = {.total = 10min, .attempt = 10min, .connect = 10min}};
}

asio::awaitable<void> fetch_one_after_another(upsun::client& client, std::size_t count) {
  for (std::size_t n = 0; n < count; ++n) {
    const auto got = co_await client.async_get_integration(
        {upsun::project_id("project-0"), upsun::integration_id("bitbucket")});
    if (!got) throw std::runtime_error(got.error().message());
  }
}

void fetch(const upsun::client_config& config, std::size_t each) {
  asio::io_context io(1);
  upsun::client client(io.get_executor(), config);
  std::size_t fetching = 0;
  const auto begin = [&](std::size_t count) {
    io.restart();
    fetching = callers;
    for (std::size_t i = 0; i < callers; ++i) {
      asio::co_spawn(io, fetch_one_after_another(client, count),
                     [&](const std::exception_ptr& failed) {
                       if (failed) std::rethrow_exception(failed);
                       if (--fetching == 0) io.stop();  // idle connections would keep it running
                     });
    }
  };
  begin(16);
  io.run();
  begin(each);
  counted([](void* context) { static_cast<asio::io_context*>(context)->run(); }, &io);
}

/// The same calls over HTTP/2.
void fetch_over_http2(const upsun::client_config& config, std::size_t each) {
  upsun::client_config both = config;
  both.http.version = upsun::http_version::automatic;
  fetch(both, each);
}

/// The same calls, with all concurrent ones sharing one fetch.
void fetch_shared(const upsun::client_config& config, std::size_t each) {
  upsun::client_config sharing = config;
  sharing.coalesce = true;
  fetch(sharing, each);
}

/// The same calls, served from the cache.
void fetch_cached(const upsun::client_config& config, std::size_t each) {
  upsun::client_config keeping = config;
  keeping.cache = {.max_entries = 1, .ttl = std::chrono::hours(24)};
  fetch(keeping, each);
}

/// The same fetches by one bulk operation.
void fetch_in_bulk(const upsun::client_config& config, std::size_t each) {
  asio::io_context io(1);
  upsun::client client(io.get_executor(), config);
  const auto begin = [&](std::size_t count) {
    io.restart();
    auto source = [left = callers * count]() mutable -> std::optional<upsun::integration_ref> {
      if (left == 0) return std::nullopt;
      --left;
      return upsun::integration_ref(upsun::project_id("project-0"),
                                    upsun::integration_id("bitbucket"));
    };
    auto handler = [](const upsun::integration_ref&, const upsun::result<upsun::integration>& got) {
      if (!got) throw std::runtime_error(got.error().message());
    };
    client.async_for_each_integration(source, handler, upsun::bulk_options().concurrency(callers),
                                      [&](const upsun::result<upsun::bulk_report>& report) {
                                        if (!report || report->stopped_by.code())
                                          throw std::runtime_error("not all were fetched");
                                        io.stop();
                                      });
  };
  begin(16);
  io.run();
  begin(each);
  counted([](void* context) { static_cast<asio::io_context*>(context)->run(); }, &io);
}

void decode(std::size_t count) {
  const auto work = [](void* times) {
    for (std::size_t i = *static_cast<std::size_t*>(times); i > 0; --i) {
      if (!upsun::decode_integration(upsun::benchmarks::bitbucket_document))
        throw std::runtime_error("the document does not decode");
    }
  };
  std::size_t once = 1;
  work(&once);
  counted(work, &count);
}

/// What a count depends on besides the code.
void print_conditions() {
#ifdef __clang__
  const char* compiler = __VERSION__;
#else
  const char* compiler = "g++ " __VERSION__;
#endif
  const char* vectors = __builtin_cpu_supports("avx2") ? "with" : "without";
  std::printf("%s, Boost %s, %s, glibc %s, %s AVX2\n", compiler, BOOST_LIB_VERSION,
              OpenSSL_version(OPENSSL_VERSION), gnu_get_libc_version(), vectors);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view what = argc > 1 ? argv[1] : "";
  try {
    if (what == "conditions") return print_conditions(), 0;
    if (what == "serve" && argc == 3) return serve(argv[2]), 0;
    if (what == "decode" && argc == 3) return decode(std::strtoull(argv[2], nullptr, 10)), 0;
    for (const auto& [name, work] : {std::pair("fetch", &fetch),
                                     {"http2", &fetch_over_http2},
                                     {"shared", &fetch_shared},
                                     {"cached", &fetch_cached},
                                     {"bulk", &fetch_in_bulk}}) {
      if (what == name && argc == 5)
        return work(settings(argv[2], argv[3]), std::strtoull(argv[4], nullptr, 10)), 0;
    }
  } catch (const std::exception& e) {
    std::fprintf(stderr, "instructions: %s\n", e.what());
    return 1;
  }
  std::fputs(
      "usage: instructions conditions | serve CA-FILE | fetch|http2|shared|cached|bulk URL CA-FILE "
      "COUNT-PER-CALLER | decode COUNT\n",
      stderr);
  return 2;
}
