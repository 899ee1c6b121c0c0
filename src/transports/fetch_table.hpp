#pragma once

#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "transports/resource_key.hpp"

namespace upsun::transports {

struct fetch;

/// One request that waits for a fetch's response.
struct waiter {
  fetch* on = nullptr;  ///< Null: it waits no more.
  std::list<std::shared_ptr<waiter>>::iterator place{};
};
using waiters = std::list<std::shared_ptr<waiter>>;

/// What two requests have to have in common to share a fetch.
struct fetch_key {
  std::string resource;  ///< By `resource_key`.
  std::shared_ptr<const std::string> credentials;
  bool hedge = false;  ///< Hedges share with each other only: not with what they are to overtake.
};

/// One request under way below, with all who wait for its response.
struct fetch {
  fetch_key key;
  bool joinable = false;  ///< It was sent, so others may join.
  waiters waiting{};
  std::optional<std::multimap<std::string, fetch*>::iterator> listed{};

  /// Whether its response is still of use to those who ask now: nothing has changed the resource
  /// meanwhile, and somebody waits.
  [[nodiscard]] bool current() const noexcept { return listed.has_value(); }
};

/// Who waits for which fetch, as a machine without clock, lock or I/O.
///
/// Whoever asks for the same with the same credentials joins a fetch while it is current. A fetch
/// is abandoned when its last waiter left. Each waiter is taken off its fetch once: by `leave` or
/// by `end`.
class fetch_table {
 public:
  /// The current fetch to join, if there is one.
  [[nodiscard]] fetch* find(const fetch_key& key) const noexcept {
    const auto [first, last] = current_.equal_range(key.resource);
    for (auto at = first; at != last; ++at) {
      fetch& f = *at->second;
      if (f.joinable && f.key.hedge == key.hedge &&
          same_credentials(f.key.credentials, key.credentials))
        return &f;
    }
    return nullptr;
  }

  /// Another with the same key may be current. The fetch stays where it is until it is closed.
  void begin(fetch& f) { f.listed = current_.emplace(f.key.resource, &f); }

  static void join(fetch& f, std::shared_ptr<waiter> w) {
    waiter& joined = *w;
    joined.place = f.waiting.insert(f.waiting.end(), std::move(w));
    joined.on = &f;
  }

  /// Takes a waiter off its fetch; the caller holds another reference to it. \return whether it was
  /// the last one: the fetch is abandoned, and to be cancelled.
  bool leave(waiter& w) noexcept {
    fetch& f = *std::exchange(w.on, nullptr);
    f.waiting.erase(w.place);
    if (!f.waiting.empty()) return false;
    close(f);
    return true;
  }

  /// What the change concerns is different now: fetches that began before are of no use to those
  /// who ask from now on.
  void forget(const change& what) {
    for_each_changed(current_, what, [this](auto at) { close(*at->second); });
  }

  /// The fetch has ended, or never will. \return who waited, in the order they came.
  waiters end(fetch& f) noexcept {
    close(f);
    for (const auto& w : f.waiting) w->on = nullptr;
    return std::exchange(f.waiting, {});
  }

  /// Those who wait for a fetch that failed wait for this one, which is its retry.
  void move_waiters(fetch& failed, fetch& retry) noexcept {
    close(failed);
    for (const auto& w : failed.waiting) w->on = &retry;
    retry.waiting.splice(retry.waiting.end(), failed.waiting);
  }

 private:
  void close(fetch& f) noexcept {
    if (f.listed) current_.erase(*std::exchange(f.listed, std::nullopt));
  }

  std::multimap<std::string, fetch*> current_;
};

}  // namespace upsun::transports
