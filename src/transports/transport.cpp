#include <upsun/transport.hpp>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>

#include <utility>

namespace asio = boost::asio;

namespace upsun {

void transport::async_open_stream(http_request request, std::chrono::milliseconds,
                                  open_handler handler) {
  const auto slot = asio::get_associated_cancellation_slot(handler);
  const auto executor = asio::get_associated_executor(handler);
  auto on_answer = [handler = std::move(handler)](result<http_response> answer) mutable {
    if (!answer) return std::move(handler)(answer.error());
    std::move(handler)(streamed_response{.head = std::move(*answer), .body = nullptr});
  };
  async_send(std::move(request), asio::bind_cancellation_slot(
                                     slot, asio::bind_executor(executor, std::move(on_answer))));
}

}  // namespace upsun
