#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

#include <upsun/bulk_report.hpp>
#include <upsun/detail/bulk_work.hpp>
#include <upsun/model/integration.hpp>

namespace upsun::operations {

/// Something that has come for a bulk operation, through its inbox: handled on its strand.
class bulk_event {
 public:
  bulk_event() = default;
  bulk_event(const bulk_event&) = delete;
  bulk_event& operator=(const bulk_event&) = delete;
  virtual void advance() = 0;

 protected:
  ~bulk_event() = default;
};

/// Where a bulk operation gets its targets from. A target has the number of its beginning.
template <class Target>
class bulk_feed {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  bulk_feed() = default;
  bulk_feed(const bulk_feed&) = delete;
  bulk_feed& operator=(const bulk_feed&) = delete;
  virtual ~bulk_feed() = default;

  /// The next target; nothing when there is none now. What it throws stops the operation.
  [[nodiscard]] virtual std::optional<Target> next(std::size_t number) = 0;
  /// Whether there will be no more.
  [[nodiscard]] virtual bool exhausted() const = 0;

  // What only a feed needs that finds its targets by fetches of its own.

  /// Begins such fetches.
  virtual void fetch() {}
  /// Whether such fetches are under way.
  [[nodiscard]] virtual bool fetching() const { return false; }
  virtual void cancel() {}
  /// When to ask again, though nothing has come.
  [[nodiscard]] virtual time_point wake() const { return time_point::max(); }
  /// A target's fetch failed. \return whether it will come again, so that this was nothing
  [[nodiscard]] virtual bool postpones(std::size_t /*number*/, const error& /*why*/) {
    return false;
  }
  /// Whether a result is to be handed on. \param fetched whether its target's fetch succeeded
  [[nodiscard]] virtual bool wants(const result<integration>& /*got*/, bool /*fetched*/) {
    return true;
  }
  /// All results of a target were handled. \param failure of its fetch; null: there is none
  /// \param handed_on whether nothing has kept them from it
  virtual void ended(std::size_t /*number*/, const error* /*failure*/, bool /*handed_on*/) {}
  virtual void describe(bulk_progress& /*progress*/) const {}
};

/// The targets of the user's source.
template <class Target>
class source_feed final : public bulk_feed<Target> {
 public:
  explicit source_feed(detail::bulk_work<Target>& work) : work_(work) {}

  [[nodiscard]] std::optional<Target> next(std::size_t) override {
    auto target = work_.next();
    exhausted_ = !target;
    return target;
  }
  [[nodiscard]] bool exhausted() const override { return exhausted_; }

 private:
  detail::bulk_work<Target>& work_;
  bool exhausted_ = false;
};

}  // namespace upsun::operations
