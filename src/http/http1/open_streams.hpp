#pragma once

#include <upsun/error.hpp>

#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include "http/http1/body_stream.hpp"
#include "http/net/clock.hpp"

namespace upsun::http {

/// The streams of one transport, which close with it. Thread safety: every member, from any thread.
class open_streams {
 public:
  /// A number for a dial, and for the connection it becomes, that no connection of the pool has.
  [[nodiscard]] connection_id next_id() noexcept {
    const std::scoped_lock lock(mutex_);
    return connection_id{first_id + ++last_};
  }
  /// \return false after `close_all`.
  [[nodiscard]] bool add(connection_id id, const std::shared_ptr<body_stream>& stream) {
    const std::scoped_lock lock(mutex_);
    if (!closed_) streams_.emplace(id, stream);
    return !closed_;
  }
  void remove(connection_id id) {
    const std::scoped_lock lock(mutex_);
    streams_.erase(id);
  }
  /// Closes them all, and refuses those to come.
  void close_all() {
    std::unordered_map<connection_id, std::weak_ptr<body_stream>> all;
    {
      const std::scoped_lock lock(mutex_);
      closed_ = true;
      all.swap(streams_);
    }
    for (const auto& [id, stream] : all) {
      if (const auto alive = stream.lock()) alive->close();
    }
  }

 private:
  static constexpr std::uint64_t first_id = std::uint64_t{1} << 63;

  std::mutex mutex_;
  std::uint64_t last_ = 0;
  std::unordered_map<connection_id, std::weak_ptr<body_stream>> streams_;
  bool closed_ = false;
};

}  // namespace upsun::http
