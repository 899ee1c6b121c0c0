#include "transports/response_cache.hpp"

#include <utility>

namespace upsun::transports {

cache_effect effect_of(int status, bool usable, bool no_store) noexcept {
  if (usable) return no_store ? cache_effect::drop : cache_effect::store;
  const bool gone = status == 401 || status == 403 || status == 404 || status == 410;
  const bool unusable = status >= 200 && status < 300;  // the resource is not what it was
  return gone || unusable ? cache_effect::drop : cache_effect::none;
}

bool is_document(const http_response& response) noexcept {
  const std::string_view type = response.content_type;
  return response.status == 200 && !response.body.empty() &&
         (type.empty() || type.find("json") != std::string_view::npos);
}

response_cache::found response_cache::find(const std::string& key, const credentials& by,
                                           time_point now) {
  const auto at = entries_.find(key);
  if (at == entries_.end()) return {};
  const entry& e = at->second;
  uses_.splice(uses_.begin(), uses_, e.use);
  return {.response = e.response, .fresh = now < e.fresh_until && same_credentials(e.by, by)};
}

void response_cache::store(const std::string& key, response_ptr response, credentials by,
                           time_point now) {
  drop(key);
  const std::size_t size = bytes_of(key, *response);
  if (size > max_bytes_) return;
  const auto at = entries_.try_emplace(key).first;
  uses_.push_front(&at->first);
  at->second = {.response = std::move(response),
                .by = std::move(by),
                .fresh_until = now + ttl_,
                .use = uses_.begin()};
  bytes_ += size;
  while (entries_.size() > max_entries_ || bytes_ > max_bytes_) drop(*uses_.back());
}

void response_cache::drop(const std::string& key) noexcept {
  if (const auto at = entries_.find(key); at != entries_.end()) erase(at);
}

void response_cache::forget(const change& what) {
  for_each_changed(entries_, what, [this](map::iterator at) { erase(at); });
}

std::size_t response_cache::bytes_of(const std::string& key,
                                     const http_response& response) noexcept {
  return sizeof(map::value_type) + sizeof(http_response) + key.size() + response.body.size() +
         response.etag.size() + response.request_id.size() + response.content_type.size() +
         response.content_encoding.size() + response.www_authenticate.size();
}

void response_cache::erase(map::iterator at) noexcept {
  bytes_ -= bytes_of(at->first, *at->second.response);
  uses_.erase(at->second.use);
  entries_.erase(at);
}

}  // namespace upsun::transports
