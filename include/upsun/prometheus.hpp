#pragma once

#include <iosfwd>
#include <memory>
#include <string>

#include <upsun/export.hpp>
#include <upsun/observer.hpp>

namespace upsun {

/// An observer that counts for Prometheus. It writes what it counted, together with a client's
/// statistics, in the text exposition format 0.0.4 (`Content-Type: text/plain; version=0.0.4`).
/// Names and buckets follow OpenTelemetry's conventions for HTTP clients; doc/observability.md
/// lists them.
/// \code
/// const auto metrics = std::make_shared<upsun::prometheus_metrics>();
/// upsun::client client(io.get_executor(),
///                      {.credentials = upsun::bearer_token(token), .observer = metrics});
/// std::string page = metrics->text(client.statistics());  // for GET /metrics
/// \endcode
/// Use one object for each client: the gauges are those of the statistics given, and do not name
/// the server.
///
/// Labels are bounded: path templates, never paths; at most 256 combinations of labels are kept,
/// and attempts of any further ones are counted together, under the method `_OTHER`.
///
/// Cost: about 1,000 instructions a fetch, 0.1 microseconds, most of them to find the series of
/// its labels. An event that counts takes one mutex, and allocates only for a
/// combination of labels not seen before; writing a page holds the mutex while the counts are
/// copied.
/// Thread safety: every member may be called from any thread, also at once. What is written is one
/// consistent snapshot of what was counted.
class UPSUN_EXPORT prometheus_metrics final : public observer {
 public:
  /// \param next is notified of every event as well, after this one; may be null.
  explicit prometheus_metrics(std::shared_ptr<observer> next = {});
  ~prometheus_metrics() override;

  /// Writes every metric. The order depends on the labels only, the text on no locale.
  void write(std::ostream& out, const client_statistics& statistics) const;
  /// Returns what `write` writes.
  [[nodiscard]] std::string text(const client_statistics& statistics) const;

  void on_attempt(const attempt_event& event) noexcept override;
  void on_call(const call_report& report) noexcept override;
  void on_drift(const drift_report& report) noexcept override;

 private:
  struct impl;
  const std::unique_ptr<impl> impl_;
};

}  // namespace upsun
