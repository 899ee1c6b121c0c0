#include "api/cursor_paging.hpp"

#include <algorithm>
#include <bit>
#include <functional>
#include <utility>

#include "api/links.hpp"
#include "api/resources.hpp"
#include "model/make_error.hpp"

namespace upsun::api {
namespace {

error leads_nowhere(std::string cause) {
  return model::make_error(errc::decode_failed, phase::decode, "/_links/next: " + std::move(cause));
}

}  // namespace

cursor_paging::cursor_paging(result<operation> first, util::origin api)
    : next_(std::move(first)), api_(std::move(api)) {
  if (!next_) return;
  target_ = api::target_of(*next_, api_.prefix);
  (void)was_there(target_);
}

std::optional<error> cursor_paging::take(const std::map<std::string, std::string>& links,
                                         std::size_t items, const std::string& first,
                                         const std::string& last) {
  over_ = true;
  const auto link = links.find("next");
  if (link == links.end()) return std::nullopt;
  auto target = target_of_link(link->second);
  if (!target) return target.error();
  if (was_there(*target)) return leads_nowhere("leads back to a page that was there before");
  if (pages_ > most_pages)
    return leads_nowhere("leads to more than " + std::to_string(most_pages) + " pages");
  empty_ = items == 0 ? empty_ + 1 : 0;
  if (empty_ == most_empty)
    return leads_nowhere("leads on behind " + std::to_string(most_empty) + " pages without items");
  const bool known = !first.empty() || !last.empty();  // items that are errors have no ids
  if (std::string ids = first + "\n" + last; known && std::exchange(ids_, ids) == ids)
    return leads_nowhere("leads to the same items again");
  over_ = false;
  target_ = std::move(*target);
  next_ = follow(next_->path_template, target_);
  return std::nullopt;
}

/// Remembers a target, unless it is known.
bool cursor_paging::was_there(const std::string& target) {
  const std::size_t hash = std::hash<std::string>()(target);
  const auto known = recent_.begin() + static_cast<std::ptrdiff_t>(std::min(pages_, most_recent));
  if (std::find(recent_.begin(), known, hash) != known || (pages_ > 0 && hash == anchor_))
    return true;
  recent_[pages_ % most_recent] = hash;
  if (std::has_single_bit(++pages_)) anchor_ = hash;
  return false;
}

result<std::string> cursor_paging::target_of_link(const std::string& href) const {
  auto target = own_target_of(href, target_, api_);
  return target ? std::move(target) : leads_nowhere(target.error().details().cause);
}

}  // namespace upsun::api
