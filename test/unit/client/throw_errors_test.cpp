#include <gtest/gtest.h>
#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_future.hpp>
#include <upsun/client.hpp>
#include <upsun/testing/fake_transport.hpp>
#include <upsun/throw_errors.hpp>

#include <array>
#include <chrono>
#include <concepts>
#include <exception>
#include <future>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

namespace upsun {
namespace throw_errors_test {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using testing::fake_transport;

/// The error that a call throws.
template <class Function>
std::optional<error> thrown_by(Function function) {
  try {
    function();
    return std::nullopt;
  } catch (const call_failed& failed) {
    return failed.error();
  }
}

struct ThrowErrors : ::testing::Test {
  asio::io_context io;
  const std::shared_ptr<fake_transport> network = std::make_shared<
      fake_transport>(io.get_executor(), [](const http_request& request) {
    if (request.target.find("gone") != std::string::npos) return fake_transport::json("{}", 404);
    return fake_transport::json(
        R"({"id":"i","type":"health.slack","channel":"#ops","role":"","created_at":null,"updated_at":null})");
  });
  client api{io, {.retry = {.max_attempts = 1}, .transport = network}};
  const integration_ref there{project_id("p"), integration_id("there")};
  const integration_ref gone{project_id("p"), integration_id("gone")};

  template <class Steps>
  void await(Steps steps) {
    auto done = asio::co_spawn(io, std::move(steps), asio::use_future);
    io.restart();
    io.run();
    done.get();
  }
};

TEST_F(ThrowErrors, GivesACoroutineTheValueOrThrows) {
  await([this]() -> asio::awaitable<void> {
    const integration got = co_await api.async_get_integration(there, throw_errors);
    EXPECT_EQ(got.type, "health.slack");
    const integration again =
        co_await api.async_get_integration(there, call_options().timeout(10s), throw_errors);
    EXPECT_EQ(again.type, "health.slack");
  });
  const auto failed = thrown_by([this] {
    await([this]() -> asio::awaitable<void> {
      (void)co_await api.async_get_integration(gone, throw_errors);
    });
  });
  ASSERT_TRUE(failed);
  EXPECT_EQ(*failed, errc::not_found);
  EXPECT_EQ(failed->status(), 404);
}

TEST_F(ThrowErrors, GivesNothingWhereThereIsNoValue) {
  const auto failed = thrown_by([this] {
    await([this]() -> asio::awaitable<void> {
      static_assert(std::same_as<decltype(api.async_trigger_hook(there, throw_errors)),
                                 asio::awaitable<void>>);
      co_await api.async_trigger_hook(there, throw_errors);
    });
  });
  EXPECT_EQ(failed.value(), errc::unsupported);
}

TEST_F(ThrowErrors, AdaptsFutures) {
  std::future<integration> good = api.async_get_integration(there, throw_errors(asio::use_future));
  std::future<integration> bad = api.async_get_integration(gone, throw_errors(asio::use_future));
  std::future<void> nothing = api.async_trigger_hook(there, throw_errors(asio::use_future));
  io.run();
  EXPECT_EQ(good.get().type, "health.slack");
  EXPECT_EQ(thrown_by([&] { (void)bad.get(); }).value(), errc::not_found);
  EXPECT_EQ(thrown_by([&] { nothing.get(); }).value(), errc::unsupported);
}

TEST_F(ThrowErrors, AdaptsCallbacks) {
  int called = 0;
  auto succeeds = [&, held = std::make_unique<int>(1)](const std::exception_ptr& thrown,
                                                       const integration& got) {
    EXPECT_FALSE(thrown);
    EXPECT_EQ(got.type, "health.slack");
    called += *held;
  };
  api.async_get_integration(there, throw_errors(std::move(succeeds)));
  auto fails = [&](const std::exception_ptr& thrown, integration got) {
    EXPECT_EQ(thrown_by([&] { std::rethrow_exception(thrown); }).value(), errc::not_found);
    EXPECT_EQ(got.type, "");
    ++called;
  };
  api.async_get_integration(gone, throw_errors(fails));
  EXPECT_EQ(called, 0);
  io.run();
  EXPECT_EQ(called, 2);
}

TEST_F(ThrowErrors, AdaptsDeferredOperations) {
  await([this]() -> asio::awaitable<void> {
    auto operation = api.async_get_integration(there, throw_errors(asio::deferred));
    const integration got = co_await std::move(operation)(asio::use_awaitable);
    EXPECT_EQ(got.type, "health.slack");
  });
  auto operation = api.async_get_integration(gone, throw_errors(asio::deferred));
  auto bad = std::move(operation)(asio::use_future);
  io.restart();
  io.run();
  EXPECT_EQ(thrown_by([&] { (void)bad.get(); }).value(), errc::not_found);
}

TEST_F(ThrowErrors, LetsOperatorsOfAwaitablesSeeFailures) {
  using namespace asio::experimental::awaitable_operators;
  await([this]() -> asio::awaitable<void> {
    auto both = api.async_get_integration(there, throw_errors) &&
                api.async_list_integrations(gone.project(), throw_errors);
    EXPECT_ANY_THROW(co_await std::move(both)) << "the list is no array";
    auto first = api.async_get_integration(gone, throw_errors) ||
                 api.async_get_integration(there, throw_errors);
    const auto got = co_await std::move(first);
    EXPECT_EQ(got.index(), 1u) << "one that fails does not win";
  });
}

TEST_F(ThrowErrors, CancelsTheOthersOfAGroupWhenOneFails) {
  network->hold();
  auto never = api.async_get_integration(there, throw_errors(asio::deferred));
  auto refused =
      api.async_get_integration({project_id(""), integration_id("")}, throw_errors(asio::deferred));
  bool done = false;
  asio::experimental::make_parallel_group(std::move(never), std::move(refused))
      .async_wait(asio::experimental::wait_for_one_error(),
                  [&](std::array<std::size_t, 2> order, const std::exception_ptr& first,
                      const integration&, const std::exception_ptr& second, const integration&) {
                    done = true;
                    EXPECT_EQ(order[0], 1u);
                    EXPECT_EQ(thrown_by([&] { std::rethrow_exception(first); }).value(),
                              errc::cancelled);
                    EXPECT_EQ(thrown_by([&] { std::rethrow_exception(second); }).value(),
                              errc::invalid_argument);
                  });
  io.run();
  EXPECT_TRUE(done);
}

TEST_F(ThrowErrors, PassesCancellationOn) {
  network->hold();
  asio::cancellation_signal cancel;
  std::optional<error> failed;
  auto fails = [&](const std::exception_ptr& thrown, const integration&) {
    failed = thrown_by([&] { std::rethrow_exception(thrown); });
  };
  api.async_get_integration(there,
                            throw_errors(asio::bind_cancellation_slot(cancel.slot(), fails)));
  io.poll();
  cancel.emit(asio::cancellation_type::total);
  io.run();
  EXPECT_EQ(failed.value(), errc::cancelled);
}

/// Counts what it allocates.
template <class T>
struct counting_allocator {
  using value_type = T;
  int* count;

  explicit counting_allocator(int& of) : count(&of) {}
  template <class U>
  counting_allocator(const counting_allocator<U>& other) : count(other.count) {}
  T* allocate(std::size_t n) {
    ++*count;
    return std::allocator<T>().allocate(n);
  }
  void deallocate(T* p, std::size_t n) { std::allocator<T>().deallocate(p, n); }
  template <class U>
  bool operator==(const counting_allocator<U>& other) const {
    return count == other.count;
  }
};

TEST_F(ThrowErrors, KeepsTheExecutorAndTheAllocatorOfTheHandler) {
  asio::io_context elsewhere;
  int allocated = 0;
  bool called = false;
  auto handler = [&](const std::exception_ptr&, const integration&) {
    called = true;
    EXPECT_TRUE(elsewhere.get_executor().running_in_this_thread());
  };
  api.async_get_integration(
      there, throw_errors(asio::bind_executor(
                 elsewhere.get_executor(),
                 asio::bind_allocator(counting_allocator<void>(allocated), handler))));
  EXPECT_GT(allocated, 0);
  io.run();
  EXPECT_FALSE(called);
  elsewhere.run();
  EXPECT_TRUE(called);
}

}  // namespace throw_errors_test
}  // namespace upsun
