#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <locale>
#include <new>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <upsun/prometheus.hpp>

#include "support/joining_thread.hpp"

namespace {

std::atomic<std::size_t> allocations{0};

// Clang's thread sanitizer puts its own operator new before this program's.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define UPSUN_ALLOCATIONS_ARE_NOT_COUNTED
#endif
#endif

}  // namespace

// Every allocation of this program is counted.
void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  ++allocations;
  if (void* memory = std::aligned_alloc(static_cast<std::size_t>(alignment), size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}

namespace upsun::observe {
namespace {

using namespace std::chrono_literals;

attempt_event completed(int status, std::chrono::nanoseconds total,
                        const error* failure = nullptr) {
  attempt_event event;
  event.what = attempt_event::kind::completed;
  event.method = "GET";
  event.path_template = "/projects/{projectId}";
  event.server_address = "api.upsun.com";
  event.server_port = 443;
  event.protocol_version = "2";
  event.status = status;
  event.failure = failure;
  event.timings.total = total;
  return event;
}

bool holds(const std::string& page, const std::string& line) {
  return ("\n" + page).find("\n" + line + "\n") != std::string::npos;
}

std::size_t count(const std::string& page, const std::string& what) {
  std::size_t n = 0;
  for (auto at = page.find(what); at != std::string::npos; at = page.find(what, at + 1)) ++n;
  return n;
}

constexpr const char* labels =
    R"(http_request_method="GET",url_template="/projects/{projectId}",http_response_status_code="200",server_address="api.upsun.com",server_port="443",network_protocol_version="2")";

TEST(Prometheus, CountsAttemptsInBucketsUpToTheirBound) {
  prometheus_metrics metrics;
  for (const auto length :
       {0ns, 5'000'000ns, 5'000'001ns, 10'000'000'000ns, 10'000'000'001ns, -1ns})
    metrics.on_attempt(completed(200, length));
  const std::string page = metrics.text({});
  const std::string bucket = std::string("http_client_request_duration_seconds_bucket{") + labels;
  EXPECT_TRUE(holds(page, bucket + R"(,le="0.005"} 3)")) << page;
  EXPECT_TRUE(holds(page, bucket + R"(,le="0.01"} 4)"));
  EXPECT_TRUE(holds(page, bucket + R"(,le="7.5"} 4)"));
  EXPECT_TRUE(holds(page, bucket + R"(,le="10"} 5)"));
  EXPECT_TRUE(holds(page, bucket + R"(,le="+Inf"} 6)"));
  EXPECT_TRUE(
      holds(page, std::string("http_client_request_duration_seconds_count{") + labels + "} 6"));
  EXPECT_TRUE(holds(
      page, std::string("http_client_request_duration_seconds_sum{") + labels + "} 20.010000002"));
}

TEST(Prometheus, NamesTheErrorByItsStatusOrElseByItsCode) {
  prometheus_metrics metrics;
  const error missing(errc::not_found);
  const error redirected(errc::unexpected_status);
  const error lost(errc::connection_reset);
  const error foreign(error_code(1, boost::system::generic_category()), {});
  metrics.on_attempt(completed(404, 1ms, &missing));
  metrics.on_attempt(completed(301, 1ms, &redirected));
  metrics.on_attempt(completed(0, 1ms, &lost));
  metrics.on_attempt(completed(0, 1ms, &foreign));
  const std::string page = metrics.text({});
  for (const char* part : {R"(http_response_status_code="404",error_type="404",)",
                           R"(http_response_status_code="301",error_type="unexpected_status",)",
                           R"(url_template="/projects/{projectId}",error_type="connection_reset",)",
                           R"(error_type="_OTHER",)"}) {
    EXPECT_EQ(count(page, part), 17u) << part << '\n' << page;
  }
}

TEST(Prometheus, CountsOnlyWaitsThatEndedWithAConnection) {
  prometheus_metrics metrics;
  error_details queued;
  queued.phase = phase::queue;
  error_details reading;
  reading.phase = phase::read_head;
  const error waited(errc::acquire_timeout, queued);
  const error lost(errc::connection_reset, reading);
  for (const attempt_event& e :
       {completed(200, 1ms), completed(0, 1ms, &waited), completed(0, 1ms, &lost)})
    metrics.on_attempt(e);
  EXPECT_TRUE(holds(metrics.text({}), "upsun_client_connection_wait_time_seconds_count 2"));
}

TEST(Prometheus, CountsThePartsOfDialsThatSucceeded) {
  prometheus_metrics metrics;
  attempt_event dial;
  dial.what = attempt_event::kind::dialled;
  dial.resolve = 1ms;
  dial.connect = 20ms;
  dial.handshake = 30ms;
  metrics.on_attempt(dial);
  const error failed(errc::connect_failed);
  dial.failure = &failed;
  metrics.on_attempt(dial);
  const std::string page = metrics.text({});
  EXPECT_TRUE(holds(
      page, R"(upsun_client_connection_dial_time_seconds_sum{upsun_dial_part="connect"} 0.02)"))
      << page;
  EXPECT_TRUE(holds(
      page,
      R"(upsun_client_connection_dial_time_seconds_bucket{upsun_dial_part="handshake",le="0.025"} 0)"));
  EXPECT_TRUE(holds(
      page, R"(upsun_client_connection_dial_time_seconds_count{upsun_dial_part="handshake"} 1)"));
}

TEST(Prometheus, WritesEachStatisticUnderItsName) {
  client_statistics now;
  now.idle = 1;
  now.streams = 29;
  now.draining = 30;
  now.leased = 2;
  now.dialling = 3;
  now.waiting = 4;
  now.max = 5;
  now.dials = 6;
  now.dial_failures = 7;
  now.reuses = 8;
  now.leases = 9;
  now.stale_replays = 10;
  now.queue_refusals = 11;
  now.acquire_timeouts = 12;
  now.evictions[static_cast<std::size_t>(eviction::dead)] = 13;
  now.in_flight = 14;
  now.succeeded = 15;
  now.failed[static_cast<std::size_t>(condition::rate_limited)] = 16;
  now.failed[0] = 17;
  now.attempts = 18;
  now.retries = 19;
  now.retries_refused = 20;
  now.hedges = 21;
  now.hedges_won = 22;
  now.token_exchanges = 23;
  now.token_failures = 24;
  now.coalesced = 25;
  now.cache_hits = 26;
  now.revalidations = 27;
  now.cached = 28;
  const std::string page = prometheus_metrics().text(now);
  for (const char* line :
       {R"(http_client_open_connections{http_connection_state="active"} 2)",
        R"(http_client_open_connections{http_connection_state="idle"} 1)",
        "http_client_active_requests 33",
        "upsun_client_connection_streams 29",
        "upsun_client_connection_draining 30",
        "upsun_client_connection_dialling 3",
        "upsun_client_connection_pending_requests 4",
        "upsun_client_connection_max 5",
        "upsun_client_connection_dials_total 6",
        "upsun_client_connection_dial_failures_total 7",
        "upsun_client_connection_reuses_total 8",
        "upsun_client_connection_leases_total 9",
        "upsun_client_stale_replays_total 10",
        "upsun_client_connection_refusals_total 11",
        "upsun_client_connection_timeouts_total 12",
        R"(upsun_client_connection_evictions_total{upsun_eviction_cause="dead"} 13)",
        "upsun_client_active_calls 14",
        "upsun_client_calls_total 15",
        R"(upsun_client_calls_total{error_type="rate_limited"} 16)",
        R"(upsun_client_calls_total{error_type="other"} 17)",
        "upsun_client_attempts_total 18",
        "upsun_client_retries_total 19",
        "upsun_client_retries_refused_total 20",
        "upsun_client_hedges_total 21",
        "upsun_client_hedges_won_total 22",
        "upsun_client_token_exchanges_total 23",
        "upsun_client_token_failures_total 24",
        "upsun_client_coalesced_calls_total 25",
        "upsun_client_cache_hits_total 26",
        "upsun_client_cache_revalidations_total 27",
        "upsun_client_cache_entries 28"}) {
    EXPECT_TRUE(holds(page, line)) << line << '\n' << page;
  }
}

TEST(Prometheus, EscapesLabelValues) {
  prometheus_metrics metrics;
  attempt_event event = completed(200, 1ms);
  event.path_template = "a\"b\\c\nd";
  metrics.on_attempt(event);
  EXPECT_NE(metrics.text({}).find(R"(url_template="a\"b\\c\nd")"), std::string::npos);
}

struct grouping : std::numpunct<char> {
  [[nodiscard]] char do_decimal_point() const override { return ','; }
  [[nodiscard]] char do_thousands_sep() const override { return '.'; }
  [[nodiscard]] std::string do_grouping() const override { return "\3"; }
};

TEST(Prometheus, WritesTheSameInEveryLocaleAndOrder) {
  prometheus_metrics one;
  prometheus_metrics other;
  for (int status = 200; status < 220; ++status) one.on_attempt(completed(status, 1500ms));
  for (int status = 219; status >= 200; --status) other.on_attempt(completed(status, 1500ms));
  client_statistics now;
  now.dials = 1'234'567;
  std::ostringstream out;
  out.imbue(std::locale(std::locale::classic(), new grouping));
  one.write(out, now);
  EXPECT_EQ(out.str(), other.text(now));
  EXPECT_TRUE(holds(out.str(), "upsun_client_connection_dials_total 1234567"));
}

TEST(Prometheus, KeepsABoundedNumberOfLabelCombinationsAndLosesNoCount) {
  prometheus_metrics metrics;
  for (int status = 1; status <= 1000; ++status) metrics.on_attempt(completed(status, 1ms));
  metrics.on_attempt(completed(1, 1ms));
  const std::string page = metrics.text({});
  EXPECT_EQ(count(page, "http_client_request_duration_seconds_count{"), 257u);
  EXPECT_TRUE(holds(
      page, R"(http_client_request_duration_seconds_count{http_request_method="_OTHER"} 744)"));
  EXPECT_NE(page.find("error_type"), std::string::npos);
}

TEST(Prometheus, LosesNoCountWhenThreadsCountAtOnce) {
  prometheus_metrics metrics;
  constexpr int threads = 8;
  constexpr int each = 2000;
  {
    std::vector<upsun::test::joining_thread> all;
    for (int t = 0; t < threads; ++t) {
      all.emplace_back([&] {
        for (int i = 0; i < each; ++i) metrics.on_attempt(completed(200 + i % 4, 1ms));
      });
    }
    (void)metrics.text({});
  }
  const std::string page = metrics.text({});
  EXPECT_EQ(count(page, "http_client_request_duration_seconds_count{"), 4u) << page;
  EXPECT_EQ(count(page, "} " + std::to_string(threads * each / 4) + "\n"), 4u * 16)
      << "15 buckets and the count";
  EXPECT_TRUE(holds(
      page, "upsun_client_connection_wait_time_seconds_count " + std::to_string(threads * each)));
}

#ifndef UPSUN_ALLOCATIONS_ARE_NOT_COUNTED
TEST(Prometheus, AllocatesOnlyForLabelsNotMetBefore) {
  prometheus_metrics metrics;
  metrics.on_attempt(completed(200, 1ms));
  attempt_event dial;
  dial.what = attempt_event::kind::dialled;
  const std::size_t before = allocations;
  for (int i = 0; i < 100; ++i) {
    metrics.on_attempt(completed(200, 1ms));
    metrics.on_attempt(dial);
  }
  EXPECT_EQ(allocations.load(), before);
  metrics.on_attempt(completed(201, 1ms));
  EXPECT_GT(allocations.load(), before) << "the counting works";
}
#endif

struct counting_observer : observer {
  int attempts = 0;
  int calls = 0;
  int drifts = 0;
  void on_attempt(const attempt_event&) noexcept override { ++attempts; }
  void on_call(const call_report&) noexcept override { ++calls; }
  void on_drift(const drift_report&) noexcept override { ++drifts; }
};

TEST(Prometheus, PassesEverythingOn) {
  const auto next = std::make_shared<counting_observer>();
  prometheus_metrics metrics(next);
  const decode_mismatch mismatch;
  metrics.on_attempt(completed(200, 1ms));
  metrics.on_attempt({});
  metrics.on_call({});
  metrics.on_drift({"bitbucket", mismatch});
  EXPECT_EQ(next->attempts, 2);
  EXPECT_EQ(next->calls, 1);
  EXPECT_EQ(next->drifts, 1);
  EXPECT_TRUE(holds(metrics.text({}), "upsun_client_drifts_total 1"));
}

}  // namespace
}  // namespace upsun::observe
