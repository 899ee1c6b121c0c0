#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <string>

#include <upsun/transport.hpp>

#include "transports/resource_key.hpp"
#include "util/age_clock.hpp"

namespace upsun::transports {

/// What a response means for the cache's entry of what it was asked for.
enum class cache_effect {
  none,   ///< It does not say what the resource is now.
  store,  ///< It is the resource, or says (304) that the cached response is still good.
  drop,   ///< The resource is gone, or not for these credentials, or may not be stored.
};
/// \param usable whether the response is a document, or confirms one by 304.
[[nodiscard]] cache_effect effect_of(int status, bool usable, bool no_store) noexcept;
/// Whether it is a document of the API, as far as its head says.
[[nodiscard]] bool is_document(const http_response& response) noexcept;

/// The cached responses, as a machine without clock, lock or I/O: the least recently used goes when
/// there are too many, or too many bytes.
class response_cache {
 public:
  using time_point = util::age_clock::time_point;
  using response_ptr = std::shared_ptr<const http_response>;
  using credentials = std::shared_ptr<const std::string>;

  response_cache(std::size_t max_entries, std::size_t max_bytes,
                 std::chrono::nanoseconds ttl) noexcept
      : max_entries_(max_entries), max_bytes_(max_bytes), ttl_(ttl) {}

  struct found {
    response_ptr response{};  ///< Null: there is none.
    bool fresh = false;       ///< It may be given without a request.
  };
  /// Counts as a use. A response to other credentials is never fresh: the server has to say whether
  /// it is theirs, too.
  [[nodiscard]] found find(const std::string& key, const credentials& by, time_point now);
  /// Replaces what is there. Fresh for the ttl from now, for these credentials. What is larger than
  /// the whole cache is not stored.
  void store(const std::string& key, response_ptr response, credentials by, time_point now);
  void drop(const std::string& key) noexcept;
  void forget(const change& what);

  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

 private:
  struct entry {
    response_ptr response;
    credentials by;
    time_point fresh_until{};
    std::list<const std::string*>::iterator use{};
  };
  using map = std::map<std::string, entry>;

  static std::size_t bytes_of(const std::string& key, const http_response& response) noexcept;
  void erase(map::iterator at) noexcept;

  const std::size_t max_entries_;
  const std::size_t max_bytes_;
  const std::chrono::nanoseconds ttl_;
  map entries_;
  std::list<const std::string*> uses_;  // the latest first; refer to the keys of entries_
  std::size_t bytes_ = 0;
};

}  // namespace upsun::transports
