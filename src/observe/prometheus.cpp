#include <upsun/prometheus.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <map>
#include <mutex>
#include <ostream>
#include <string>
#include <utility>

namespace upsun {
namespace {

using namespace std::chrono_literals;

using label = std::pair<std::string_view, std::string_view>;

/// The upper bounds that OpenTelemetry recommends for `http.client.request.duration`, and as it
/// writes them.
struct bound {
  std::chrono::nanoseconds upper;
  std::string_view text;
};
constexpr std::array bounds{
    bound{5ms, "0.005"},  bound{10ms, "0.01"},  bound{25ms, "0.025"},
    bound{50ms, "0.05"},  bound{75ms, "0.075"}, bound{100ms, "0.1"},
    bound{250ms, "0.25"}, bound{500ms, "0.5"},  bound{750ms, "0.75"},
    bound{1s, "1"},       bound{2500ms, "2.5"}, bound{5s, "5"},
    bound{7500ms, "7.5"}, bound{10s, "10"},     bound{std::chrono::nanoseconds::max(), "+Inf"}};

/// Counts durations by length. A negative one counts as zero.
struct duration_histogram {
  std::array<std::uint64_t, bounds.size()> counts{};  // each bucket's own
  std::chrono::nanoseconds sum{};

  void add(std::chrono::nanoseconds length) noexcept {
    length = std::max(length, std::chrono::nanoseconds::zero());
    const auto bucket = std::find_if(bounds.begin(), bounds.end(),
                                     [length](const bound& b) { return length <= b.upper; });
    ++counts[static_cast<std::size_t>(bucket - bounds.begin())];
    sum += length;
  }
};

struct metric {
  std::string_view name;
  std::string_view type;
  std::string_view help;
};

constexpr metric request_duration{"http_client_request_duration_seconds", "histogram",
                                  "Duration of HTTP requests, from asking the pool for a "
                                  "connection to the response's last byte or the failure."};
constexpr metric wait_time{"upsun_client_connection_wait_time_seconds", "histogram",
                           "Time it took a request to obtain a connection, dialling included."};
constexpr metric dial_time{"upsun_client_connection_dial_time_seconds", "histogram",
                           "Time the parts of establishing a connection took."};
constexpr metric open_connections{"http_client_open_connections", "gauge",
                                  "Connections open, by state."};
constexpr metric calls{
    "upsun_client_calls_total", "counter",
    "Calls that ended, by what they ended in; those that succeeded have no error_type."};
constexpr metric evictions{"upsun_client_connection_evictions_total", "counter",
                           "Connections that left the pool, by cause."};
constexpr metric drifts{"upsun_client_drifts_total", "counter",
                        "Documents that broke the API's contract and were kept as raw text."};

/// A metric that is one number of the statistics.
struct plain_metric {
  metric is;
  std::uint64_t (*value)(const client_statistics&);
};

template <auto Member>
std::uint64_t member(const client_statistics& s) {
  return s.*Member;
}

constexpr plain_metric plain_metrics[] = {
    {{"http_client_active_requests", "gauge", "Requests on a connection or waiting for one."},
     [](const client_statistics& s) { return std::uint64_t{s.streams + s.waiting}; }},
    {{"upsun_client_connection_pending_requests", "gauge", "Requests waiting for a connection."},
     member<&client_statistics::waiting>},
    {{"upsun_client_connection_max", "gauge", "The most connections at once."},
     member<&client_statistics::max>},
    {{"upsun_client_connection_streams", "gauge",
      "Requests on connections, of which HTTP/2 carries several each."},
     member<&client_statistics::streams>},
    {{"upsun_client_connection_draining", "gauge",
      "Connections that take no more requests and finish those they carry."},
     member<&client_statistics::draining>},
    {{"upsun_client_connection_dialling", "gauge", "Connections being established."},
     member<&client_statistics::dialling>},
    {{"upsun_client_connection_timeouts_total", "counter",
      "Requests that gave up waiting for a connection."},
     member<&client_statistics::acquire_timeouts>},
    {{"upsun_client_connection_refusals_total", "counter",
      "Requests refused because too many were waiting."},
     member<&client_statistics::queue_refusals>},
    {{"upsun_client_connection_leases_total", "counter", "Requests that obtained a connection."},
     member<&client_statistics::leases>},
    {{"upsun_client_connection_reuses_total", "counter",
      "Of these, how many obtained one that had served another."},
     member<&client_statistics::reuses>},
    {{"upsun_client_connection_dials_total", "counter", "Connections begun."},
     member<&client_statistics::dials>},
    {{"upsun_client_connection_dial_failures_total", "counter",
      "Of these, how many were never established."},
     member<&client_statistics::dial_failures>},
    {{"upsun_client_active_calls", "gauge", "Calls begun and not ended."},
     member<&client_statistics::in_flight>},
    {{"upsun_client_attempts_total", "counter",
      "Requests made: the first of each call, retries and hedges."},
     member<&client_statistics::attempts>},
    {{"upsun_client_retries_total", "counter",
      "Requests made because an earlier one of the call had failed."},
     member<&client_statistics::retries>},
    {{"upsun_client_retries_refused_total", "counter",
      "Retries not made because the budget was used up."},
     member<&client_statistics::retries_refused>},
    {{"upsun_client_hedges_total", "counter",
      "Requests made because an earlier one of the call was slow."},
     member<&client_statistics::hedges>},
    {{"upsun_client_hedges_won_total", "counter", "Of these, how many responded first."},
     member<&client_statistics::hedges_won>},
    {{"upsun_client_coalesced_calls_total", "counter",
      "Attempts that joined a fetch begun for another call."},
     member<&client_statistics::coalesced>},
    {{"upsun_client_cache_hits_total", "counter",
      "Attempts served from the cache without a request."},
     member<&client_statistics::cache_hits>},
    {{"upsun_client_cache_revalidations_total", "counter",
      "Requests after which the cached response was still good."},
     member<&client_statistics::revalidations>},
    {{"upsun_client_cache_entries", "gauge", "Responses in the cache."},
     member<&client_statistics::cached>},
    {{"upsun_client_stale_replays_total", "counter",
      "Requests sent again because a kept-alive connection was closed."},
     member<&client_statistics::stale_replays>},
    {{"upsun_client_token_exchanges_total", "counter",
      "Access tokens asked for, renewals included."},
     member<&client_statistics::token_exchanges>},
    {{"upsun_client_token_failures_total", "counter", "Of these, how many brought none."},
     member<&client_statistics::token_failures>},
};

/// The same in every locale.
std::string text_of(double value) {
  std::array<char, 32> text{};
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

/// Appends a label as it is written between braces. One without a value is left out, which means
/// the same.
void append_label(std::string& labels, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  if (!labels.empty()) labels += ',';
  labels.append(name).append("=\"");
  for (;;) {
    const auto end = std::find_if(value.begin(), value.end(),
                                  [](char c) { return c == '\\' || c == '"' || c == '\n'; });
    labels.append(value.begin(), end);
    if (end == value.end()) break;
    labels.append(1, '\\').append(1, *end == '\n' ? 'n' : *end);
    value.remove_prefix(static_cast<std::size_t>(end - value.begin()) + 1);
  }
  labels += '"';
}

/// Builds the page.
class page {
 public:
  void begin(const metric& m) {
    text_.append("# HELP ").append(m.name).append(" ").append(m.help).append("\n");
    text_.append("# TYPE ").append(m.name).append(" ").append(m.type).append("\n");
  }

  void sample(std::string_view name, std::string_view labels, std::string_view value) {
    text_.append(name);
    if (!labels.empty()) text_.append("{").append(labels).append("}");
    text_.append(" ").append(value).append("\n");
  }
  void sample(const metric& m, label only, std::uint64_t value) {
    std::string labels;
    append_label(labels, only.first, only.second);
    sample(m.name, labels, std::to_string(value));
  }

  void histogram(const metric& m, const std::string& labels, const duration_histogram& now) {
    const std::string name(m.name);
    std::uint64_t upto = 0;
    for (std::size_t i = 0; i < bounds.size(); ++i) {
      std::string with_bound = labels;
      append_label(with_bound, "le", bounds[i].text);
      sample(name + "_bucket", with_bound, std::to_string(upto += now.counts[i]));
    }
    sample(name + "_sum", labels, text_of(std::chrono::duration<double>(now.sum).count()));
    sample(name + "_count", labels, std::to_string(upto));
  }

  [[nodiscard]] std::string take() && { return std::move(text_); }

 private:
  std::string text_;
};

/// OpenTelemetry's `error.type`: the status of an error response, else the name of what failed.
std::string_view error_type_of(const attempt_event& event, std::string_view status) noexcept {
  if (event.status >= 400) return status;
  if (event.failure == nullptr) return {};
  const error_code& code = event.failure->code();
  return code.category() == error_category() ? to_string(static_cast<errc>(code.value()))
                                             : "_OTHER";
}

void append_labels(std::string& labels, const attempt_event& event) {
  const std::string status = event.status != 0 ? std::to_string(event.status) : "";
  const std::string port = event.server_port != 0 ? std::to_string(event.server_port) : "";
  append_label(labels, "http_request_method", event.method);
  append_label(labels, "url_template", event.path_template);
  append_label(labels, "http_response_status_code", status);
  append_label(labels, "error_type", error_type_of(event, status));
  append_label(labels, "server_address", event.server_address);
  append_label(labels, "server_port", port);
  append_label(labels, "network_protocol_version", event.protocol_version);
}

bool had_connection(const attempt_event& event) noexcept {
  return event.status != 0 || (event.failure != nullptr && event.failure->phase() >= phase::write);
}

/// What the observer counts.
struct counts {
  /// By their labels, up to a limit; beyond it one for all others. None is ever dropped.
  std::map<std::string, duration_histogram> requests;
  duration_histogram other_requests;
  duration_histogram waits;
  duration_histogram resolves;
  duration_histogram connects;
  duration_histogram handshakes;
  std::uint64_t drifts = 0;

  duration_histogram& requests_with(const std::string& labels) {
    constexpr std::size_t max_series = 256;
    const auto found = requests.find(labels);
    if (found != requests.end()) return found->second;
    return requests.size() < max_series ? requests[labels] : other_requests;
  }
};

}  // namespace

struct prometheus_metrics::impl {
  explicit impl(std::shared_ptr<observer> chained) : next(std::move(chained)) {}

