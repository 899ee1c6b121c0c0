#pragma once

#include <iosfwd>
#include <memory>
#include <string>

#include <upsun/export.hpp>
#include <upsun/observer.hpp>

namespace upsun {

/// An observer that counts for Prometheus. It writes its counts and a client's statistics as one
/// page, in the text exposition format 0.0.4 (`Content-Type: text/plain; version=0.0.4`). Names and
/// buckets follow OpenTelemetry's conventions for HTTP clients; doc/observability.md lists them.
/// \code
/// const auto metrics = std::make_shared<upsun::prometheus_metrics>();
/// upsun::client client(io.get_executor(),
///                      {.credentials = upsun::bearer_token(token), .observer = metrics});
/// std::string page = metrics->text(client.statistics());  // for GET /metrics
/// \endcode
/// Use one object for each client: the gauges are those of the statistics given, and have no label
/// for the server.
///
/// Labels are bounded: they hold path templates, never paths, and at most 256 combinations.
/// Attempts of any further combination are counted together, under the method `_OTHER`.
///
/// Cost: about 1,000 instructions a fetch. An attempt that completes and a dial take a mutex;
/// memory is allocated only for a new combination of labels. Writing a page holds the mutex while
/// the counts are copied.
///
/// Thread safety: every member may be called from any thread, also at the same time. A page has one
/// consistent snapshot of the counts.
class UPSUN_EXPORT prometheus_metrics final : public observer {
 public:
  /// \param next an observer that is notified of every event after this one. Null: none
  explicit prometheus_metrics(std::shared_ptr<observer> next = {});
  ~prometheus_metrics() override;

  /// Writes every metric. The order depends on the labels only, the text on no locale.
  ///
  /// \param out where to; a stream that fails is left failed
  /// \param statistics what `client::statistics` has just returned
  void write(std::ostream& out, const client_statistics& statistics) const;
  /// What `write` writes, as a string.
  [[nodiscard]] std::string text(const client_statistics& statistics) const;

  void on_attempt(const attempt_event& event) noexcept override;
  void on_call(const call_report& report) noexcept override;
  void on_drift(const drift_report& report) noexcept override;

 private:
  struct impl;
  const std::unique_ptr<impl> impl_;
};

}  // namespace upsun
