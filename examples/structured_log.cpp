// A log of what the client does, a line of name=value pairs for each event that people look for
// later: calls that ended, attempts that were repeated, dials that failed, documents that differ
// from what this version expects. The server is a sandbox that does not always respond well.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <chrono>
#include <exception>
#include <iomanip>
#include <iostream>
#include <locale>
#include <memory>
#include <mutex>
#include <ostream>
#include <sstream>
#include <string>
#include <string_view>

#include <upsun/client.hpp>
#include <upsun/testing/sandbox.hpp>

namespace {

namespace asio = boost::asio;

/// One line, which is written when it is destroyed.
class line {
 public:
  line(std::ostream& to, std::mutex& mutex, std::string_view level, std::string_view message)
      : to_(to), mutex_(mutex) {
    text_.imbue(std::locale::classic());
    text_ << "level=" << level;
    add("msg", message);
  }
  line(const line&) = delete;
  line& operator=(const line&) = delete;
  ~line() {
    text_ << '\n';
    const std::scoped_lock lock(mutex_);
    to_ << text_.str() << std::flush;
  }
  /// Values may hold what a server sent: no part of one begins a line of its own.
  line& add(std::string_view name, std::string_view value) {
    text_ << ' ' << name << "=\"" << std::hex << std::setfill('0');
    for (const char c : value) {
      const auto code = static_cast<unsigned char>(c);
      if (code < ' ' || code == 127) {
        text_ << "\\x" << std::setw(2) << unsigned{code};
      } else {
        text_ << (c == '"' || c == '\\' ? "\\" : "") << c;
      }
    }
    text_ << '"' << std::dec;
    return *this;
  }
  line& add(std::string_view name, std::integral auto value) {
    text_ << ' ' << name << '=' << value;
    return *this;
  }
  line& add(std::string_view name, std::chrono::nanoseconds value) {
    return add(name, std::chrono::duration_cast<std::chrono::microseconds>(value).count());
  }

 private:
  std::ostream& to_;
  std::mutex& mutex_;
  std::ostringstream text_;
};

/// Errors hold no secret, and name operations without ids: they can be logged as they are.
class structured_log final : public upsun::observer {
 public:
  explicit structured_log(std::ostream& to) : to_(to) {}

  void on_call(const upsun::call_report& call) noexcept override {
    line entry = begin(call.failure != nullptr ? "error" : "info", "call");
    entry.add("call", call.call).add("method", call.method).add("path", call.path_template);
    entry.add("attempts", call.attempts).add("us", call.timings.total);
    if (call.status != 0) entry.add("status", call.status);
    if (call.failure == nullptr) return;
    entry.add("error", to_string(static_cast<upsun::errc>(call.failure->code().value())));
    entry.add("request_id", call.failure->details().request_id);
    entry.add("cause", call.failure->message());
  }

  void on_attempt(const upsun::attempt_event& event) noexcept override {
    using kind = upsun::attempt_event::kind;
    if (event.what == kind::retried) {
      begin("warn", "retry")
          .add("call", event.call)
          .add("attempt", event.attempt)
          .add("reason", upsun::to_string(event.reason))
          .add("delay_us", event.delay)
          .add("cause", event.failure->message());
    } else if (event.what == kind::dialled && event.failure != nullptr) {
      begin("warn", "dial")
          .add("host", event.server_address)
          .add("port", event.server_port)
          .add("cause", event.failure->message());
    }
  }

  void on_drift(const upsun::drift_report& drift) noexcept override {
    begin("warn", "drift").add("kind", drift.kind).add("at", drift.mismatch.pointer);
  }

 private:
  line begin(std::string_view level, std::string_view message) {
    return {to_, mutex_, level, message};
  }

  std::ostream& to_;
  std::mutex mutex_;
};

asio::awaitable<void> work(upsun::client& client) {
  for (const char* id : {"integration-0", "no-such-integration", "strange", "forging"}) {
    const upsun::integration_ref ref(upsun::project_id("project-0"), upsun::integration_id(id));
    (void)co_await client.async_get_integration(ref);
  }
}

}  // namespace

int main() {
  try {
    upsun::testing::sandbox api;
    api.put_raw("project-0", "strange", R"({"id":"strange","type":"webhook","url":7})");
    api.put_raw("project-0", "forging",
                R"({"id":"forging","type":"httplog","url":"https://log.example.com",)"
                R"("headers":{"A\nlevel=error msg=\"forged\"":7}})");
    api.inject({.kind = upsun::testing::fault_kind::close_before_reply});
    api.inject({.kind = upsun::testing::fault_kind::status, .status = 503});
    asio::io_context io;
    upsun::client client(io, {.base_url = api.url(),
                              .credentials = upsun::bearer_token(api.token()),
                              .tls = {.ca_pem = api.ca_pem()},
                              .observer = std::make_shared<structured_log>(std::cout)});
    auto worked = asio::co_spawn(io, work(client), asio::use_future);
    while (worked.wait_for(std::chrono::seconds(0)) != std::future_status::ready) io.run_one();
    worked.get();
    return 0;
  } catch (const std::exception& e) {
    std::cerr << "structured_log: " << e.what() << '\n';
    return 1;
  }
}
