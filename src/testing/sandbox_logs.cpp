#include "testing/sandbox_logs.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>

#include "testing/url_text.hpp"

namespace upsun::testing {
namespace {

namespace json = boost::json;

const std::string seal_item = "{\"seal\":true}\n";

std::string item(std::size_t number, std::string_view message, timestamp written) {
  const json::object data{{"timestamp", format_timestamp(written)},
                          {"message", json::string_view(message.data(), message.size())}};
  return json::serialize(json::object{{"_id", std::to_string(number)}, {"data", data}}) + '\n';
}

std::size_t number_in(std::string_view query, std::string_view parameter, std::size_t otherwise) {
  const auto text = form_value(query, parameter);
  std::size_t number = otherwise;
  if (text) std::from_chars(text->data(), text->data() + text->size(), number);
  return number;
}

}  // namespace

class sandbox_logs::reader final : public log_reader {
 public:
  reader(std::shared_ptr<log> from, std::size_t at, std::size_t most,
         std::optional<std::size_t> cut)
      : log_(std::move(from)), at_(at), most_(most), cut_(cut) {}

  batch take() override {
    const std::scoped_lock lock(log_->mutex);
    batch taken;
    const std::size_t room = std::min(most_, cut_.value_or(most_));
    while (at_ < log_->items.size() && sent_ < room) {
      taken.items.push_back(log_->items[at_++]);
      ++sent_;
    }
    taken.cut = cut_ && sent_ >= *cut_;
    if (!taken.cut && log_->sealed && at_ >= log_->items.size()) {
      taken.items.push_back(seal_item);
      taken.over = true;
    }
    taken.over = taken.over || sent_ >= most_;
    return taken;
  }
  void watch(std::function<void()> changed) override {
    const std::scoped_lock lock(log_->mutex);
    changed_ = std::move(changed);
  }
  [[nodiscard]] const std::function<void()>& changed() const noexcept { return changed_; }

 private:
  const std::shared_ptr<log> log_;
  std::size_t at_;
  const std::size_t most_;
  const std::optional<std::size_t> cut_;
  std::size_t sent_ = 0;
  std::function<void()> changed_;
};

void sandbox_logs::log::add(std::string_view message, timestamp now) {
  items.push_back(item(items.size() + 1, message, now));
}

/// Whoever reads it that there is more.
void sandbox_logs::log::notify(std::unique_lock<std::mutex> lock) {
  std::vector<std::function<void()>> all;
  std::erase_if(readers, [&](const std::weak_ptr<reader>& each) {
    const auto alive = each.lock();
    if (alive && alive->changed()) all.push_back(alive->changed());
    return !alive;
  });
  lock.unlock();
  for (const auto& changed : all) changed();
}

std::shared_ptr<sandbox_logs::log> sandbox_logs::find(const log_name& of) const {
  const std::scoped_lock lock(mutex_);
  const auto found = all_.find(of);
  return found == all_.end() ? nullptr : found->second;
}

std::shared_ptr<sandbox_logs::log> sandbox_logs::find_or_make(const log_name& of) {
  const std::scoped_lock lock(mutex_);
  auto& found = all_[of];
  if (!found) found = std::make_shared<log>();
  return found;
}

void sandbox_logs::put(const log_name& of, const std::vector<std::string>& messages,
                       timestamp now) {
  auto made = std::make_shared<log>();
  for (const std::string& message : messages) made->add(message, now);
  const std::scoped_lock lock(mutex_);
  all_[of] = std::move(made);
}

void sandbox_logs::append(const log_name& of, std::string_view message, timestamp now) {
  const auto to = find_or_make(of);
  std::unique_lock lock(to->mutex);
  to->add(message, now);
  to->notify(std::move(lock));
}

void sandbox_logs::seal(const log_name& of) {
  const auto to = find_or_make(of);
  std::unique_lock lock(to->mutex);
  to->sealed = true;
  to->notify(std::move(lock));
}

void sandbox_logs::cut(const log_name& of, std::size_t lines, std::size_t count) {
  const auto to = find_or_make(of);
  const std::scoped_lock lock(to->mutex);
  to->cuts.insert(to->cuts.end(), count, lines);
}

std::shared_ptr<log_reader> sandbox_logs::open(const log_name& of, std::string_view query) {
  const auto from = find(of);
  if (!from) return nullptr;
  const std::size_t first = number_in(query, "start_at", 1);
  const std::size_t most = number_in(query, "max_items", 0);
  const std::scoped_lock lock(from->mutex);
  std::optional<std::size_t> cut;
  if (!from->cuts.empty()) {
    cut = from->cuts.front();
    from->cuts.pop_front();
  }
  auto made =
      std::make_shared<reader>(from, std::max<std::size_t>(first, 1) - 1,
                               most != 0 ? most : std::numeric_limits<std::size_t>::max(), cut);
  from->readers.push_back(made);
  return made;
}

std::string log_of_text(std::string_view text, timestamp written, bool done) {
  std::string all;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = text.substr(0, std::min(text.find('\n'), text.size() - 1) + 1);
    text.remove_prefix(line.size());
    all += item(number, line, written);
  }
  return done ? all + seal_item : all;
}

}  // namespace upsun::testing
