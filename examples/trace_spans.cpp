// Spans of the client's requests, by the names of OpenTelemetry's conventions for HTTP clients.
// What becomes of them is up to the service's exporter; here they are printed. The server is a
// sandbox, whose first response is a 503.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <iomanip>
#include <iostream>
#include <locale>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>

#include <upsun/client.hpp>
#include <upsun/testing/sandbox.hpp>

namespace {

namespace asio = boost::asio;

/// Of the kind CLIENT. It has no `url.full`, since an observer sees no ids.
struct span {
  std::string name;
  std::string trace_id;
  std::string span_id;
  std::string parent_id;
  std::chrono::system_clock::time_point start;
  std::chrono::system_clock::time_point end;
  bool failed = false;
  std::map<std::string, std::string> attributes{};
};

/// Makes a span of each attempt of a call that has a trace: a retry is a request of its own.
class span_maker final : public upsun::observer {
 public:
  /// \param exporter called on the threads that carry calls; it has to be quick
  explicit span_maker(std::function<void(span)> exporter) : exporter_(std::move(exporter)) {}

  void on_attempt(const upsun::attempt_event& event) noexcept override {
    if (event.what != upsun::attempt_event::kind::completed || event.span_id == 0) return;
    // "00-<trace id>-<parent id>-<flags>"
    const auto now = std::chrono::system_clock::now();
    span made{.name = std::string(event.method) + " " + std::string(event.path_template),
              .trace_id = std::string(event.traceparent.substr(3, 32)),
              .span_id = hexadecimal(event.span_id),
              .parent_id = std::string(event.traceparent.substr(36, 16)),
              .start = now - std::chrono::duration_cast<std::chrono::system_clock::duration>(
                                 event.timings.total),
              .end = now,
              .failed = event.failure != nullptr};
    made.attributes = {{"http.request.method", std::string(event.method)},
                       {"url.template", std::string(event.path_template)},
                       {"server.address", std::string(event.server_address)},
                       {"server.port", std::to_string(event.server_port)}};
    if (event.attempt > 1)
      made.attributes["http.request.resend_count"] = std::to_string(event.attempt - 1);
    if (event.status != 0)
      made.attributes["http.response.status_code"] = std::to_string(event.status);
    if (!event.protocol_version.empty())
      made.attributes["network.protocol.version"] = event.protocol_version;
    if (event.failure != nullptr) {
      made.attributes["error.type"] = event.status != 0
                                          ? std::to_string(event.status)
                                          : std::string(name_of(event.failure->code()));
    }
    exporter_(std::move(made));
  }

 private:
  /// Such as "deadline_exceeded".
  static std::string_view name_of(const upsun::error_code& code) noexcept {
    return to_string(static_cast<upsun::errc>(code.value()));
  }
  static std::string hexadecimal(std::uint64_t id) {
    std::ostringstream text;
    text.imbue(std::locale::classic());
    text << std::hex << std::setw(16) << std::setfill('0') << id;
    return text.str();
  }

  const std::function<void(span)> exporter_;
};

void print(const span& of) {
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(of.end - of.start);
  std::cout << of.name << "\n  trace " << of.trace_id << ", span " << of.span_id << ", parent "
            << of.parent_id << ", " << took.count() << " us" << (of.failed ? ", failed" : "")
            << '\n';
  for (const auto& [name, value] : of.attributes) std::cout << "  " << name << '=' << value << '\n';
}

asio::awaitable<void> work(upsun::client& client) {
  // The service's own span, as its tracing library writes it into headers.
  const std::string current = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  for (const char* id : {"integration-0", "no-such-integration"}) {
    const upsun::integration_ref ref(upsun::project_id("project-0"), upsun::integration_id(id));
    const auto got =
        co_await client.async_get_integration(ref, upsun::call_options().trace(current));
    if (!got && got.error() != upsun::condition::not_found) throw upsun::call_failed(got.error());
  }
}

}  // namespace

int main() {
  try {
    upsun::testing::sandbox api;
    api.inject({.kind = upsun::testing::fault_kind::status, .status = 503});
    asio::io_context io;
    upsun::client client(io, {.base_url = api.url(),
                              .credentials = upsun::bearer_token(api.token()),
                              .tls = {.ca_pem = api.ca_pem()},
                              .observer = std::make_shared<span_maker>(print)});
    auto worked = asio::co_spawn(io, work(client), asio::use_future);
    while (worked.wait_for(std::chrono::seconds(0)) != std::future_status::ready) io.run_one();
    worked.get();
    return 0;
  } catch (const std::exception& e) {
    std::cerr << "trace_spans: " << e.what() << '\n';
    return 1;
  }
}
