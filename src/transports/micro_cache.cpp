#include "transports/micro_cache.hpp"

namespace upsun::transports {

cache_effect effect_of(int status, bool decoded, bool no_store) noexcept {
  if (decoded) return no_store ? cache_effect::drop : cache_effect::store;
  const bool gone = status == 401 || status == 403 || status == 404 || status == 410;
  const bool unreadable =
      status >= 200 && status < 300;  // whatever the item is now, it is not what it was
  return gone || unreadable ? cache_effect::drop : cache_effect::keep;
}

micro_cache::found micro_cache::find(const item& of, std::uint64_t credentials, time_point now) {
  const auto at = entries_.find(of);
  if (at == entries_.end()) return {};
  uses_.splice(uses_.begin(), uses_, at->second.use);
  return {.answer = at->second.answer,
          .fresh = at->second.credentials == credentials && now < at->second.fresh_until};
}

void micro_cache::store(const item& of, kept_ptr answer, std::uint64_t credentials,
                        time_point now) {
  drop(of);
  std::list<const item*> use(1);
  const auto at = entries_.try_emplace(of).first;
  use.front() = &at->first;
  at->second = {.answer = std::move(answer),
                .credentials = credentials,
                .fresh_until = now + ttl_,
                .use = use.begin()};
  uses_.splice(uses_.begin(), use);
  if (entries_.size() > max_entries_) drop(*uses_.back());
}

void micro_cache::drop(const item& of) noexcept {
  const auto at = entries_.find(of);
  if (at == entries_.end()) return;
  uses_.erase(at->second.use);
  entries_.erase(at);
}

}  // namespace upsun::transports
