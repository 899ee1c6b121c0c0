// What it costs to read and write an integration. The DOM baseline does the same work through boost::json::parse, as one would without this codec.
#include <benchmark/benchmark.h>
#include <boost/json.hpp>

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include <upsun/codec.hpp>
#include <upsun/model/kinds.hpp>

#include "bitbucket_document.hpp"

namespace {

using upsun::benchmarks::bitbucket_document;

std::string fixture(std::string_view kind, std::string_view name) {
  std::ifstream file(std::string(UPSUN_FIXTURES "/").append(kind).append("/").append(name).append(".json"));
  if (!file) throw std::runtime_error("no fixture " + std::string(kind) + '/' + std::string(name));
  return {std::istreambuf_iterator<char>(file), {}};
}

void decode(benchmark::State& state, std::string_view document) {
  if (!upsun::decode_integration(document)) return state.SkipWithError("the document does not decode");
  for (auto _ : state) benchmark::DoNotOptimize(upsun::decode_integration(document));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(document.size()));
}

void encode(benchmark::State& state, const upsun::integration& value) {
  for (auto _ : state) benchmark::DoNotOptimize(upsun::encode_integration(value));
}

upsun::integration decode_by_dom(std::string_view document) {
  const auto text = [](const boost::json::value& v) { return boost::json::value_to<std::string>(v); };
  const boost::json::value parsed = boost::json::parse({document.data(), document.size()});
  const boost::json::object& object = parsed.as_object();
  upsun::integration value{.id = text(object.at("id")),
                           .created_at = upsun::parse_timestamp(text(object.at("created_at"))),
                           .updated_at = upsun::parse_timestamp(text(object.at("updated_at"))),
                           .type = text(object.at("type")),
                           .role = text(object.at("role"))};
  auto& settings = value.settings.emplace<upsun::bitbucket_settings>();
  settings.fetch_branches = object.at("fetch_branches").as_bool();
  settings.prune_branches = object.at("prune_branches").as_bool();
  settings.environment_init_resources = upsun::open_enum<upsun::init_resources>(text(object.at("environment_init_resources")));
  settings.app_credentials = {text(object.at("app_credentials").at("key"))};
  settings.addon_credentials = {text(object.at("addon_credentials").at("addon_key")), text(object.at("addon_credentials").at("client_key"))};
  settings.repository = text(object.at("repository"));
  settings.build_pull_requests = object.at("build_pull_requests").as_bool();
  settings.pull_requests_clone_parent_data = object.at("pull_requests_clone_parent_data").as_bool();
  settings.resync_pull_requests = object.at("resync_pull_requests").as_bool();
  return value;
}

void decode_by_dom(benchmark::State& state) {
  if (decode_by_dom(bitbucket_document) != upsun::decode_integration(bitbucket_document).value()) return state.SkipWithError("the two do not agree");
  for (auto _ : state) benchmark::DoNotOptimize(decode_by_dom(bitbucket_document));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bitbucket_document.size()));
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RegisterBenchmark("decode/bitbucket-635", [](benchmark::State& state) { decode(state, bitbucket_document); });
  benchmark::RegisterBenchmark("decode/bitbucket-635/dom", [](benchmark::State& state) { decode_by_dom(state); });
  for (const std::string_view kind : upsun::kind_names) {
    const std::string suffix = '/' + std::string(kind);
    const std::string document = fixture(kind, "full");
    const std::string linked = fixture(kind, "links");
    benchmark::RegisterBenchmark(("decode" + suffix).c_str(), [document](benchmark::State& state) { decode(state, document); });
    benchmark::RegisterBenchmark(("decode" + suffix + "/links").c_str(), [linked](benchmark::State& state) { decode(state, linked); });
    benchmark::RegisterBenchmark(("encode" + suffix).c_str(),
                                 [value = upsun::decode_integration(document).value()](benchmark::State& state) { encode(state, value); });
  }
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
