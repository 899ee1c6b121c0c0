#include <upsun/prometheus.hpp>

#include <array>
#include <charconv>
#include <mutex>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "observe/metric_series.hpp"

namespace upsun {
namespace {

using label = std::pair<std::string_view, std::string_view>;

// observe::duration_histogram::bounds, as OpenTelemetry writes them.
constexpr std::array<std::string_view, observe::duration_histogram::bounds.size() + 1> bound_texts{
    "0.005", "0.01", "0.025", "0.05", "0.075", "0.1", "0.25", "0.5",
    "0.75",  "1",    "2.5",   "5",    "7.5",   "10",  "+Inf"};

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

struct plain_metric {
  metric is;
  std::uint64_t (*value)(const client_statistics&);
};

using stats = client_statistics;
constexpr std::array plain_metrics{
    plain_metric{
        {"http_client_active_requests", "gauge", "Requests on a connection or waiting for one."},
        [](const stats& s) { return std::uint64_t{s.leased + s.waiting}; }},
    plain_metric{
        {"upsun_client_connection_pending_requests", "gauge", "Requests waiting for a connection."},
        [](const stats& s) { return std::uint64_t{s.waiting}; }},
    plain_metric{{"upsun_client_connection_max", "gauge", "The most connections at once."},
                 [](const stats& s) { return std::uint64_t{s.max}; }},
    plain_metric{{"upsun_client_connection_dialling", "gauge", "Connections being established."},
                 [](const stats& s) { return std::uint64_t{s.dialling}; }},
    plain_metric{{"upsun_client_connection_timeouts_total", "counter",
                  "Requests that gave up waiting for a connection."},
                 [](const stats& s) { return s.acquire_timeouts; }},
    plain_metric{{"upsun_client_connection_refusals_total", "counter",
                  "Requests refused because too many were waiting."},
                 [](const stats& s) { return s.queue_refusals; }},
    plain_metric{
        {"upsun_client_connection_leases_total", "counter", "Requests that obtained a connection."},
        [](const stats& s) { return s.leases; }},
    plain_metric{{"upsun_client_connection_reuses_total", "counter",
                  "Of these, how many obtained one that had served another."},
                 [](const stats& s) { return s.reuses; }},
    plain_metric{{"upsun_client_connection_dials_total", "counter", "Connections begun."},
                 [](const stats& s) { return s.dials; }},
    plain_metric{{"upsun_client_connection_dial_failures_total", "counter",
                  "Of these, how many were never established."},
                 [](const stats& s) { return s.dial_failures; }},
    plain_metric{{"upsun_client_active_calls", "gauge", "Calls begun and not ended."},
                 [](const stats& s) { return std::uint64_t{s.in_flight}; }},
    plain_metric{{"upsun_client_attempts_total", "counter",
                  "Requests made: the first of each call, retries and hedges."},
                 [](const stats& s) { return s.attempts; }},
    plain_metric{{"upsun_client_retries_total", "counter",
                  "Requests made because an earlier one of the call had failed."},
                 [](const stats& s) { return s.retries; }},
    plain_metric{{"upsun_client_retries_refused_total", "counter",
                  "Retries not made because the budget was used up."},
                 [](const stats& s) { return s.retries_refused; }},
    plain_metric{{"upsun_client_hedges_total", "counter",
                  "Requests made because an earlier one of the call was slow."},
                 [](const stats& s) { return s.hedges; }},
    plain_metric{{"upsun_client_hedges_won_total", "counter", "Of these, how many answered first."},
                 [](const stats& s) { return s.hedges_won; }},
    plain_metric{{"upsun_client_coalesced_calls_total", "counter",
                  "Attempts that joined a fetch begun for another call."},
                 [](const stats& s) { return s.coalesced; }},
    plain_metric{{"upsun_client_cache_hits_total", "counter",
                  "Attempts served from the cache without a request."},
                 [](const stats& s) { return s.cache_hits; }},
    plain_metric{{"upsun_client_cache_revalidations_total", "counter",
                  "Requests after which the cached response was still good."},
                 [](const stats& s) { return s.revalidations; }},
    plain_metric{{"upsun_client_cache_entries", "gauge", "Responses in the cache."},
                 [](const stats& s) { return std::uint64_t{s.cached}; }},
    plain_metric{{"upsun_client_stale_replays_total", "counter",
                  "Requests sent again because a kept-alive connection was closed."},
                 [](const stats& s) { return s.stale_replays; }},
    plain_metric{{"upsun_client_token_exchanges_total", "counter",
                  "Access tokens asked for, renewals included."},
                 [](const stats& s) { return s.token_exchanges; }},
    plain_metric{
        {"upsun_client_token_failures_total", "counter", "Of these, how many brought none."},
        [](const stats& s) { return s.token_failures; }},
};

/// Text of a number, the same in every locale.
class number {
 public:
  template <class T>
  explicit number(T value) noexcept {
    end_ = std::to_chars(text_.data(), text_.data() + text_.size(), value).ptr;
  }
  [[nodiscard]] std::string_view str() const noexcept {
    return {text_.data(), static_cast<std::size_t>(end_ - text_.data())};
  }

