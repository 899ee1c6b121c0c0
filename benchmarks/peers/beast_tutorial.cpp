// A client as the tutorials of Beast and Boost.JSON show it: any_io_executor, tcp_stream's
// timeouts, string_body, new objects for each request, a DOM.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/json/src.hpp>

#include "peer.hpp"

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace json = boost::json;

struct bitbucket_integration {
  std::string id, type, role, created_at, updated_at;
  bool fetch_branches, prune_branches, build_pull_requests, pull_requests_clone_parent_data,
      resync_pull_requests;
  std::string environment_init_resources, repository, app_key, addon_key, client_key;
};

bitbucket_integration tag_invoke(json::value_to_tag<bitbucket_integration>,
                                 const json::value& value) {
  const json::object& o = value.as_object();
  const auto text = [](const json::value& member) { return json::value_to<std::string>(member); };
  return {text(o.at("id")),
          text(o.at("type")),
          text(o.at("role")),
          text(o.at("created_at")),
          text(o.at("updated_at")),
          o.at("fetch_branches").as_bool(),
          o.at("prune_branches").as_bool(),
          o.at("build_pull_requests").as_bool(),
          o.at("pull_requests_clone_parent_data").as_bool(),
          o.at("resync_pull_requests").as_bool(),
          text(o.at("environment_init_resources")),
          text(o.at("repository")),
          text(o.at("app_credentials").at("key")),
          text(o.at("addon_credentials").at("addon_key")),
          text(o.at("addon_credentials").at("client_key"))};
}

using stream_type = beast::ssl_stream<beast::tcp_stream>;

asio::awaitable<bitbucket_integration> fetch(stream_type& stream) {
  http::request<http::empty_body> request(http::verb::get, peer::target, 11);
  request.set(http::field::host, peer::host);
  request.set(http::field::user_agent, BOOST_BEAST_VERSION_STRING);
  request.set(http::field::accept, "application/json");
  request.set(http::field::authorization, std::string("Bearer ") + peer::token);
  beast::get_lowest_layer(stream).expires_after(std::chrono::seconds(30));
  co_await http::async_write(stream, request, asio::use_awaitable);
  beast::flat_buffer buffer;
  http::response<http::string_body> response;
  co_await http::async_read(stream, buffer, response, asio::use_awaitable);
  if (response.result() != http::status::ok) throw std::runtime_error("not 200");
  co_return json::value_to<bitbucket_integration>(json::parse(response.body()));
}

asio::awaitable<void> use_one_connection(asio::ssl::context& tls, const peer::options& opts,
                                         peer::measured_run& run) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  asio::ip::tcp::resolver resolver(executor);
  stream_type stream(executor, tls);
  stream.set_verify_callback(asio::ssl::host_name_verification(peer::host));
  const auto addresses =
      co_await resolver.async_resolve(peer::host, opts.port, asio::use_awaitable);
  beast::get_lowest_layer(stream).expires_after(std::chrono::seconds(30));
  co_await beast::get_lowest_layer(stream).async_connect(addresses, asio::use_awaitable);
  co_await stream.async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);
  while (run.start_one()) {
    const bitbucket_integration value = co_await fetch(stream);
    run.finish_one(value.repository == peer::repository);
  }
}

int run(const peer::options& opts) {
  asio::io_context io;
  asio::ssl::context tls(asio::ssl::context::tls_client);
  tls.load_verify_file(opts.ca_file);
  tls.set_verify_mode(asio::ssl::verify_peer);
  peer::measured_run run(opts.warmup, opts.requests);
  for (unsigned i = 0; i < opts.connections; ++i) {
    asio::co_spawn(io, use_one_connection(tls, opts, run), [](const std::exception_ptr& error) {
      if (error) std::rethrow_exception(error);
    });
  }
  io.run();
  return run.report("beast_tutorial");
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(peer::parse_options(argc, argv));
  } catch (const std::exception& e) {
    std::fprintf(stderr, "beast_tutorial: %s\n", e.what());
    return EXIT_FAILURE;
  }
}
