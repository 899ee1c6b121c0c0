#pragma once

#include <gtest/gtest.h>
#include <upsun/error.hpp>
#include <upsun/observer.hpp>

#include <atomic>
#include <cstddef>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace upsun::testing {

/// Reads every text a client makes, as its observer or by hand, and fails the test when one holds a planted secret. What the server said itself
/// (`error::server()`, the request id) is not the client's text: it is kept apart so that nobody takes it for that.
class secret_watch final : public observer {
 public:
  explicit secret_watch(std::vector<std::string> planted) : planted_(std::move(planted)) {}

  void read(std::string_view text) const {
    ++texts_;
    for (const std::string& each : planted_) EXPECT_EQ(text.find(each), text.npos) << "a planted secret in: " << text;
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
  template <class T>
  void read_print(const T& value) const {
    std::ostringstream out;
    out << value;
    read(out.str());
  }
  /// How many texts were read: a watch that saw nothing proves nothing.
  [[nodiscard]] std::size_t texts() const noexcept { return texts_; }

  void on_call(const call_report& call) noexcept override {
    read(call.method);
    read(call.path_template);
    if (call.failure != nullptr) read(*call.failure);
  }
  void on_drift(const drift_report& drift) noexcept override {
    read(drift.kind);
    read(drift.mismatch);
  }

 private:
  const std::vector<std::string> planted_;
  mutable std::atomic<std::size_t> texts_ = 0;
};

}  // namespace upsun::testing
