#include "auth/token_flight.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <exception>
#include <new>
#include <string_view>
#include <utility>
#include <variant>

#include "auth/token_exchange.hpp"
#include "auth/token_failure.hpp"
#include "util/b64token.hpp"

namespace asio = boost::asio;

namespace upsun::auth {
namespace {

error source_failure(std::string cause) {
  error_details details;
  details.cause = std::move(cause);
  return token_failure("token source", {errc::token_source_failed, std::move(details)});
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

/// The exception being handled.
error thrown() {
  try {
    throw;
  } catch (const std::bad_alloc&) {
    return errc::out_of_memory;
  } catch (const call_failed& e) {
    return token_failure("token source", e.error());
  } catch (const std::exception& e) {
    return source_failure(std::string("threw: ") + e.what());
  } catch (...) {
    return source_failure("threw something that is no std::exception");
  }
}

asio::awaitable<void> run(std::shared_ptr<token_flight> flight,
                          token_source::coroutine_function function) {
  result<issued_token> answer = errc::token_source_failed;
  try {
    auto asked = function();
    const auto given = co_await std::move(asked);
    answer = check(given);
  } catch (...) {
    answer = thrown();
  }
  flight->finish(std::move(answer));
}

/// What a callback function is given as its handler; answers even when it is dropped.
class source_reply {
 public:
  explicit source_reply(std::shared_ptr<token_flight> flight) noexcept
      : flight_(std::move(flight)) {}
  source_reply(source_reply&&) noexcept = default;
  source_reply(const source_reply&) = delete;
  source_reply& operator=(const source_reply&) = delete;
  source_reply& operator=(source_reply&&) = delete;
  ~source_reply() {
    if (!flight_) return;
    try {
      // Later, so that an exception which drops it says why.
      asio::post(flight_->strand(),
                 [flight = flight_] { flight->finish(source_failure("dropped its handler")); });
    } catch (const std::bad_alloc&) {
      flight_->finish(errc::out_of_memory);
    }
  }

  void operator()(const result<access_token>& given) {
    std::exchange(flight_, nullptr)->finish(check(given));
  }

 private:
  std::shared_ptr<token_flight> flight_;
};

void call(const std::shared_ptr<token_flight>& flight,
          const token_source::callback_function& function) {
  try {
    function(asio::bind_cancellation_slot(
        flight->slot(), asio::bind_executor(flight->strand(), source_reply(flight))));
  } catch (...) {
    flight->finish(thrown());
  }
}

}  // namespace

void token_flight::stop() noexcept {
  if (!strand_) {
    const std::scoped_lock lock(mutex_);
    stopped_ = true;
    return cancel_.emit(asio::cancellation_type::terminal);
  }
  try {
    asio::post(*strand_, [self = shared_from_this()] {
      self->cancel_.emit(asio::cancellation_type::terminal);
    });
  } catch (const std::bad_alloc&) {
  }
}

issue_function issue_by_exchange(std::shared_ptr<transport> network, std::string prefix,
                                 secret api_token, std::chrono::milliseconds timeout) {
  return
      [network = std::move(network), prefix = std::move(prefix), api_token = std::move(api_token),
       timeout](const std::shared_ptr<token_flight>& flight, const token_request& wanted,
                std::chrono::steady_clock::time_point deadline) {
        http_request request = make_exchange(prefix, api_token, wanted);
        request.deadline = deadline;
        request.attempt_timeout = timeout;
        auto answered = [flight, api_token, wanted](result<http_response> response) {
          result<issued_token> issued = errc::out_of_memory;
          try {
            issued = response ? parse_exchange(*response, api_token, wanted)
                              : result<issued_token>(exchange_failure(response.error()));
          } catch (const std::bad_alloc&) {
          }
          flight->finish(std::move(issued));
        };
        flight->begin([&] {
          network->async_send(std::move(request),
                              asio::bind_cancellation_slot(flight->slot(), std::move(answered)));
        });
      };
}

issue_function issue_by_source(token_source source) {
  return [source = std::move(source)](const std::shared_ptr<token_flight>& flight,
                                      const token_request&, std::chrono::steady_clock::time_point) {
    if (const auto* function = std::get_if<token_source::coroutine_function>(&source.function())) {
      // What the slot holds is part of the coroutine, so the flight has to outlive its very end.
      auto ended = [flight](const std::exception_ptr&) {};
      asio::co_spawn(flight->strand(), run(flight, *function),
                     asio::bind_cancellation_slot(flight->slot(), std::move(ended)));
    } else {
      call(flight, std::get<token_source::callback_function>(source.function()));
    }
  };
}

}  // namespace upsun::auth
