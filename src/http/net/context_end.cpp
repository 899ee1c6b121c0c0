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

#include "util/process_mark.hpp"

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
  [[nodiscard]] bool waits_here() const {
    const std::scoped_lock lock(mutex_);
    return waits_in_.made_here();
  }

 private:
  void shutdown() override { end_all(); }
  /// Asio's own services come first, since they began first.
  void notify_fork(asio::execution_context::fork_event event) override {
    if (event != asio::execution_context::fork_child) return;
    {
      const std::scoped_lock lock(mutex_);
      waits_in_ = {};
    }
    end_all();
  }
  void end_all() {
    std::vector<std::weak_ptr<ends_with_context>> ending;
    {
      const std::scoped_lock lock(mutex_);
      ending.swap(ending_);
    }
    for (const auto& one : ending) {
      if (const auto alive = one.lock()) alive->end_here();
    }
  }

  mutable std::mutex mutex_;
  util::process_mark waits_in_;
  std::vector<std::weak_ptr<ends_with_context>> ending_;
};

context_end& service_of(const asio::any_io_executor& executor) {
  return asio::use_service<context_end>(asio::query(executor, asio::execution::context));
}

}  // namespace

void end_with_context(const asio::any_io_executor& executor,
                      const std::shared_ptr<ends_with_context>& ending) {
  // Services end in the reverse of the order in which they began: those that carry our work must
  // have begun before ours.
  const auto strand = asio::make_strand(executor);
  const asio::generic::stream_protocol::socket socket(executor);
#if defined(BOOST_ASIO_HAS_POSIX_STREAM_DESCRIPTOR)
  const asio::posix::stream_descriptor descriptor(executor);
#endif
  const asio::ip::tcp::resolver resolver(executor);
  service_of(executor).add(ending);
}

bool waits_with_parent(const asio::any_io_executor& executor) {
  return !service_of(executor).waits_here();
}

}  // namespace upsun::http