 private:
  std::array<char, 32> text_{};
  const char* end_ = text_.data();
};

void append_escaped(std::string& out, std::string_view value) {
  for (const char c : value) {
    switch (c) {
      case '\\': out += "\\\\"; break;
      case '"': out += "\\\""; break;
      case '\n': out += "\\n"; break;
      default: out += c;
    }
  }
}

/// Builds the page. A label without a value is left out, which means the same.
class page {
 public:
  void begin(const metric& m) {
    text_.append("# HELP ")
        .append(m.name)
        .append(" ")
        .append(m.help)
        .append("\n# TYPE ")
        .append(m.name)
        .append(" ")
        .append(m.type)
        .append("\n");
  }

  void sample(std::string_view name, std::string_view suffix, const std::vector<label>& labels,
              label last, std::string_view value) {
    text_.append(name).append(suffix);
    char before = '{';
    const auto write = [&](const label& l) {
      if (l.second.empty()) return;
      text_ += std::exchange(before, ',');
      text_.append(l.first).append("=\"");
      append_escaped(text_, l.second);
      text_ += '"';
    };
    for (const label& l : labels) write(l);
    write(last);
    text_.append(before == '{' ? " " : "} ").append(value).append("\n");
  }
  void sample(const metric& m, label only, std::uint64_t value) {
    sample(m.name, {}, {}, only, number(value).str());
  }

  void histogram(const metric& m, const std::vector<label>& labels,
                 const observe::duration_histogram& now) {
    std::uint64_t upto = 0;
    for (std::size_t i = 0; i < bound_texts.size(); ++i)
      sample(m.name, "_bucket", labels, {"le", bound_texts[i]},
             number(upto += now.counts[i]).str());
    sample(m.name, "_sum", labels, {},
           number(std::chrono::duration<double>(now.sum).count()).str());
    sample(m.name, "_count", labels, {}, number(upto).str());
  }

  [[nodiscard]] std::string take() && { return std::move(text_); }

 private:
  std::string text_;
};

/// OpenTelemetry's `error.type`: the status of an error response, else the name of what failed.
std::string_view error_type_of(const attempt_event& event, const number& status) noexcept {
  if (event.status >= 400) return status.str();
  if (event.failure == nullptr) return {};
  const error_code& code = event.failure->code();
  return code.category() == error_category() ? to_string(static_cast<errc>(code.value()))
                                             : "_OTHER";
}

bool had_connection(const attempt_event& event) noexcept {
  return event.status != 0 || (event.failure != nullptr && event.failure->phase() >= phase::write);
}

/// What the observer counts.
struct counts {
  observe::series_table requests;
  observe::duration_histogram waits;
  observe::duration_histogram resolves;
  observe::duration_histogram connects;
  observe::duration_histogram handshakes;
  std::uint64_t drifts = 0;
};

}  // namespace

struct prometheus_metrics::impl {
  explicit impl(std::shared_ptr<observer> chained) : next(std::move(chained)) {}

  const std::shared_ptr<observer> next;
  std::mutex mutex;
  counts counted;  // under the mutex
};

prometheus_metrics::prometheus_metrics(std::shared_ptr<observer> next)
    : impl_(std::make_unique<impl>(std::move(next))) {}
prometheus_metrics::~prometheus_metrics() = default;

void prometheus_metrics::on_attempt(const attempt_event& event) noexcept {
  counts& counted = impl_->counted;
  if (event.what == attempt_event::kind::completed) {
    const number status(event.status);
    const std::lock_guard lock(impl_->mutex);
    counted.requests.add({.method = event.method,
                          .path_template = event.path_template,
                          .status = event.status,
                          .error_type = error_type_of(event, status),
                          .server_address = event.server_address,
                          .server_port = event.server_port},
                         event.timings.total);
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
  now.requests.for_each([&](const auto& of, const observe::duration_histogram& durations) {
    const number status(of.status);
    const number port(of.server_port);
    text.histogram(
        request_duration,
        {{"http_request_method", of.method},
         {"url_template", of.path_template},
         {"http_response_status_code", of.status != 0 ? status.str() : std::string_view()},
         {"error_type", of.error_type},
         {"server_address", of.server_address},
         {"server_port", of.server_port != 0 ? port.str() : std::string_view()}},
        durations);
  });
  text.begin(wait_time);
  text.histogram(wait_time, {}, now.waits);
  text.begin(dial_time);
  text.histogram(dial_time, {{"upsun_dial_part", "resolve"}}, now.resolves);
  text.histogram(dial_time, {{"upsun_dial_part", "connect"}}, now.connects);
  text.histogram(dial_time, {{"upsun_dial_part", "handshake"}}, now.handshakes);

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
