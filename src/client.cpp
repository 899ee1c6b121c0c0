#include <upsun/client.hpp>

#include <boost/asio/any_completion_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>

#include <upsun/codec.hpp>
#include <upsun/transport.hpp>

#include <optional>

#include "api/integrations.hpp"
#include "http/http_transport.hpp"
#include "http/origin.hpp"
#include "http/request_head.hpp"

namespace asio = boost::asio;

namespace upsun {
namespace detail {

using clock = std::chrono::steady_clock;

class client_impl {
 public:
  client_impl(asio::any_io_executor io, client_config settings) : executor(std::move(io)), config(std::move(settings)) {
    config.validate();
    http::origin origin;
    (void)http::parse_origin(config.base_url, origin);
    prefix = origin.prefix;
    decoding = {.policy = config.decode_policy, .max_depth = config.limits.json_depth, .max_bytes = config.limits.body_bytes};
    network = config.transport ? config.transport : http::make_transport(executor, config, origin);
  }

  asio::any_io_executor executor;
  client_config config;
  std::string prefix;
  decode_options decoding;
  std::shared_ptr<upsun::transport> network;
};

}  // namespace detail

namespace {

using detail::client_impl;
using detail::clock;

/// What a response's body becomes.
template <class T>
using decoder = result<T> (*)(const client_impl&, const http_response&);

result<integration> decode_one(const client_impl& client, const http_response& response) {
  std::optional<decode_mismatch> drift;
  auto decoded = decode_integration(response.body, client.decoding, &drift);
  if (drift && client.config.observer) client.config.observer->on_drift({decoded ? std::string_view(decoded->type) : std::string_view(), *drift});
  return decoded;
}

/// Keeps both contexts running until an operation's handler was called: the client's, where the operation goes on, and the handler's own.
struct pending_work {
  template <class Handler>
  pending_work(const client_impl& client, const Handler& handler)
      : io(asio::prefer(client.executor, asio::execution::outstanding_work.tracked)),
        completion(
            asio::prefer(asio::get_associated_executor(handler, asio::any_completion_executor(client.executor)), asio::execution::outstanding_work.tracked)) {}

  asio::any_io_executor io;
  asio::any_completion_executor completion;
};

/// One call, from admission to its handler.
template <class T>
class call : public std::enable_shared_from_this<call<T>> {
 public:
  using handler_type = asio::any_completion_handler<void(result<T>)>;

  call(std::shared_ptr<client_impl> client, handler_type handler, call_options options, decoder<T> decode)
      : client_(std::move(client)),
        work_(*client_, handler),
        handler_(std::move(handler)),
        options_(std::move(options)),
        decode_(decode) {}

  void start(result<api::operation> operation) {
    if (!operation) return refuse(operation.error());
    operation_ = std::move(*operation);
    if (auto problem = check_options()) {
      error_details details;
      details.cause = std::move(*problem);
      return refuse(error(errc::invalid_argument, std::move(details)));
    }
    http_request request;
    request.method = operation_.method;
    request.target.reserve(client_->prefix.size() + operation_.path.size());
    request.target.append(client_->prefix).append(operation_.path);
    request.headers = options_.headers();
    request.body = std::move(operation_.body);
    request.idempotent = operation_.idempotent;
    request.deadline = started_ + (options_.timeout().count() != 0 ? options_.timeout() : client_->config.timeouts.total);
    request.attempt_timeout = options_.attempt_timeout().count() != 0 ? options_.attempt_timeout() : client_->config.timeouts.attempt;
    ++attempts_;
    client_->network->async_send(std::move(request), attempt_handler{this->shared_from_this(), asio::get_associated_cancellation_slot(handler_)});
  }

 private:
  /// Passes the caller's cancellation on to the attempt under way.
  struct attempt_handler {
    std::shared_ptr<call> self;
    asio::cancellation_slot slot;

    using cancellation_slot_type = asio::cancellation_slot;
    [[nodiscard]] cancellation_slot_type get_cancellation_slot() const noexcept { return slot; }
    void operator()(const result<http_response>& response) { self->on_response(response); }
  };

  [[nodiscard]] std::optional<std::string> check_options() const {
    constexpr auto longest = std::chrono::hours(24);
    for (const auto t : {options_.timeout(), options_.attempt_timeout()}) {
      if (t.count() < 0 || t > longest) return "a timeout of the call's options is not from 0 to 24 h";
    }
    for (const auto& [name, value] : options_.headers()) {
      if (auto problem = http::refuse_header(name, value)) return "header of the call's options: " + *problem;
    }
    return std::nullopt;
  }

