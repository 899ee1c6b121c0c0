#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <upsun/version.hpp>

#include "report.hpp"

namespace upsun::load {
namespace {

namespace json = boost::json;

json::object settings(const run_settings& run) {
  json::object object{{"loop", run.open() ? "open" : "closed"},
                      {"concurrency", run.concurrency},
                      {"connections", run.connections},
                      {"threads", run.threads},
                      {"shared", run.shared},
                      {"attempts", run.attempts}};
  if (run.rate > 0) object["rate"] = run.rate;
  if (!run.stages.empty()) {
    json::array& stages = object["stages"].emplace_array();
    for (const stage& each : run.stages)
      stages.push_back(
          json::object{{"from", each.from}, {"to", each.to}, {"length_s", each.length.count()}});
  }
  if (run.requests > 0) {
    object["requests"] = run.requests;
  } else {
    object["warmup_s"] = run.warmup.count();
    object["duration_s"] = run.duration.count();
  }
  return object;
}

json::value microseconds(std::optional<std::chrono::nanoseconds> t) {
  return t ? json::value(in_microseconds(*t)) : json::value(nullptr);
}

json::object latency(const latency_counts& seen) {
  const bool any = seen.total() > 0;
  const auto value = [&](std::chrono::nanoseconds t) {
    return microseconds(any ? std::optional(t) : std::nullopt);
  };
  const auto at = [&](double part) { return value(seen.quantile(part)); };
  return {{"count", seen.total()}, {"mean", value(seen.mean())},
          {"p50", at(.5)},         {"p75", at(.75)},
          {"p90", at(.9)},         {"p95", at(.95)},
          {"p99", at(.99)},        {"p99.9", at(.999)},
          {"p99.99", at(.9999)},   {"max", at(1)}};
}

/// The parts of one kind, in their order.
json::array parts(const run_record& run, std::string_view kind) {
  json::array all;
  for (const part& each : parts_of(run)) {
    if (each.kind != kind) continue;
    all.push_back(json::object{{"name", each.name},
                               {"length_s", each.length.count()},
                               {"fetched", each.count},
                               {"failed", each.failed},
                               {"rate", each.rate()},
                               {"latency_us", latency(each.latencies)}});
  }
  return all;
}

json::object phases(const run_record& run) {
  json::object all;
  for (std::size_t i = 0; i < phase_count; ++i)
    all[i == static_cast<std::size_t>(call_phase::first_byte)  ? "first_byte"
        : i == static_cast<std::size_t>(call_phase::handshake) ? "tls"
                                                               : phase_names[i]] =
        latency(run.phases[i]);
  return all;
}

json::object run_object(const run_record& run) {
  json::object errors;
  for (const auto& [text, count] : run.errors) errors[text] = count;
  json::array timeline;
  for (const time_slice& slice : run.timeline) {
    timeline.push_back(json::object{{"end_s", slice.end.count()},
                                    {"rate", slice.rate()},
                                    {"fetched", slice.fetched},
                                    {"failed", slice.failed},
                                    {"p50_us", microseconds(slice.p50)},
                                    {"p99_us", microseconds(slice.p99)},
                                    {"cpu_us", slice.cpu.count() * 1e6}});
  }
  const auto per_fetch = [&](double total) {
    return run.fetched > 0 ? json::value(run.per_fetch(total)) : json::value(nullptr);
  };
  const auto per_fetch_us = [&](seconds total) { return per_fetch(total.count() * 1e6); };
  const json::value allocations =
      run.allocations ? per_fetch(static_cast<double>(*run.allocations)) : json::value(nullptr);
  const json::value bytes =
      run.bytes_per_call ? json::value(*run.bytes_per_call) : json::value(nullptr);
  return {{"settings", settings(run.settings)},
          {"measured_s", run.measured.count()},
          {"interrupted", run.interrupted},
          {"fetched", run.fetched},
          {"failed", run.failed()},
          {"unfinished", run.unfinished},
          {"errors", std::move(errors)},
          {"rate", run.rate()},
          {"error_rate", run.error_rate()},
          {"latency_us", latency(run.latencies)},
          {"phases_us", phases(run)},
          {"blocked", run.blocked},
          {"operations", parts(run, "operation")},
          {"stages", parts(run, "stage")},
          {"cpu_us_per_fetch", json::object{{"total", per_fetch_us(run.cpu_time())},
                                            {"user", per_fetch_us(run.cpu.user)},
                                            {"system", per_fetch_us(run.cpu.system)}}},
          {"allocations_per_fetch", allocations},
          {"context_switches", json::object{{"voluntary", run.cpu.voluntary_switches},
                                            {"involuntary", run.cpu.involuntary_switches}}},
          {"connections",
           json::object{
               {"dials", run.dials}, {"dial_failures", run.dial_failures}, {"reuses", run.reuses}}},
          {"bytes_per_waiting_call", bytes},
          {"timeline", std::move(timeline)}};
}

json::object weights(const operation_mix& mix) {
  json::object all;
  for (std::size_t i = 0; i < operation_count; ++i)
    if (mix.weights[i] > 0) all[operation_names[i]] = mix.weights[i];
  return all;
}

const char* name_of(connection_use use) { return use == connection_use::once ? "resumed" : "full"; }

/// As `--http` has it. Connections for one call each are ended as HTTP/1.1 does it.
const char* http_of(const report& data) {
  if (data.use != connection_use::kept || data.http.version == http_version::http1) return "1";
  return data.http.version == http_version::http2 ? "2" : "auto";
}

}  // namespace

std::string json_of(const report& data) {
  json::array runs;
  for (const run_record& run : data.runs) runs.push_back(run_object(run));
  json::array thresholds;
  for (const threshold_result& each : data.thresholds)
    thresholds.push_back(json::object{{"condition", each.text},
                                      {"run", each.run},
                                      {"value", each.value},
                                      {"failed", each.failed}});
  json::value search;
  if (data.search) {
    json::array steps;
    for (const step_outcome each : data.search->steps)
      steps.push_back(json::value(step_text(each)));
    search = {{"objective", data.search->objective},
              {"rate", data.search->rate ? json::value(*data.search->rate) : json::value(nullptr)},
              {"limit", step_text(data.search->limit)},
              {"steps", std::move(steps)}};
  }
  const std::string_view http = http_of(data);
  const json::object all{
      {"program", "upsun-load"},
      {"version", UPSUN_VERSION_STRING},
      {"server",
       data.sandbox ? json::value("sandbox in a process of its own") : json::value(data.url)},
      {"sandbox_latency_ms",
       data.sandbox ? json::value(data.latency.count()) : json::value(nullptr)},
      {"http", http},
      {"streams", http == "1" ? json::value(nullptr) : json::value(data.http.streams)},
      {"mix", weights(data.mix)},
      {"seed", data.mix.seed},
      {"handshakes",
       data.use == connection_use::kept ? json::value(nullptr) : json::value(name_of(data.use))},
      {"swept", data.swept.empty() ? json::value(nullptr) : json::value(data.swept)},
      {"thresholds", std::move(thresholds)},
      {"find_rate", std::move(search)},
      {"runs", std::move(runs)}};
  return json::serialize(all) + "\n";
}

}  // namespace upsun::load
