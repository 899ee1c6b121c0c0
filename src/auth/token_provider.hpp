#pragma once
#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <upsun/client_config.hpp>
#include <upsun/transport.hpp>
namespace upsun::auth {
struct token {
  std::shared_ptr<const std::string> authorization;
  std::uint64_t generation = 0;
};
class token_provider {
 public:
  std::optional<token> try_get() { return std::nullopt; }
  void async_get(std::chrono::steady_clock::time_point, boost::asio::any_completion_handler<void(result<token>)>) {}
  void invalidate(std::uint64_t) {}
  void shutdown() noexcept {}
};
inline std::shared_ptr<token_provider> make_token_provider(const boost::asio::any_io_executor&, const client_config&, const std::shared_ptr<transport>&) {
  return nullptr;
}
}  // namespace upsun::auth
