#include "report.hpp"

#include <array>
#include <charconv>

#include "numbers.hpp"
#include "sweep.hpp"

namespace upsun::load {

std::uint64_t run_record::failed() const {
  std::uint64_t sum = 0;
  for (const auto& [text, count] : errors) sum += count;
  return sum;
}

double run_record::error_rate() const {
  const auto bad = static_cast<double>(failed() + unfinished);
  const double all = bad + static_cast<double>(latencies.total());
  return all > 0 ? bad / all : 0;
}

double in_microseconds(std::chrono::nanoseconds t) { return static_cast<double>(t.count()) / 1e3; }

std::string number(double value, int decimals) {
  std::array<char, 64> text{};
  const auto written = std::to_chars(text.data(), text.data() + text.size(), value,
                                     std::chars_format::fixed, decimals);
  return {text.data(), written.ec == std::errc() ? written.ptr : text.data()};
}

std::string quantile_text(const latency_counts& seen, double part, int decimals, const char* none) {
  return seen.total() > 0 ? number(in_microseconds(seen.quantile(part)), decimals) : none;
}

std::string name_of(const report& data, const run_record& run) {
  if (data.swept.empty()) return "";
  const double value = value_of(run.settings, data.swept);
  std::array<char, 512> text{};
  const auto written = std::to_chars(text.data(), text.data() + text.size(), value,
                                     std::chars_format::fixed);  // all of its digits
  return data.swept + " " + std::string(text.data(), written.ptr);
}

std::string conditions_of(const report& data) {
  if (data.runs.empty()) return "Nothing was run.";
  const run_settings& run = data.runs.front().settings;
  const auto unless_swept = [&](const char* name, const std::string& text) {
    return data.swept == name ? std::string(name) + " as given" : text;
  };
  const auto count = [](std::size_t n, const std::string& what) {
    return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
  };

  std::string text =
      !run.stages.empty() ? "Open loop, " + count(run.stages.size(), "stage")
      : data.search       ? "Open loop, a search for the rate"
      : run.rate > 0 || data.swept == "rate"
          ? "Open loop, " + unless_swept("rate", short_number(run.rate) + " calls a second")
          : "Closed loop";
  text += ", " + unless_swept("concurrency", count(run.concurrency, "call") + " at once");
  text += ", " + unless_swept("connections", count(run.connections, "connection") + " at most");
  text += ", " + unless_swept("threads", count(run.threads, "thread"));
  if (run.threads > 1 || data.swept == "threads")
    text += run.shared ? " sharing one client" : " with a client each";
  text += run.requests > 0 ? ", " + std::to_string(run.requests) + " calls.\n"
                           : ", " + number(run.duration.count(), 1) + " s after " +
                                 number(run.warmup.count(), 1) + " s of warm-up.\n";
  if (data.use != connection_use::kept)
    text += std::string("A new connection for each call, ") +
            (data.use == connection_use::once ? "with" : "without") + " resumption of sessions.\n";
  if (data.mix.several()) {
    std::string weights;
    for (std::size_t i = 0; i < operation_count; ++i) {
      if (data.mix.weights[i] == 0) continue;
      weights.append(weights.empty() ? "" : ", ").append(operation_names[i]);
      weights.append(" ").append(std::to_string(data.mix.weights[i]));
    }
    text += "Operations by weight: " + weights + " (seed " + std::to_string(data.mix.seed) + ").\n";
  }
  text += data.sandbox ? "Against the sandbox, in a process of its own: its CPU time and "
                         "allocations are not counted.\n"
                       : "Against " + data.url + ".\n";
  return text;
}

}  // namespace upsun::load
