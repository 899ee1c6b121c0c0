#include <gtest/gtest.h>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <upsun/testing/fake_transport.hpp>
#include <upsun/upsun.hpp>

#include <chrono>
#include <concepts>
#include <exception>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace upsun {
namespace arguments_test {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using testing::fake_transport;

const std::string stored =
    R"({"id":"i","type":"health.slack","channel":"#ops","role":"","created_at":null,"updated_at":null})";

http_response respond(const http_request& request) {
  if (request.target.find("/activities") != std::string::npos || request.method != "GET" ||
      request.target.find("gone") != std::string::npos)
    return fake_transport::json("{}", 404);
  if (request.target.ends_with("/integrations")) return fake_transport::json("[" + stored + "]");
  return fake_transport::json(stored);
}

struct OperationArguments : ::testing::Test {
  asio::io_context io;
  const std::shared_ptr<fake_transport> network =
      std::make_shared<fake_transport>(io.get_executor(), respond);
  client api{io, {.retry = {.max_attempts = 1}, .transport = network}};
  const integration_ref ref{project_id("project"), integration_id("integration")};

  template <class Steps>
  void await(Steps steps) {
    std::exception_ptr thrown;
    asio::co_spawn(io, std::move(steps),
                   [&thrown](const std::exception_ptr& what) { thrown = what; });
    io.restart();
    io.run();
    if (thrown) std::rethrow_exception(thrown);
  }
};

/// Long enough to be allocated: g++ 12 destroys aggregate temporaries beside `co_await` twice,
/// which the address sanitizer sees then.
std::string text(const char* end) { return std::string(100, 'x') + end; }
project_id some_project() { return project_id(text("p")); }
activity_id some_activity() { return activity_id(text("a")); }
call_options some_options() { return call_options().timeout(20s).header("X-Reason", text("why")); }

TEST_F(OperationArguments, MayBeTemporariesOfEveryAwaitedOperation) {
  await([this]() -> asio::awaitable<void> {
    EXPECT_TRUE(co_await api.async_get_integration({some_project(), integration_id(text("i"))}));
    EXPECT_TRUE(co_await api.async_get_integration({some_project(), integration_id(text("i"))},
                                                   some_options()));
    EXPECT_TRUE(co_await api.async_list_integrations(some_project()));
    EXPECT_TRUE(co_await api.async_list_integrations(project_id(text("p")), some_options()));
    EXPECT_FALSE(co_await api.async_create_integration(some_project(),
                                                       webhook_input("https://" + text(".test"))));
    EXPECT_FALSE(co_await api.async_create_integration(
        some_project(), webhook_input("https://" + text(".test")).shared_key(secret(text("key"))),
        some_options()));
    EXPECT_FALSE(co_await api.async_update_integration({some_project(), integration_id(text("i"))},
                                                       webhook_patch().url("https://hooks.test")));
    EXPECT_FALSE(co_await api.async_update_integration({some_project(), integration_id(text("i"))},
                                                       webhook_patch().url("https://hooks.test"),
                                                       some_options()));
    EXPECT_FALSE(
        co_await api.async_delete_integration({some_project(), integration_id(text("i"))}));
    EXPECT_FALSE(co_await api.async_delete_integration({some_project(), integration_id(text("i"))},
                                                       some_options()));
    EXPECT_FALSE(
        co_await api.async_validate_integration({some_project(), integration_id(text("i"))}));
    EXPECT_FALSE(co_await api.async_validate_integration(
        {some_project(), integration_id(text("i"))}, some_options()));
    EXPECT_FALSE(co_await api.async_trigger_hook({some_project(), integration_id(text("i"))}));
    EXPECT_FALSE(co_await api.async_trigger_hook({some_project(), integration_id(text("i"))},
                                                 some_options()));
    EXPECT_FALSE(co_await api.async_get_activity({some_project(), integration_id(text("i"))},
                                                 some_activity()));
    EXPECT_FALSE(co_await api.async_get_activity({some_project(), integration_id(text("i"))},
                                                 some_activity(), some_options()));
    EXPECT_FALSE(co_await api.async_cancel_activity({some_project(), integration_id(text("i"))},
                                                    some_activity()));
    EXPECT_FALSE(co_await api.async_cancel_activity({some_project(), integration_id(text("i"))},
                                                    some_activity(), some_options()));
    EXPECT_FALSE(co_await api.async_wait_for_activities({some_project(), integration_id(text("i"))},
                                                        some_activity()));
    EXPECT_FALSE(co_await api.async_wait_for_activities(
        {some_project(), integration_id(text("i"))}, some_activity(),
        wait_options().max_failures(0).fetch(some_options())));
    EXPECT_FALSE(co_await api.async_open_activity_log({some_project(), integration_id(text("i"))},
                                                      some_activity()));
    EXPECT_FALSE(co_await api.async_open_activity_log(
        {some_project(), integration_id(text("i"))}, some_activity(),
        log_options().start_after(text("line")).fetch(some_options())));
    EXPECT_TRUE(co_await api.async_get_integrations(std::vector<integration_ref>(3, ref)));
    EXPECT_TRUE(co_await api.async_get_integrations(
        std::vector<integration_ref>(3, ref), bulk_options().concurrency(2).fetch(some_options())));
    auto handler = [](const integration_ref&, const result<integration>& got) { EXPECT_TRUE(got); };
    EXPECT_TRUE(
        co_await api.async_for_each_integration(std::vector<integration_ref>(3, ref), handler));
    EXPECT_TRUE(co_await api.async_for_each_integration(
        std::vector<integration_ref>(3, ref), handler,
        bulk_options().concurrency(2).fetch(some_options())));
    EXPECT_FALSE(co_await api
                     .activities({some_project(), integration_id(text("i"))},
                                 activity_filter().type(text("t")),
                                 sequence_options().fetch(some_options()))
                     .async_next());
    EXPECT_TRUE(co_await api.async_close(1s));
  });
}

TEST_F(OperationArguments, MayBeTemporariesOfTheOperationsOnAFleet) {
  await([this]() -> asio::awaitable<void> {
    EXPECT_TRUE(co_await api.async_get_current_user());
    EXPECT_TRUE(co_await api.async_get_current_user(some_options()));
    EXPECT_TRUE(co_await api
                    .organizations(organization_filter().name(text("n")).id(text("i")),
                                   sequence_options().ahead().fetch(some_options()))
                    .async_next());
    EXPECT_TRUE(co_await api.async_get_organization(organization_id(text("o"))));
    EXPECT_TRUE(
        co_await api.async_get_organization(organization_id::named(text("o")), some_options()));
    EXPECT_TRUE(co_await api
                    .projects(organization_id(text("o")),
                              project_filter().title_contains(text("t")),
                              sequence_options().fetch(some_options()))
                    .async_next_page());
    EXPECT_TRUE(
        co_await api.shared_projects(user_id(text("u")), sequence_options().fetch(some_options()))
            .async_next());
    EXPECT_TRUE(co_await api.async_get_project_references("/ref/projects?in=" + text("p")));
    EXPECT_TRUE(
        co_await api.async_get_project_references("/ref/projects?in=" + text("p"), some_options()));
    EXPECT_FALSE(co_await api.async_get_project(some_project()));
    EXPECT_FALSE(co_await api.async_get_project(some_project(), some_options()));
    EXPECT_TRUE(co_await api.async_get_project_capabilities(some_project()));
    EXPECT_TRUE(co_await api.async_get_project_capabilities(some_project(), some_options()));
    EXPECT_FALSE(co_await api.async_list_environments(some_project()));
    EXPECT_FALSE(co_await api.async_list_environments(some_project(), some_options()));
    EXPECT_FALSE(co_await api.async_get_environment({some_project(), environment_id(text("e"))}));
    EXPECT_FALSE(co_await api.async_get_environment({some_project(), environment_id(text("e"))},
                                                    some_options()));
    EXPECT_FALSE(co_await api.async_get_activity(some_project(), some_activity()));
    EXPECT_FALSE(co_await api.async_get_activity({some_project(), environment_id(text("e"))},
                                                 some_activity(), some_options()));
    EXPECT_FALSE(co_await api.async_cancel_activity(some_project(), some_activity()));
    EXPECT_FALSE(co_await api.activities({some_project(), environment_id(text("e"))}).async_next());
  });
}

TEST_F(OperationArguments, EndWithOptionsOrATokenOrBothOrNeither) {
  const call_options options = some_options();
  call_options changed = some_options();
  auto token_alone = api.async_get_integration(ref, asio::use_future);
  auto both = api.async_get_integration(ref, some_options(), asio::use_future);
  auto constant = api.async_get_integration(ref, options, asio::use_future);
  auto variable = api.async_get_integration(ref, changed, asio::use_future);
  auto braces = api.async_get_integration(ref, {}, asio::use_future);
  await(
      [this]() -> asio::awaitable<void> { EXPECT_TRUE(co_await api.async_get_integration(ref)); });
  for (auto* got : {&token_alone, &both, &constant, &variable, &braces}) EXPECT_TRUE(got->get());
  EXPECT_EQ(changed.headers().size(), 1u) << "options in a variable are copied";
  int with_header = 0;
  for (const http_request& sent : network->requests()) with_header += sent.headers.empty() ? 0 : 1;
  EXPECT_EQ(with_header, 3);
}

template <class Last>
concept a_get_may_end_with = requires(client& with, const integration_ref& ref, Last last) {
  with.async_get_integration(ref, std::move(last));
};
static_assert(a_get_may_end_with<call_options>);
static_assert(a_get_may_end_with<asio::use_future_t<>>);
static_assert(!a_get_may_end_with<bulk_options>);
static_assert(!a_get_may_end_with<int>);

TEST_F(OperationArguments, AreForwardedWhenTheyAreTokens) {
  int called = 0;
  auto only_movable = [&called, held = std::make_unique<int>(1)](const result<integration>& got) {
    called += got ? *held : 100;
  };
  api.async_get_integration(ref, std::move(only_movable));
  auto other = [&called, held = std::make_unique<int>(10)](auto&&) { called += *held; };
  api.async_list_integrations(ref.project(), call_options(), std::move(other));
  auto closes = [&called, held = std::make_unique<int>(100)](auto&&) { called += *held; };
  io.run();
  api.async_close(0s, std::move(closes));
  io.restart();
  io.run();
  EXPECT_EQ(called, 111);
}

TEST(Client, IsMadeFromAContextOrAnExecutor) {
  static_assert(std::same_as<client::executor_type, asio::any_io_executor>);
  static_assert(std::constructible_from<client, asio::io_context&>);
  static_assert(std::constructible_from<client, asio::thread_pool&, client_config>);
  static_assert(std::constructible_from<client, asio::io_context::executor_type, client_config>);
  static_assert(!std::convertible_to<asio::io_context&, client>);
  asio::io_context io;
  const auto network = std::make_shared<fake_transport>(io.get_executor());
  const client from_context(io, {.transport = network});
  const client from_executor(io.get_executor(), {.transport = network});
  EXPECT_EQ(from_context.get_executor(), client::executor_type(io.get_executor()));
  EXPECT_EQ(from_executor.get_executor(), from_context.get_executor());
}

}  // namespace arguments_test
}  // namespace upsun
