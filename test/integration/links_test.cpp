// What an integration's links are for: validation and hooks, and who gets to see the token.

#include <upsun/testing/fake_transport.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "integration/harness.hpp"
#include "support/scripted_server.hpp"

namespace upsun::testing {
namespace links_test {

using asio::awaitable;

const std::string path = "/projects/project-0/integrations/linked";

std::string document(const std::string& links) {
  return R"({"type":"health.slack","channel":"#ops","role":"","_links":)" + links + "}";
}
std::string link(const std::string& name, const std::string& href) {
  return "\"" + name + R"(":{"href":")" + href + "\"}";
}

struct LinkedCalls : ::testing::Test {
  sandbox server;
  const integration_ref linked{project(), integration_id("linked")};

  void serve(const std::string& links) { server.put_raw("project-0", "linked", document(links)); }
  integration_ref ref(std::size_t n) const { return {project(), integration_number(n)}; }

  result<validation> validate(const integration_ref& which) {
    return validate(which, config_for(server));
  }
  result<validation> validate(const integration_ref& which, const client_config& config) {
    result<validation> got = errc::cancelled;
    with_client(config, [&](client& client) -> awaitable<void> {
      got = co_await client.async_validate_integration(which);
    });
    return got;
  }
  result<std::string> hook_url(const integration_ref& which) {
    return hook_url(which, config_for(server));
  }
  result<std::string> hook_url(const integration_ref& which, const client_config& config) {
    result<std::string> got = errc::cancelled;
    with_client(config, [&](client& client) -> awaitable<void> {
      got = co_await client.async_get_hook_url(which);
    });
    return got;
  }
  result<void> trigger(const integration_ref& which) { return trigger(which, config_for(server)); }
  result<void> trigger(const integration_ref& which, const client_config& config,
                       call_options options = {}) {
    result<void> got = errc::cancelled;
    with_client(config, [&](client& client) -> awaitable<void> {
      got = co_await client.async_trigger_hook(which, options);
    });
    return got;
  }
};

// ---- validation

TEST_F(LinkedCalls, FindEveryKindValid) {
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    for (std::size_t i = 0; i < 18; ++i) {
      auto got = co_await client.async_validate_integration(
          integration_ref(project(), integration_number(i)), call_options().timeout(20s));
      EXPECT_EQ(got.value(), (validation{.valid = true})) << i;
    }
  });
}

TEST_F(LinkedCalls, ReportWhatIsWrongByMember) {
  server.put("project-0", "linked", {.type = "health.slack", .settings = slack_settings{}});
  EXPECT_EQ(validate(linked).value(), (validation{.problems = {{"channel", "Required"}},
                                                  .message = "The integration is not valid."}));
  server.set_validation("project-0", "linked",
                        {{"channel", "No such channel"}, {"token", "Expired"}});
  EXPECT_EQ(validate(linked)->problems,
            (std::vector<field_error>{{"channel", "No such channel"}, {"token", "Expired"}}));
  server.set_validation("project-0", "linked", {});
  EXPECT_TRUE(validate(linked)->valid);
}

TEST_F(LinkedCalls, ReportAVerdictAsASuccess) {
  server.set_validation("project-0", "integration-0", {{"repository", "Not found"}});
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    response_info info;
    auto got = co_await client.async_validate_integration(ref(0), call_options().info(&info));
    EXPECT_FALSE(got->valid);
    EXPECT_EQ(info.status, 400);
    for (const auto failed : client.statistics().failed) EXPECT_EQ(failed, 0u);
  });
}

TEST_F(LinkedCalls, DistinguishAFailureFromAVerdict) {
  server.inject({});
  server.inject({.kind = fault_kind::status,
                 .status = 400,
                 .body = "<h1>Bad Request</h1>",
                 .content_type = "text/html"});
  EXPECT_EQ(validate(ref(0)).error(), errc::bad_request);
  server.inject({});
  server.inject({.kind = fault_kind::status, .status = 422, .body = R"({"message":"no"})"});
  EXPECT_EQ(validate(ref(0)).error(), errc::request_rejected);
  server.inject({});
  server.inject({.kind = fault_kind::status, .status = 204});
  EXPECT_TRUE(validate(ref(0))->valid);
  EXPECT_EQ(validate({project(), integration_id("none")}).error(), errc::not_found);
  EXPECT_EQ(validate({project(), integration_id("..")}).error(), errc::invalid_argument);
}

