// The cost of reading and writing an integration, compared with other JSON libraries.
#include <benchmark/benchmark.h>

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include <upsun/codec.hpp>
#include <upsun/model/kinds.hpp>

#include "bitbucket_document.hpp"
#include "codec_peers.hpp"

namespace {

using namespace upsun::benchmarks;

std::string fixture(std::string_view kind, std::string_view name) {
  std::ifstream file(
      std::string(UPSUN_FIXTURES "/").append(kind).append("/").append(name).append(".json"));
  if (!file) throw std::runtime_error("no fixture " + std::string(kind) + '/' + std::string(name));
  return {std::istreambuf_iterator<char>(file), {}};
}

void decode(benchmark::State& state, std::string_view document) {
  if (!upsun::decode_integration(document))
    return state.SkipWithError("the document does not decode");
  for (auto _ : state) benchmark::DoNotOptimize(upsun::decode_integration(document));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(document.size()));
}

void encode(benchmark::State& state, const upsun::integration& value) {
  for (auto _ : state) benchmark::DoNotOptimize(upsun::encode_integration(value));
}

/// Another library with the same result, on the same document.
template <class Decoder>
void peer(benchmark::State& state, Decoder decoder) {
  if (decoder() != upsun::decode_integration(bitbucket_document).value())
    return state.SkipWithError("the two do not agree");
  for (auto _ : state) benchmark::DoNotOptimize(decoder());
  state.SetBytesProcessed(state.iterations() *
                          static_cast<std::int64_t>(bitbucket_document.size()));
}

void register_peers() {
  benchmark::RegisterBenchmark("decode/bitbucket-635/boost_json", [](benchmark::State& state) {
    peer(state, [] { return by_boost_json(bitbucket_document); });
  });
#ifdef UPSUN_BENCH_SIMDJSON
  benchmark::RegisterBenchmark(
      "decode/bitbucket-635/simdjson/in-the-order-of-the-document", [](benchmark::State& state) {
        peer(state, [decoder = simdjson_decoder(bitbucket_document)]() mutable {
          return decoder.in_order_of_the_document();
        });
      });
#endif
#ifdef UPSUN_BENCH_SIMDJSON
  benchmark::RegisterBenchmark("decode/bitbucket-635/simdjson", [](benchmark::State& state) {
    peer(state, [decoder = simdjson_decoder(bitbucket_document)]() mutable {
      return decoder.in_order_of_the_type();
    });
  });
#endif
#ifdef UPSUN_BENCH_NLOHMANN
  benchmark::RegisterBenchmark("decode/bitbucket-635/nlohmann", [](benchmark::State& state) {
    peer(state, [] { return by_nlohmann(bitbucket_document); });
  });
#endif
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RegisterBenchmark("decode/bitbucket-635",
                               [](benchmark::State& state) { decode(state, bitbucket_document); });
  register_peers();
  for (const std::string_view kind : upsun::kind_names) {
    const std::string suffix = '/' + std::string(kind);
    const std::string document = fixture(kind, "full");
    const std::string linked = fixture(kind, "links");
    benchmark::RegisterBenchmark(("decode" + suffix).c_str(),
                                 [document](benchmark::State& state) { decode(state, document); });
    benchmark::RegisterBenchmark(("decode" + suffix + "/links").c_str(),
                                 [linked](benchmark::State& state) { decode(state, linked); });
    benchmark::RegisterBenchmark(("encode" + suffix).c_str(),
                                 [value = upsun::decode_integration(document).value()](
                                     benchmark::State& state) { encode(state, value); });
  }
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