  const std::shared_ptr<observer> next;
  std::mutex mutex;  // of what follows
  counts counted;
  std::string labels;  // of the present event; reused, so that events allocate nothing
};

prometheus_metrics::prometheus_metrics(std::shared_ptr<observer> next)
    : impl_(std::make_unique<impl>(std::move(next))) {}
prometheus_metrics::~prometheus_metrics() = default;

void prometheus_metrics::on_attempt(const attempt_event& event) noexcept {
  counts& counted = impl_->counted;
  if (event.what == attempt_event::kind::completed) {
    const std::lock_guard lock(impl_->mutex);
    impl_->labels.clear();
    append_labels(impl_->labels, event);
    counted.requests_with(impl_->labels).add(event.timings.total);
    if (had_connection(event)) counted.waits.add(event.timings.queue);
  } else if (event.what == attempt_event::kind::dialled && event.failure == nullptr) {
    const std::lock_guard lock(impl_->mutex);
    counted.resolves.add(event.resolve);
    counted.connects.add(event.connect);
    counted.handshakes.add(event.handshake);
  }
  if (impl_->next) impl_->next->on_attempt(event);
}

void prometheus_metrics::on_call(const call_report& report) noexcept {
  if (impl_->next) impl_->next->on_call(report);
}

void prometheus_metrics::on_drift(const drift_report& report) noexcept {
  {
    const std::lock_guard lock(impl_->mutex);
    ++impl_->counted.drifts;
  }
  if (impl_->next) impl_->next->on_drift(report);
}

void prometheus_metrics::write(std::ostream& out, const client_statistics& statistics) const {
  out << text(statistics);
}

std::string prometheus_metrics::text(const client_statistics& statistics) const {
  // Copied, so that no event waits until the page is written.
  const counts now = [this] {
    const std::lock_guard lock(impl_->mutex);
    return impl_->counted;
  }();

  page text;
  text.begin(request_duration);
  for (const auto& [labels, durations] : now.requests)
    text.histogram(request_duration, labels, durations);
  if (now.other_requests.counts != duration_histogram().counts)
    text.histogram(request_duration, R"(http_request_method="_OTHER")", now.other_requests);
  text.begin(wait_time);
  text.histogram(wait_time, {}, now.waits);
  text.begin(dial_time);
  text.histogram(dial_time, R"(upsun_dial_part="resolve")", now.resolves);
  text.histogram(dial_time, R"(upsun_dial_part="connect")", now.connects);
  text.histogram(dial_time, R"(upsun_dial_part="handshake")", now.handshakes);

  text.begin(open_connections);
  text.sample(open_connections, {"http_connection_state", "active"}, statistics.leased);
  text.sample(open_connections, {"http_connection_state", "idle"}, statistics.idle);
  for (const plain_metric& m : plain_metrics) {
    text.begin(m.is);
    text.sample(m.is, {}, m.value(statistics));
  }
  text.begin(evictions);
  for (std::size_t i = 0; i < statistics.evictions.size(); ++i) {
    text.sample(evictions, {"upsun_eviction_cause", to_string(static_cast<eviction>(i))},
                statistics.evictions[i]);
  }
  text.begin(calls);
  text.sample(calls, {}, statistics.succeeded);
  for (std::size_t i = 0; i < statistics.failed.size(); ++i) {
    text.sample(calls, {"error_type", to_string(static_cast<condition>(i))}, statistics.failed[i]);
  }
  text.begin(drifts);
  text.sample(drifts, {}, now.drifts);
  return std::move(text).take();
}

}  // namespace upsun
