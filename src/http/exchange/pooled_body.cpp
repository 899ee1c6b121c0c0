#include "http/exchange/pooled_body.hpp"

#include <utility>

#include "model/make_error.hpp"
#include "util/on_cancel.hpp"

namespace upsun::http {

/// What the user has of it. The exchange has the body itself, and must not keep it open.
class pooled_body::handle final : public response_stream {
 public:
  explicit handle(std::shared_ptr<pooled_body> of) : of_(std::move(of)) {}
  ~handle() override { of_->close(); }

  void async_read(read_handler handler) override { of_->read(std::move(handler)); }
  void close() noexcept override { of_->close(); }

 private:
  const std::shared_ptr<pooled_body> of_;
};

pooled_body::pooled_body(const boost::asio::any_io_executor& executor,
                         std::chrono::milliseconds idle_timeout, transport::open_handler handler)
    : idle_timeout_(idle_timeout), reader_(executor) {
  reader_.open(handler);
}

// ---- from the exchange

void pooled_body::on_head(http_response&& head) {
  const std::scoped_lock lock(mutex_);
  if (!reader_.opening()) return;
  has_head_ = true;
  reader_.opened(streamed_response{.head = std::move(head),
                                   .body = std::make_shared<handle>(shared_from_this())});
}

std::size_t pooled_body::on_data(std::string_view bytes) {
  const std::scoped_lock lock(mutex_);
  reader_.add(bytes);
  return reader_.serve();
}

void pooled_body::on_end(result<http_response>&& outcome) {
  const std::scoped_lock lock(mutex_);
  if (!outcome) return reader_.fail(std::move(outcome).error());
  if (!has_head_)
    return reader_.opened(streamed_response{.head = std::move(*outcome), .body = nullptr});
  reader_.end();
  reader_.serve();
}

transport::open_handler pooled_body::take_handler() {
  const std::scoped_lock lock(mutex_);
  return reader_.take_opener();
}

// ---- from the user

void pooled_body::read(response_stream::read_handler handler) {
  util::on_cancel(handler, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->cancel_read();
  });
  std::size_t size = 0;
  {
    const std::scoped_lock lock(mutex_);
    reader_.ask(handler);
    size = reader_.serve();
    if (reader_.waits() && idle_timeout_.count() > 0) {
      reader_.set_timer(std::chrono::steady_clock::now() + idle_timeout_,
                        [weak = weak_from_this()](std::uint64_t number) {
                          if (const auto self = weak.lock()) self->on_idle(number);
                        });
    }
  }
  if (size > 0) by_.give_back(size);
}

void pooled_body::cancel_read() {
  const std::scoped_lock lock(mutex_);
  (void)reader_.cancel();
}

void pooled_body::on_idle(std::uint64_t number) {
  {
    const std::scoped_lock lock(mutex_);
    if (!reader_.is_due(number)) return;
    reader_.fail(model::make_error(errc::attempt_timeout, phase::read_body,
                                   "nothing came within the idle timeout"));
  }
  by_.end(errc::attempt_timeout);
}

void pooled_body::close() noexcept {
  {
    const std::scoped_lock lock(mutex_);
    if (reader_.is_over()) return;
    reader_.fail(model::make_error(errc::cancelled, phase::read_body, {}));
  }
  by_.end(errc::cancelled);
}

}  // namespace upsun::http