  void on_response(const result<http_response>& response) {
    if (!response) return finish(response.error(), nullptr);
    const auto answered = api::check_answer(*response);
    finish(answered ? decode_(*client_, *response) : result<T>(answered.error()), &*response);
  }

  /// Before anything was sent. This runs inside the initiating function, so the handler has to be posted.
  void refuse(const error& why) {
    asio::post(client_->executor, [self = this->shared_from_this(), why] { self->finish(why, nullptr); });
  }

  void finish(result<T>&& outcome, const http_response* response) {
    if (!outcome) outcome = complete_error(outcome.error(), response);
    call_timings timings = response != nullptr ? response->timings : call_timings{};
    timings.total = clock::now() - started_;
    if (const auto& observer = client_->config.observer) {
      const error failed_with = outcome ? error() : outcome.error();
      const error* failure = outcome ? nullptr : &failed_with;
      observer->on_call({.method = failure != nullptr ? failure->details().method : operation_.method,
                         .path_template = failure != nullptr ? failure->details().path_template : operation_.path_template,
                         .status = response != nullptr ? response->status : 0,
                         .failure = failure,
                         .attempts = failure != nullptr ? failure->details().attempts : attempts_,
                         .reused_connection = response != nullptr && response->reused_connection,
                         .timings = failure != nullptr ? failure->details().timings : timings});
    }
    if (response_info* info = options_.info(); info != nullptr && outcome) {
      *info = {.status = response->status,
               .request_id = response->request_id,
               .attempts = attempts_,
               .reused_connection = response->reused_connection,
               .timings = timings};
    }
    asio::dispatch(work_.completion, [handler = std::move(handler_), outcome = std::move(outcome)]() mutable { std::move(handler)(std::move(outcome)); });
  }

  /// Adds what only the call knows.
  error complete_error(const error& e, const http_response* response) const {
    error_details details = e.details();
    if (details.method.empty()) {
      details.method = operation_.method;
      details.path_template = operation_.path_template;
    }
    details.attempts = attempts_ - (attempts_ > 0 && details.phase < phase::write ? 1 : 0);  // the last did not come to an exchange
    if (response != nullptr) {
      details.status = response->status;
      details.request_id = response->request_id;
      details.timings = response->timings;
    }
    details.timings.total = clock::now() - started_;
    details.safe_to_retry = e != errc::invalid_argument && (operation_.idempotent || details.phase < phase::write);
    return {e.code(), std::move(details)};
  }

  const std::shared_ptr<client_impl> client_;
  const clock::time_point started_ = clock::now();
  const pending_work work_;
  handler_type handler_;
  const call_options options_;
  const decoder<T> decode_;
  api::operation operation_;
  unsigned attempts_ = 0;
};

}  // namespace

client::client(asio::any_io_executor executor, client_config config) : impl_(std::make_shared<client_impl>(std::move(executor), std::move(config))) {}
client::client(client&&) noexcept = default;

client& client::operator=(client&& other) noexcept {
  client old(std::move(*this));
  impl_ = std::move(other.impl_);
  return *this;
}

client::~client() {
  if (impl_) impl_->network->shutdown();
}

asio::any_io_executor client::get_executor() const noexcept { return impl_->executor; }

pool_statistics client::statistics() const { return impl_->network->statistics(); }

void client::start_get_integration(std::shared_ptr<client_impl> impl, project_id project, integration_id integration, call_options options,
                                   handler_for<upsun::integration> handler) {
  const auto allocator = asio::recycling_allocator<void>();
  std::allocate_shared<call<upsun::integration>>(allocator, std::move(impl), std::move(handler), std::move(options), &decode_one)
      ->start(api::get_integration(project, integration));
}

void client::start_close(std::shared_ptr<client_impl> impl, std::chrono::milliseconds grace, handler_for<close_report> handler) {
  const pending_work work(*impl, handler);
  const auto slot = asio::get_associated_cancellation_slot(handler);
  impl->network->async_close(grace, asio::bind_cancellation_slot(slot, [handler = std::move(handler), work](close_report report) mutable {
                               asio::dispatch(work.completion, [handler = std::move(handler), report]() mutable { std::move(handler)(report); });
                             }));
}

}  // namespace upsun
