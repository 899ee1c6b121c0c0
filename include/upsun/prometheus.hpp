#pragma once

#include <iosfwd>
#include <memory>
#include <string>

#include <upsun/export.hpp>
#include <upsun/observer.hpp>

namespace upsun {

/// An observer that counts for Prometheus, and writes what it and a client's statistics know in the
/// text exposition format 0.0.4
/// (`Content-Type: text/plain; version=0.0.4`). Names and buckets follow OpenTelemetry's
/// conventions for HTTP clients; doc/observability.md lists them. \code const auto metrics =
/// std::make_shared<upsun::prometheus_metrics>(); upsun::client client(io.get_executor(),
/// {.credentials = upsun::bearer_token(token), .observer = metrics}); std::string page =
/// metrics->text(client.statistics());  // for GET /metrics \endcode One client each: the gauges
/// are those of the statistics given, and do not name the server.
///
/// Labels are bounded: path templates, never paths; at most 256 combinations of labels are kept,
/// and attempts of any further ones are counted together, under the method `_OTHER`.
///
/// Costs: an event takes no lock, and allocates only for a combination of labels not met before.
/// Thread safety: every member may be called from any thread, also at once. What is written while
/// events come is a snapshot of each number, not of all.
class UPSUN_EXPORT prometheus_metrics final : public observer {
 public:
  /// \param next is told everything as well, after this one; null: nobody.
  explicit prometheus_metrics(std::shared_ptr<observer> next = {});
  ~prometheus_metrics() override;

  /// Writes every metric, in an order that does not change while no new label combination comes,
  /// and independent of any locale.
  void write(std::ostream& out, const client_statistics& statistics) const;
  /// The same as text.
  [[nodiscard]] std::string text(const client_statistics& statistics) const;

  void on_attempt(const attempt_event& event) noexcept override;
  void on_call(const call_report& report) noexcept override;
  void on_drift(const drift_report& report) noexcept override;

 private:
  struct impl;
  const std::unique_ptr<impl> impl_;
};

}  // namespace upsun
