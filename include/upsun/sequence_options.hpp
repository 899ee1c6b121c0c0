#pragma once

#include <utility>

#include <upsun/call_options.hpp>

namespace upsun {

/// How a `sequence` reads its pages. A class with fluent setters, so that temporaries are safe
/// beside `co_await`.
class sequence_options {
 public:
  /// Every setting at its default.
  sequence_options() = default;

  /// The options of each read, and so of the fetch of each page. Its `info` is filled by reads that
  /// need a page, and must outlive the sequence and its reads.
  ///
  /// Default: those of a call without options.
  sequence_options& fetch(call_options options) & { return fetch_ = std::move(options), *this; }
  sequence_options&& fetch(call_options options) && { return std::move(fetch(std::move(options))); }

  /// Whether the next page is fetched while the present one is read. It costs the memory of one
  /// more page, and perhaps a fetch whose page nobody reads.
  ///
  /// Default: off.
  sequence_options& ahead(bool on = true) & { return ahead_ = on, *this; }
  sequence_options&& ahead(bool on = true) && { return std::move(ahead(on)); }

  [[nodiscard]] const call_options& fetch() const noexcept { return fetch_; }
  [[nodiscard]] bool ahead() const noexcept { return ahead_; }

 private:
  call_options fetch_;
  bool ahead_ = false;
};

}  // namespace upsun
