#include "http/net/context_end.hpp"

#include <boost/asio/execution_context.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/strand.hpp>

#include <algorithm>
#include <mutex>
#include <vector>

namespace asio = boost::asio;

namespace upsun::http {
namespace {

/// One per execution context that clients run on.
class context_end final : public asio::execution_context::service {
 public:
  using key_type = context_end;
  static inline asio::execution_context::id id;

  explicit context_end(asio::execution_context& context)
      : asio::execution_context::service(context) {}

  void add(const std::shared_ptr<ends_with_context>& one) {
    const std::scoped_lock lock(mutex_);
    std::erase_if(ending_, [](const auto& known) { return known.expired(); });
    ending_.push_back(one);
  }

 private:
  void shutdown() override {
    std::vector<std::weak_ptr<ends_with_context>> ending;
    {
      const std::scoped_lock lock(mutex_);
      ending.swap(ending_);
    }
    for (const auto& one : ending) {
      if (const auto alive = one.lock()) alive->shutdown();
    }
  }

  std::mutex mutex_;
  std::vector<std::weak_ptr<ends_with_context>> ending_;
};

}  // namespace

void end_with_context(const asio::any_io_executor& executor,
                      const std::shared_ptr<ends_with_context>& ending) {
  // Services end in the reverse of the order in which they began: those that carry our work must
  // have begun before ours.
  const auto strand = asio::make_strand(executor);
  const asio::generic::stream_protocol::socket socket(executor);
  const asio::posix::stream_descriptor descriptor(executor);
  const asio::ip::tcp::resolver resolver(executor);
  asio::use_service<context_end>(asio::query(executor, asio::execution::context)).add(ending);
}

}  // namespace upsun::http
