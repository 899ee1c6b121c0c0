#include "calls/operation_under_way.hpp"

#include <gtest/gtest.h>
#include <boost/asio/any_completion_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/require.hpp>
#include <boost/asio/strand.hpp>
#include <upsun/testing/fake_transport.hpp>

#include <memory>
#include <utility>

#include "calls/client_impl.hpp"
#include "config/settings.hpp"

namespace upsun::calls {
namespace operation_under_way_test {

namespace asio = boost::asio;

/// An operation whose owner lets go of it as soon as the client closes.
class owned final : public operation_under_way {
 public:
  owned(std::shared_ptr<client_impl> client, std::shared_ptr<owned>& owner)
      : operation_under_way(std::move(client)), owner_(owner) {}

  bool begin() { return admit({}, clock::now()).has_value(); }
  void cancel() override { owner_.reset(); }
  void cancel_by_client() override {
    count_as_cancelled();
    cancel();
  }

 private:
  std::shared_ptr<owned>& owner_;
};

struct OperationUnderWay : ::testing::Test {
  asio::io_context io;
  std::shared_ptr<client_impl> client = [this] {
    client_config config;
    config.transport = std::make_shared<testing::fake_transport>(io.get_executor());
    return std::make_shared<client_impl>(io.get_executor(), upsun::config::make_settings(config));
  }();
};

TEST_F(OperationUnderWay, MayBeDestroyedByTheCloseThatCancelsIt) {
  std::shared_ptr<owned> owner;
  owner = std::make_shared<owned>(client, owner);
  ASSERT_TRUE(owner->begin());
  close_report report;
  client->async_close({}, [&](close_report r) { report = r; });
  io.run();
  EXPECT_EQ(owner, nullptr);
  EXPECT_EQ(report.cancelled, 1u);
}

TEST_F(OperationUnderWay, IsRefusedByAClosedClientAndLeavesNothing) {
  client->shutdown();
  std::shared_ptr<owned> owner;
  owner = std::make_shared<owned>(client, owner);
  EXPECT_FALSE(owner->begin());
  owner.reset();
  io.run();
}

/// Completes on a thread that runs `on`'s context, and says whether the handler ran inline.
bool runs_inline(asio::io_context& io, detail::handler_executor on) {
  bool called = false;
  bool inline_call = false;
  completion<result<int>> completes(io.get_executor(), std::move(on),
                                    [&](result<int>&&) { called = true; });
  asio::post(io, [&] {
    completes(result<int>(1));
    inline_call = called;
  });
  io.restart();
  io.poll();  // an executor that tracks work would keep run() from returning
  EXPECT_TRUE(called);
  return inline_call;
}

TEST(Completion, RunsInlineOnlyWhereItsExecutorAllowsIt) {
  using asio::execution::blocking;
  using asio::execution::outstanding_work;
  asio::io_context io;
  const auto plain = io.get_executor();
  const auto strand = asio::make_strand(io);
  const auto both = [&](const auto& executor) {
    const bool as_io = runs_inline(io, asio::any_io_executor(executor));
    EXPECT_EQ(runs_inline(io, asio::any_completion_executor(executor)), as_io);
    return as_io;
  };
  EXPECT_TRUE(both(plain));
  EXPECT_TRUE(both(asio::require(plain, outstanding_work.tracked)));
  EXPECT_FALSE(both(asio::require(plain, blocking.never)));
  EXPECT_FALSE(both(asio::require(plain, blocking.never, outstanding_work.tracked)));
  EXPECT_FALSE(both(asio::any_io_executor(asio::require(plain, blocking.never))));
  EXPECT_FALSE(both(asio::require(strand, blocking.never)));
}

}  // namespace operation_under_way_test
}  // namespace upsun::calls
