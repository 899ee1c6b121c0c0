#include "calls/operation_under_way.hpp"

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>
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

}  // namespace operation_under_way_test
}  // namespace upsun::calls
