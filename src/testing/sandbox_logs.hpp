#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <upsun/model/timestamp.hpp>

namespace upsun::testing {

/// What one stream of a log sends, as the log grows. Thread safety: every member, from any thread.
class log_reader {
 public:
  struct batch {
    std::vector<std::string> items;  ///< Lines, with their ends.
    bool cut = false;                ///< Behind them the connection breaks.
    bool over = false;               ///< Behind them the stream ends in order.
  };

  virtual ~log_reader() = default;
  /// What has come since the last time.
  [[nodiscard]] virtual batch take() = 0;
  /// Has `changed` called, from any thread, whenever there may be more to take.
  virtual void watch(std::function<void()> changed) = 0;
};

/// What a log belongs to: the path of what its activity belongs to, and the activity's id.
using log_name = std::pair<std::string, std::string>;

/// The logs that tests gave to activities. Thread safety: every member, from any thread.
class sandbox_logs {
 public:
  void put(const log_name& of, const std::vector<std::string>& messages, timestamp now);
  void append(const log_name& of, std::string_view message, timestamp now);
  void seal(const log_name& of);
  void cut(const log_name& of, std::size_t lines, std::size_t count);

  /// A stream of a log; null when it has none. \param query of the request's target, without its
  /// question mark: `start_at` is the first id that is sent, `max_items` the number after which the
  /// stream ends.
  [[nodiscard]] std::shared_ptr<log_reader> open(const log_name& of, std::string_view query);

 private:
  class reader;
  struct log {
    std::mutex mutex;
    std::vector<std::string> items;
    bool sealed = false;
    std::deque<std::size_t> cuts;  // of the streams to come, in their order
    std::vector<std::weak_ptr<reader>> readers;

    void add(std::string_view message, timestamp now);
    void notify(std::unique_lock<std::mutex> lock);
  };

  [[nodiscard]] std::shared_ptr<log> find(const log_name& of) const;
  [[nodiscard]] std::shared_ptr<log> find_or_make(const log_name& of);

  mutable std::mutex mutex_;
  std::map<log_name, std::shared_ptr<log>> all_;
};

/// The log of an activity that was not given one: the lines of its text, and the seal if nothing
/// more will come.
[[nodiscard]] std::string log_of_text(std::string_view text, timestamp written, bool done);

}  // namespace upsun::testing
