#pragma once

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/set.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <tuple>

#include "transports/item.hpp"

namespace upsun::transports {

using time_point = std::chrono::steady_clock::time_point;

struct flight;

/// One who waits for a flight's answer.
struct passenger : boost::intrusive::list_base_hook<boost::intrusive::tag<passenger>> {
  flight* on = nullptr;  ///< Null: it waits no more.
  time_point deadline{};
};
using passengers =
    boost::intrusive::list<passenger, boost::intrusive::base_hook<boost::intrusive::list_base_hook<
                                          boost::intrusive::tag<passenger>>>>;

/// One fetch on its way, with all who wait for it.
struct flight : boost::intrusive::set_base_hook<boost::intrusive::tag<flight>> {
  item of;
  std::uint64_t credentials = 0;  ///< The generation of the access token it goes with.
  time_point deadline{};          ///< When its fetch ends at the latest.
  passengers aboard{};

  /// Whether its answer is still of use to those who ask now: nothing has changed the item
  /// meanwhile, and it was not abandoned.
  [[nodiscard]] bool current() const noexcept {
    return boost::intrusive::set_base_hook<boost::intrusive::tag<flight>>::is_linked();
  }
};

/// Who waits for which fetch, as a machine without clock, lock or I/O. Owns neither flights nor
/// passengers, and allocates nothing.
///
/// A flight is boarded by whoever asks for the same item with the same credentials while it is
/// current. It is abandoned when the last passenger left, and has no more passengers once it ended.
/// Each passenger is told once: by `leave`, or by `land`.
class flight_table {
 public:
  /// The current flight that answers this question, if there is one.
  [[nodiscard]] flight* find(const item& of, std::uint64_t credentials) noexcept {
    const auto found = current_.find(std::tie(of, credentials), by_question());
    return found == current_.end() ? nullptr : &*found;
  }
  /// A flight begins; `of`, `credentials` and `deadline` are set. Another with the same question
  /// may be current: then this one is not found.
  void begin(flight& f) { current_.insert(f); }

  void board(flight& f, passenger& p) noexcept {
    p.on = &f;
    f.aboard.push_back(p);
  }

  /// A passenger gives up. \return whether it was the last one: the flight is abandoned, and its
  /// fetch to be cancelled.
  bool leave(passenger& p) noexcept {
    flight& f = *p.on;
    f.aboard.erase(f.aboard.iterator_to(p));
    p.on = nullptr;
    if (!f.aboard.empty()) return false;
    close(f);
    return true;
  }

  /// The item has changed: flights that began before are of no use to those who ask from now on.
  void change(const item& of) noexcept {
    auto [first, last] = current_.equal_range(of, by_item());
    while (first != last) close(*first++);
  }

  /// A fetch has ended. `tell` is called with each who learns so and is off, in the order they
  /// came. \param out_of_time whether it ended because its deadline passed: then those with a later
  /// one stay aboard, for `relieve`.
  template <class Tell>
  void land(flight& f, bool out_of_time, Tell&& tell) {
    for (auto next = f.aboard.begin(); next != f.aboard.end();) {
      passenger& p = *next++;
      if (out_of_time && p.deadline > f.deadline) continue;
      f.aboard.erase(f.aboard.iterator_to(p));
      p.on = nullptr;
      tell(p);
    }
    if (f.aboard.empty()) close(f);
  }

  /// The latest deadline of those aboard.
  [[nodiscard]] static time_point latest_deadline(const flight& f) noexcept {
    time_point latest = time_point::min();
    for (const passenger& p : f.aboard) latest = std::max(latest, p.deadline);
    return latest;
  }

  /// Another fetch takes over from one that has landed: its passengers, and its place if that is
  /// current.
  void relieve(flight& landed, flight& by) {
    const bool current = landed.current();
    close(landed);
    by.aboard.splice(by.aboard.end(), landed.aboard);
    for (passenger& p : by.aboard) p.on = &by;
    if (current) begin(by);
  }

  /// A flight that will never land: its context is being destroyed.
  void forget(flight& f) noexcept {
    close(f);
    f.aboard.clear_and_dispose([](passenger* p) { p->on = nullptr; });
  }

 private:
  struct order {
    bool operator()(const flight& a, const flight& b) const noexcept {
      return std::tie(a.of, a.credentials) < std::tie(b.of, b.credentials);
    }
  };
  struct by_question {
    using question = std::tuple<const item&, const std::uint64_t&>;
    bool operator()(const flight& a, const question& b) const noexcept {
      return std::tie(a.of, a.credentials) < b;
    }
    bool operator()(const question& a, const flight& b) const noexcept {
      return a < std::tie(b.of, b.credentials);
    }
  };
  struct by_item {
    bool operator()(const flight& a, const item& b) const noexcept { return a.of < b; }
    bool operator()(const item& a, const flight& b) const noexcept { return a < b.of; }
  };
  using table = boost::intrusive::multiset<
      flight, boost::intrusive::compare<order>,
      boost::intrusive::base_hook<boost::intrusive::set_base_hook<boost::intrusive::tag<flight>>>>;

  void close(flight& f) noexcept {
    if (f.current()) current_.erase(table::s_iterator_to(f));
  }

  table current_;
};

}  // namespace upsun::transports
