#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include <upsun/model/integration.hpp>

#include "transports/item.hpp"

namespace upsun::transports {

/// An answer as it may be given again.
struct kept_answer {
  integration value;
  std::string etag;        ///< Empty: it cannot be revalidated.
  std::string request_id;  ///< Of the answer that brought the value.
};
using kept_ptr = std::shared_ptr<const kept_answer>;

/// What an answer means for the entry of its item.
enum class cache_effect {
  keep,   ///< Nothing: it does not tell what the item is now.
  store,  ///< It is the item's new value, or says that the value is still the same (304).
  drop,   ///< The item is not there, or not for us, or its answer must not be kept.
};
/// \param decoded whether the answer became a value, or renewed one.
[[nodiscard]] cache_effect effect_of(int status, bool decoded, bool no_store) noexcept;

/// Answers kept for a moment, as a machine without clock, lock or I/O: the least recently used goes
/// when there are too many.
class micro_cache {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  micro_cache(std::size_t max_entries, std::chrono::nanoseconds ttl) noexcept
      : max_entries_(max_entries), ttl_(ttl) {}

  struct found {
    kept_ptr answer{};   ///< Null: there is none.
    bool fresh = false;  ///< It may be given without asking the server.
  };
  /// Counts as a use. An answer to other credentials is never fresh: whether it is theirs, too, the
  /// server has to say.
  [[nodiscard]] found find(const item& of, std::uint64_t credentials, time_point now);
  /// Replaces what is there. Fresh for the ttl from now, for these credentials. \throws
  /// std::bad_alloc: then there is no entry for the item.
  void store(const item& of, kept_ptr answer, std::uint64_t credentials, time_point now);
  void drop(const item& of) noexcept;

  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

 private:
  struct entry {
    kept_ptr answer;
    std::uint64_t credentials = 0;
    time_point fresh_until{};
    std::list<const item*>::iterator use{};
  };

  const std::size_t max_entries_;
  const std::chrono::nanoseconds ttl_;
  std::map<item, entry> entries_;
  std::list<const item*> uses_;  // the latest first; refer to the keys of entries_
};

}  // namespace upsun::transports
