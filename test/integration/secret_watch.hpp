#pragma once

#include <gtest/gtest.h>
#include <upsun/error.hpp>
#include <upsun/observer.hpp>
#include <upsun/prometheus.hpp>
#include <upsun/statistics.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace upsun::testing {

/// Every secret that tests give to clients, and what the sandbox's tokens begin with.
/// cmake/tests.cmake has the same list for what the programs print.
inline const std::vector<std::string>& planted_secrets() {
  static const std::vector<std::string> all{
      "s3cr3t",        "hunter2",           "planted-secret",  "a-token",
      "sandbox-token", "sandbox-api-token", "sandbox-access-", "sandbox-refresh-",
      "Bearer ",       "Basic dXNl",        "PRIVATE KEY"};
  return all;
}

/// Reads every text a client makes, as its observer or by hand, and fails the test when one holds a
/// planted secret. What the server said itself
/// (`error::server()`, the request id) is not the client's text: it is kept apart so that nobody
/// takes it for that. Ready for a test's own observer to derive from, which then calls it first.
class secret_watch : public observer {
 public:
  /// \param more planted beside `planted_secrets()`.
  explicit secret_watch(std::vector<std::string> more = {}) : planted_(std::move(more)) {
    planted_.insert(planted_.end(), planted_secrets().begin(), planted_secrets().end());
  }
  ~secret_watch() override { read(client_statistics()); }

  void read(std::string_view text) const {
    ++texts_;
    for (const std::string& each : planted_)
      EXPECT_EQ(text.find(each), text.npos) << "a planted secret in: " << text;
  }
  void read(const error& e) const {
    read(e.message());
    read(call_failed(e).what());
    read(e.code().message());
    read_print(e);
    read(e.details().cause);
    read(e.details().method);
    read(e.details().path_template);
    if (e.decode() != nullptr) read(*e.decode());
  }
  void read(const decode_mismatch& mismatch) const {
    read(mismatch.pointer);
    read(mismatch.expected);
    read(mismatch.found);
  }
  /// As they are printed beside everything observed so far.
  void read(const client_statistics& statistics) const { read(metrics_.text(statistics)); }
  template <class T>
  void read_print(const T& value) const {
    std::ostringstream out;
    out << value;
    read(out.str());
  }
  /// How many texts were read: a watch that saw nothing proves nothing.
  [[nodiscard]] std::size_t texts() const noexcept { return texts_; }
  /// How many events of this kind it has got.
  [[nodiscard]] std::size_t events(attempt_event::kind what) const noexcept {
    return events_[static_cast<std::size_t>(what)];
  }

  void on_attempt(const attempt_event& event) noexcept override {
    ++events_[static_cast<std::size_t>(event.what)];
    metrics_.on_attempt(event);
    read(to_string(event.what));
    read(to_string(event.reason));
    read(event.method);
    read(event.path_template);
    read(event.server_address);
    if (event.failure != nullptr) read(*event.failure);
  }
  void on_call(const call_report& call) noexcept override {
    metrics_.on_call(call);
    read(call.method);
    read(call.path_template);
    if (call.failure != nullptr) read(*call.failure);
  }
  void on_drift(const drift_report& drift) noexcept override {
    metrics_.on_drift(drift);
    read(drift.kind);
    read(drift.mismatch);
  }

 private:
  std::vector<std::string> planted_;
  prometheus_metrics metrics_;
  mutable std::atomic<std::size_t> texts_ = 0;
  std::array<std::atomic<std::size_t>, 8> events_{};  // by kind
};

}  // namespace upsun::testing
