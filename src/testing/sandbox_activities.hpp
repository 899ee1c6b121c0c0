#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <upsun/model/activity.hpp>
#include <upsun/model/ids.hpp>

#include "testing/reply.hpp"

namespace upsun::testing {

/// How long an activity waits, and then works.
struct activity_pace {
  std::chrono::milliseconds pending;
  std::chrono::milliseconds running;
};

/// The path of what the activities belong to, such as `/projects/p/environments/feature%2Fx`.
[[nodiscard]] std::string path_of(const activity_scope& of);

/// The activities of the sandbox's projects, environments and integrations. They progress with
/// time: what one looks like follows from when it was made and what time it is. No clock, no lock
/// of its own.
class sandbox_activities {
 public:
  /// \param path_prefix what stands before `/projects` in the links.
  sandbox_activities(activity_pace pace, std::string path_prefix)
      : pace_(pace), path_prefix_(std::move(path_prefix)) {}

  /// Makes one of an integration that begins now. \return its JSON
  std::string add(const integration_ref& of, std::string_view type, timestamp now);
  /// Stores one as it is for good; it takes the place of one with its id.
  void put(const activity_scope& of, upsun::activity value);
  /// Stores the exact text served for an id, at the place in lists that `created` gives it.
  void put_raw(const activity_scope& of, const std::string& id, timestamp created,
               std::string json);
  /// The next `count` that are made fail.
  void fail_next(std::size_t count) noexcept { to_fail_ += count; }
  /// Forgets all that belong to it.
  void forget(const activity_scope& of) { all_.erase(path_of(of)); }

  /// `GET .../activities`. \param query of the request's target, without its question mark
  [[nodiscard]] reply_ptr list(const activity_scope& of, std::string_view query,
                               timestamp now) const;
  /// `GET .../activities/{activityId}`
  [[nodiscard]] reply_ptr read(const activity_scope& of, const std::string& id,
                               timestamp now) const;
  /// `POST .../activities/{activityId}/cancel`
  [[nodiscard]] reply_ptr cancel(const activity_scope& of, const std::string& id, timestamp now);

  /// Nothing when there is none, or only a text.
  [[nodiscard]] std::optional<upsun::activity> find(const activity_scope& of, const std::string& id,
                                                    timestamp now) const;

 private:
  struct entry {
    upsun::activity value;  // as it was made, or for good
    bool progresses = false;
    bool fails = false;
    std::optional<std::string> raw{};  // served in place of `value`
  };
  using entries = std::vector<entry>;  // in the order they were made

  [[nodiscard]] upsun::activity at(const entry& of, timestamp now) const;
  [[nodiscard]] std::string json_of(const activity_scope& of, const entry& which,
                                    timestamp now) const;
  [[nodiscard]] const entry* find_entry(const activity_scope& of, std::string_view id) const;
  void store(const activity_scope& of, entry&& made);

  const activity_pace pace_;
  const std::string path_prefix_;
  std::map<std::string, entries, std::less<>> all_;  // by the path of what they belong to
  std::uint64_t made_ = 0;
  std::size_t to_fail_ = 0;
};

}  // namespace upsun::testing
