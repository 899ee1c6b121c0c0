#include "auth/token_request.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <exception>
#include <string_view>
#include <utility>
#include <variant>

#include "auth/token_exchange.hpp"
#include "model/make_error.hpp"
#include "util/ascii.hpp"

namespace asio = boost::asio;

namespace upsun::auth {
namespace {

error source_failure(std::string cause) {
  return token_failure(
      "token source", model::make_error(errc::token_source_failed, phase::token, std::move(cause)));
}

result<issued_token> check(const result<access_token>& given) {
  if (!given)
    return given.error().code() ? token_failure("token source", given.error())
                                : source_failure("gave an error without a code");
  if (!util::is_b64token(given->token().reveal()))
    return source_failure(
        "gave a token that is empty or holds a character that RFC 6750 does not allow");
  if (given->expires_in().count() <= 0) return source_failure("gave a token that has expired");
  return issued_token{.access_token = given->token().reveal(), .lifetime = given->expires_in()};
}

/// The exception being handled, as an error.
error thrown() {
  try {
    throw;
  } catch (const call_failed& e) {
    return token_failure("token source", e.error());
  } catch (const std::exception& e) {
    return source_failure(std::string("threw: ") + e.what());
  } catch (...) {
    return source_failure("threw something that is no std::exception");
  }
}

asio::awaitable<void> run(std::shared_ptr<token_request> request,
                          token_source::coroutine_function function) {
  result<issued_token> outcome = errc::token_source_failed;
  try {
    auto pending = function();
    const auto given = co_await std::move(pending);
    outcome = check(given);
  } catch (...) {
    outcome = thrown();
  }
  request->complete(std::move(outcome));
}

/// The handler that a callback function gets. It completes the request even when it is dropped.
class source_handler {
 public:
  explicit source_handler(std::shared_ptr<token_request> request) noexcept
      : request_(std::move(request)) {}
  source_handler(source_handler&&) noexcept = default;
  source_handler(const source_handler&) = delete;
  source_handler& operator=(const source_handler&) = delete;
  source_handler& operator=(source_handler&&) = delete;
  ~source_handler() {
    if (!request_) return;
    // Later, since the exception that drops it, if there is one, has the better cause.
    asio::post(request_->strand(),
               [request = request_] { request->complete(source_failure("dropped its handler")); });
  }

  void operator()(const result<access_token>& given) {
    std::exchange(request_, nullptr)->complete(check(given));
  }

 private:
  std::shared_ptr<token_request> request_;
};

void call(const std::shared_ptr<token_request>& request,
          const token_source::callback_function& function) {
  try {
    function(asio::bind_cancellation_slot(
        request->slot(), asio::bind_executor(request->strand(), source_handler(request))));
  } catch (...) {
    request->complete(thrown());
  }
}

}  // namespace

void token_request::cancel() {
  asio::post(strand_, [self = shared_from_this()] {
    self->cancel_.emit(asio::cancellation_type::terminal);
  });
}

start_function start_exchanges(std::shared_ptr<transport> network, std::string prefix,
                               secret api_token, std::chrono::milliseconds timeout) {
  return
      [network = std::move(network), prefix = std::move(prefix), api_token = std::move(api_token),
       timeout](const std::shared_ptr<token_request>& request, const token_grant& grant,
                std::chrono::steady_clock::time_point deadline) {
        http_request exchange = make_exchange(prefix, api_token, grant);
        exchange.deadline = deadline;
        exchange.attempt_timeout = timeout;
        auto received = [request, api_token, grant](result<http_response> response) {
          request->complete(
              response ? parse_exchange(*response, api_token, grant)
                       : result<issued_token>(token_failure("token exchange", response.error())));
        };
        network->async_send(std::move(exchange),
                            asio::bind_cancellation_slot(request->slot(), std::move(received)));
      };
}

start_function start_source_calls(token_source source) {
  return [source = std::move(source)](const std::shared_ptr<token_request>& request,
                                      const token_grant&, std::chrono::steady_clock::time_point) {
    if (const auto* function = std::get_if<token_source::coroutine_function>(&source.function())) {
      // The slot's content belongs to the coroutine, so the request has to outlive its very end.
      auto ended = [request](const std::exception_ptr&) {};
      asio::co_spawn(request->strand(), run(request, *function),
                     asio::bind_cancellation_slot(request->slot(), std::move(ended)));
    } else {
      call(request, std::get<token_source::callback_function>(source.function()));
    }
  };
}

}  // namespace upsun::auth