TEST_F(LinkedCalls, AreTriedAgainInBothSteps) {
  auto config = config_for(server);
  config.retry = {.max_attempts = 3, .base = 0ms};
  server.inject({.kind = fault_kind::status, .status = 503});
  server.inject({});
  server.inject({.kind = fault_kind::close_before_reply});
  EXPECT_TRUE(validate(ref(0), config)->valid);
  EXPECT_EQ(server.statistics().requests, 4u);
}

TEST_F(LinkedCalls, AreUnsupportedWithoutTheLink) {
  for (const char* links :
       {"{}", "null", R"({"self":{"href":"/x"},"#hook":null,"#validate":null})"}) {
    serve(links);
    EXPECT_EQ(validate(linked).error(), errc::unsupported) << links;
    const error unsupported = trigger(linked).error();
    EXPECT_EQ(unsupported, condition::unsupported) << links;
    EXPECT_EQ(unsupported.message(),
              "the API offers no such link: not permitted, or not supported [POST "
              "/projects/{projectId}/integrations/{integrationId}#hook, decode]");
  }
  server.put_raw("project-0", "linked", R"({"type":"novel"})");
  EXPECT_EQ(validate(linked).error(), errc::unsupported);
}

TEST_F(LinkedCalls, ResolveTheLinkOfAnUnknownKind) {
  server.put_raw("project-0", "linked",
                 R"({"type":"novel","_links":{"#validate":{"href":"linked/./validate"}}})");
  EXPECT_TRUE(validate(linked)->valid);
}

TEST_F(LinkedCalls, AskTheApiItselfForWhatARegionalHostOffers) {
  sandbox other;
  for (const std::string& elsewhere :
       {other.url() + path + "/validate", "https://eu-5.platform.invalid/api" + path + "/validate",
        "https://localhost:" + std::to_string(server.port()) + path + "/validate",
        "http://127.0.0.1:" + std::to_string(server.port()) + path + "/validate"}) {
    serve("{" + link("#validate", elsewhere) + "}");
    const auto requests = server.statistics().requests;
    EXPECT_TRUE(validate(linked)->valid) << elsewhere;
    EXPECT_EQ(server.statistics().requests, requests + 2) << "the document's and the verdict's";
  }
  EXPECT_EQ(other.statistics().connections, 0u);
}

TEST_F(LinkedCalls, SendNoTokenToAnotherHost) {
  sandbox other;
  for (const std::string& elsewhere :
       {other.url() + "/validate", other.url() + "/api/v2" + path,
        "https://localhost:" + std::to_string(server.port()) + "/oauth2/token",
        "http://127.0.0.1:" + std::to_string(server.port()) + "/users/me"}) {
    serve("{" + link("#validate", elsewhere) + "}");
    const auto requests = server.statistics().requests;
    const auto refused = validate(linked);
    EXPECT_EQ(refused.error(), errc::decode_failed);
    EXPECT_NE(refused.error().message().find("must not see the token"), std::string::npos)
        << refused.error();
    EXPECT_EQ(refused.error().message().find("localhost"), std::string::npos);
    EXPECT_EQ(server.statistics().requests, requests + 1) << "the document's";
  }
  EXPECT_EQ(other.statistics().connections, 0u);
}

TEST_F(LinkedCalls, StayBelowThePathOfTheBaseUrl) {
  sandbox prefixed({.path_prefix = "/api/v1", .integrations = 1});
  EXPECT_TRUE(validate(ref(0), config_for(prefixed))->valid);
  EXPECT_TRUE(trigger(ref(0), config_for(prefixed)));
  EXPECT_EQ(prefixed.hooks().size(), 1u);
  prefixed.put_raw("project-0", "linked",
                   document("{" + link("#validate", "/elsewhere/validate") + "}"));
  EXPECT_EQ(validate(linked, config_for(prefixed)).error(), errc::decode_failed);
}

TEST_F(LinkedCalls, RefuseAHostileLink) {
  for (const char* href : {"//evil.example/x", "https://u:p@evil.example/x", "ftp://evil.example/x",
                           "/x#y", "/x\\r\\nHost: evil", "/a b", "/%2e%2e/x"}) {
    serve("{" + link("#validate", href) + "," + link("#hook", href) + "}");
    EXPECT_EQ(validate(linked).error(), errc::decode_failed) << href;
    EXPECT_EQ(trigger(linked).error().decode()->pointer, "/_links/#hook/href") << href;
  }
  serve("{" + link("self", "mailto:x") + "," + link("#hook", "/y") + "}");
  EXPECT_EQ(trigger(linked).error().decode()->pointer, "/_links/self/href");
}

// ---- the URL of a hook

TEST_F(LinkedCalls, GiveTheUrlOfAHookAndSendNothingThere) {
  const std::pair<std::string, std::string> cases[] = {
      {"{" + link("self", "https://eu-5.platform.sh/api/projects/p/integrations/i") + "," +
           link("#hook", "i/hook?x=1") + "}",
       "https://eu-5.platform.sh/api/projects/p/integrations/i/hook?x=1"},
      {"{" + link("self", "https://eu-5.platform.sh/api/projects/p/integrations/i") + "," +
           link("#hook", "/api/projects/p/../p/integrations/i/hook") + "}",
       "https://eu-5.platform.sh/api/projects/p/integrations/i/hook"},
      {"{" + link("#hook", "https:\\/\\/HOOKS.example:8443\\/a%20b") + "}",
       "https://hooks.example:8443/a%20b"},
      {"{" + link("#hook", "http://hooks.example") + "}", "http://hooks.example/"},
      {"{" + link("self", "https://[2001:db8::1]:444/p/i") + "," + link("#hook", "?t=1") + "}",
       "https://[2001:db8::1]:444/p/i?t=1"},
      {"{" + link("#hook", "linked/hook") + "}", server.url() + path + "/hook"},
  };
  for (const auto& [links, url] : cases) {
    serve(links);
    const auto requests = server.statistics().requests;
    EXPECT_EQ(hook_url(linked).value(), url) << links;
    EXPECT_EQ(server.statistics().requests, requests + 1) << "the document's";
  }
  EXPECT_TRUE(server.hooks().empty());
}

TEST_F(LinkedCalls, GiveTheUrlOfAHookOnTheRegionalHost) {
  const std::string url = hook_url(ref(3)).value();
  EXPECT_TRUE(url.starts_with("https://")) << url;
  EXPECT_TRUE(url.ends_with("/projects/project-0/integrations/integration-3/hook")) << url;
}

TEST_F(LinkedCalls, RefuseTheUrlOfAHookThatIsNone) {
  serve("{}");
  EXPECT_EQ(hook_url(linked).error(), condition::unsupported);
  EXPECT_NE(hook_url(linked).error().message().find("[GET /projects/"), std::string::npos);
  for (const char* href : {"//evil.example/x", "https://u:p@evil.example/x", "mailto:x", "/x#y"}) {
    serve("{" + link("#hook", href) + "}");
    EXPECT_EQ(hook_url(linked).error().decode()->pointer, "/_links/#hook/href") << href;
  }
  EXPECT_EQ(hook_url({project(), integration_id("none")}).error(), errc::not_found);
  EXPECT_EQ(hook_url({project(), integration_id("")}).error(), errc::invalid_argument);
}

// ---- hooks

TEST_F(LinkedCalls, TriggerAHookOnTheRegionalHostWithoutTheToken) {
  ASSERT_TRUE(trigger(ref(3)));
  const auto hooks = server.hooks();
  ASSERT_EQ(hooks.size(), 1u);
  EXPECT_EQ(hooks[0].integration, "integration-3");
  EXPECT_EQ(hooks[0].body, "{}");
  EXPECT_FALSE(hooks[0].with_token);
  EXPECT_EQ(server.statistics().connections, 2u);
}

TEST_F(LinkedCalls, TriggerAHookOnTheOwnHostWithoutTheTokenEither) {
  serve("{" + link("#hook", path + "/hook") + "}");
  for (const credentials& any : {credentials(bearer_token(server.token())),
                                 credentials(api_token(server.api_token(), server.url()))}) {
    auto config = config_for(server);
    config.credentials = any;
    ASSERT_TRUE(trigger(linked, config));
  }
  ASSERT_EQ(server.hooks().size(), 2u);
  for (const auto& each : server.hooks()) EXPECT_FALSE(each.with_token);
}

TEST_F(LinkedCalls, TriggerAHookOnAnyLoopbackAddressByPlainHttp) {
  sandbox plain({.tls = false});
  serve("{" + link("self", plain.url() + "/projects/project-0/integrations/integration-0") + "," +
        link("#hook", "integration-1/hook?x=1") + "}");
  ASSERT_TRUE(trigger(linked));
  EXPECT_EQ(plain.hooks().at(0).integration, "integration-1");
  EXPECT_FALSE(plain.hooks().at(0).with_token);
}

TEST_F(LinkedCalls, SendNothingOfTheCallersToAHook) {
  test::scripted_server listener(
      {test::read_head(), test::read_bytes(2), test::send("HTTP/1.1 204 No Content\r\n\r\n")});
  serve("{" + link("self", listener.url() + "/p/i") + "," + link("#hook", "hook") + "}");
  call_options options;
  options.header("X-Callers-Own", "x")
      .trace("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  ASSERT_TRUE(trigger(linked, config_for(server), options));
  const std::string request = listener.received();
  EXPECT_TRUE(request.starts_with(
      "POST /p/hook HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(listener.port()) + "\r\n"))
      << request;
  EXPECT_TRUE(request.ends_with("\r\n\r\n{}")) << request;
  for (const char* name : {"authorization", "Authorization", "X-Callers-Own", "traceparent"})
    EXPECT_EQ(request.find(name), std::string::npos) << name;
}

TEST_F(LinkedCalls, LeaveNothingBehindWhenTheirContextIsDestroyed) {
  server.inject({});
  server.inject({.kind = fault_kind::silent}, 0);
  auto held = std::make_shared<int>();
  const std::weak_ptr<int> left = held;
  {
    asio::io_context io;
    const auto hook = [&](std::shared_ptr<int>) -> awaitable<void> {
      client client(co_await asio::this_coro::executor, config_for(server));
      auto never = co_await client.async_trigger_hook(ref(0));
      ADD_FAILURE() << "completed: " << never.has_value();
    };
    asio::co_spawn(io, hook(std::move(held)), asio::detached);
    while (server.statistics().requests < 2) io.run_one_for(10ms);
    EXPECT_FALSE(left.expired());
  }
  EXPECT_TRUE(left.expired());
}

TEST_F(LinkedCalls, RefusePlainHttpBeyondThisMachine) {
  serve("{" + link("self", "http://hooks.invalid/x") + "," + link("#hook", "y") + "}");
  const error refused = trigger(linked).error();
  EXPECT_EQ(refused, errc::decode_failed);
  EXPECT_NE(refused.message().find("plain http"), std::string::npos);
  auto config = config_for(server);
  config.allow_plain_http = true;
  EXPECT_EQ(trigger(linked, config).error(), condition::connection) << "allowed, and not there";
}

TEST_F(LinkedCalls, VerifyTheCertificateOfAHook) {
  sandbox other;
  serve("{" + link("#hook", other.url() + path + "/hook") + "}");
  EXPECT_EQ(trigger(linked).error(), errc::tls_certificate_refused) << "of another authority";
  EXPECT_TRUE(other.hooks().empty());
}

TEST_F(LinkedCalls, TakeAnySuccessfulResponseToAHook) {
  server.inject({});
  server.inject(
      {.kind = fault_kind::status, .status = 202, .body = "thanks", .content_type = "text/plain"});
  EXPECT_TRUE(trigger(ref(0)));
  server.inject({});
  server.inject({.kind = fault_kind::status, .status = 400, .body = R"({"message":"no"})"});
  EXPECT_EQ(trigger(ref(0)).error(), errc::bad_request);
}

TEST_F(LinkedCalls, TriggerAHookOnce) {
  auto config = config_for(server);
  config.retry = {.max_attempts = 3, .base = 0ms};
  server.inject({});
  server.inject({.kind = fault_kind::close_before_reply});
  const error lost = trigger(ref(0), config).error();
  EXPECT_EQ(lost, condition::connection);
  EXPECT_FALSE(lost.safe_to_retry());
  EXPECT_EQ(server.hooks().size(), 1u);
}

TEST_F(LinkedCalls, EndAtTheDeadlineOfTheWhole) {
  server.inject({});
  server.inject({.kind = fault_kind::silent}, 0);
  EXPECT_EQ(trigger(ref(0), config_for(server), call_options().timeout(200ms)).error(),
            errc::deadline_exceeded);
}

TEST_F(LinkedCalls, CanBeCancelledAndOutliveTheirClient) {
  for (const bool by_caller : {true, false}) {
    server.clear_faults();
    server.inject({});
    server.inject({.kind = fault_kind::silent}, 0);
    const auto before = server.statistics().requests;
    asio::io_context io;
    std::optional<client> under_test(std::in_place, io.get_executor(), config_for(server));
    asio::cancellation_signal cancel;
    auto hook = under_test->async_trigger_hook(
        ref(0), asio::bind_cancellation_slot(cancel.slot(), asio::use_future));
    while (server.statistics().requests < before + 2) io.run_one_for(10ms);
    if (by_caller) {
      cancel.emit(asio::cancellation_type::total);
      while (hook.wait_for(0s) != std::future_status::ready) io.run_one();
    }
    under_test.reset();
    io.run();
    EXPECT_EQ(hook.get().error(), errc::cancelled);
  }
}

TEST_F(LinkedCalls, GoThroughATransportOfTheCallersToItsOwnHostOnly) {
  run([&]() -> awaitable<void> {
    const auto executor = co_await asio::this_coro::executor;
    auto transport = std::make_shared<fake_transport>(executor);
    client client(executor, {.base_url = "https://a.example/v1",
                             .credentials = api_token("t0", "https://a.example"),
                             .transport = transport});
    transport->push(
        fake_transport::json(R"({"access_token":"t1","expires_in":900,"token_type":"bearer"})"));
    transport->push(fake_transport::json(document("{" + link("#hook", "/v1/h?x=y") + "}")));
    transport->push(fake_transport::json("{}"));
    auto own = co_await client.async_trigger_hook(linked);
    EXPECT_TRUE(own);
    const http_request last = transport->requests().back();
    EXPECT_EQ(last.target, "/v1/h?x=y");
    EXPECT_EQ(last.method, "POST");
    EXPECT_EQ(last.body, "{}");
    EXPECT_EQ(last.authorization, nullptr);
    EXPECT_NE(transport->requests()[1].authorization, nullptr);

    transport->push(
        fake_transport::json(document("{" + link("#hook", "https://b.example/h") + "}")));
    auto foreign = co_await client.async_trigger_hook(linked);
    EXPECT_EQ(foreign.error(), errc::connect_failed);
    EXPECT_EQ(transport->requests().size(), 4u);

    transport->push(fake_transport::json(document("{}")));
    auto again = co_await client.async_validate_integration(linked);
    EXPECT_EQ(again.error(), errc::unsupported) << "the transport is open still";
  });
}

}  // namespace links_test
}  // namespace upsun::testing
