// A list of 100 integrations with their links, plain and in each coding: its bytes, and the CPU
// time that the client takes to receive and decode it, over TLS. The server has a thread of its
// own, which is not counted.
#include <benchmark/benchmark.h>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <upsun/client.hpp>
#include <upsun/testing/sandbox.hpp>

#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/coded.hpp"

#ifdef UPSUN_BENCH_BROTLI
#include <brotli/encode.h>
#endif

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace upsun::testing;

constexpr std::size_t integrations = 100;
const std::string path = "/projects/project-0/integrations";

/// The list as the API's server writes it.
std::string list_document() {
  const sandbox server({.tls = false, .integrations = integrations});
  asio::io_context io;
  tcp::socket socket(io);
  socket.connect({asio::ip::address_v4::loopback(), server.port()});
  asio::write(socket, asio::buffer("GET " + path +
                                   " HTTP/1.1\r\nHost: localhost\r\nAuthorization: " + "Bearer " +
                                   server.token() + "\r\nConnection: close\r\n\r\n"));
  std::string response;
  boost::system::error_code end;
  asio::read(socket, asio::dynamic_buffer(response), end);
  const std::size_t body = response.find("\r\n\r\n");
  if (!response.starts_with("HTTP/1.1 200 ") || body == std::string::npos)
    throw std::runtime_error("the sandbox does not list its integrations");
  return response.substr(body + 4);
}

#ifdef UPSUN_BENCH_BROTLI
/// At the quality that servers use for what they make on the fly.
std::string brotli(const std::string& body) {
  constexpr int quality = 5;
  std::string out(BrotliEncoderMaxCompressedSize(body.size()), '\0');
  std::size_t size = out.size();
  BrotliEncoderCompress(quality, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_TEXT, body.size(),
                        reinterpret_cast<const std::uint8_t*>(body.data()), &size,
                        reinterpret_cast<std::uint8_t*>(out.data()));
  out.resize(size);
  return out;
}
#endif

/// How many bytes of the list a client gets, and by which coding; empty: none.
struct coded_list {
  std::string coding;
  std::string body;
};

void list(benchmark::State& state, const coded_list& served) {
  sandbox server({.integrations = 1});
  fault response{.kind = fault_kind::status, .status = 200, .body = served.body};
  if (!served.coding.empty()) response.headers = {{"Content-Encoding", served.coding}};
  server.inject(response, std::numeric_limits<std::size_t>::max());
  asio::io_context io(1);
  upsun::client client(io.get_executor(), {.base_url = server.url(),
                                           .credentials = upsun::bearer_token(server.token()),
                                           .tls = {.ca_pem = server.ca_pem()}});
  for (auto _ : state) {
    std::size_t read = 0;
    client.async_list_integrations(upsun::project_id("project-0"), [&](auto got) {
      if (got) read = got->size();
    });
    io.restart();
    while (read == 0 && io.run_one() > 0) {
    }
    if (read != integrations) return state.SkipWithError("the list cannot be read");
  }
  state.counters["bytes"] = static_cast<double>(served.body.size());
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  const std::string document = list_document();
  std::vector<coded_list> lists{{"", document}};
#if UPSUN_GZIP
  lists.push_back({"gzip", upsun::test::gzip(document)});
#endif
#if UPSUN_ZSTD
  lists.push_back({"zstd", upsun::test::zstd(document)});
#endif
#ifdef UPSUN_BENCH_BROTLI
  lists.push_back({"br", brotli(document)});
#endif
  for (const coded_list& each : lists) {
    const std::string name = each.coding.empty() ? "plain" : each.coding;
    benchmark::RegisterBenchmark(("list/" + name).c_str(),
                                 [&each](benchmark::State& state) { list(state, each); });
  }
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
