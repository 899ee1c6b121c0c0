#pragma once

#include <boost/asio/use_awaitable.hpp>

#include <memory>
#include <optional>
#include <utility>

#include <upsun/detail/initiate.hpp>
#include <upsun/page.hpp>
#include <upsun/result.hpp>
#include <upsun/sequence_options.hpp>

namespace upsun {

namespace detail {

/// What a sequence reads from.
template <class T>
class page_source {
 public:
  page_source() = default;
  page_source(const page_source&) = delete;
  page_source& operator=(const page_source&) = delete;
  virtual ~page_source() = default;
  [[nodiscard]] virtual prepared_call<std::optional<T>> prepare_next() = 0;
  [[nodiscard]] virtual prepared_call<page<T>> prepare_next_page() = 0;
};

}  // namespace detail

/// A list that comes page by page, fetched as it is read. Made by functions of `client`.
///
/// Nothing is sent before the first read, which is also where an argument is refused. Memory: one
/// page, with `sequence_options::ahead` two.
///
/// What holds for all reads, beside what holds for all operations of `client`:
/// - Preconditions: not moved from, and one read at a time. A read while another one is under way
///   ends with `errc::invalid_argument`.
/// - Lifetimes: the sequence may be destroyed with a read under way, which goes on, and may outlive
///   the client. Once that is closed or destroyed, reads end with `errc::client_closed`, also where
///   the item was fetched already.
/// - Options: each read has the call options that the sequence was made with, and so a deadline of
///   its own.
/// - Errors do not end the sequence. Where a page could not be fetched, the next read fetches it
///   again; after an item that breaks the API's contract, the next read goes on. What ends it is
///   its last page, or a link to the next page that cannot be followed, which is then the last
///   item: `errc::decode_failed`, with a cause that says what is wrong with it.
/// - Thread safety: reads may be made on any thread, one after another. No two members may run at
///   the same time.
template <class T>
class sequence {
 public:
  using value_type = T;

  /// Made by the client.
  explicit sequence(std::shared_ptr<detail::page_source<T>> source) noexcept
      : source_(std::move(source)) {}
  /// Afterwards the other sequence may only be assigned to and destroyed.
  sequence(sequence&&) noexcept = default;
  sequence& operator=(sequence&&) noexcept = default;
  ~sequence() = default;

  /// Reads the next item, for which it fetches a page when those of the last one are used up.
  ///
  /// Completion: `void(upsun::result<std::optional<T>>)`; empty at the end.
  ///
  /// Errors: as `client::async_get_integration`, for a page; `errc::decode_failed` in place of an
  /// item that breaks the API's contract, with a JSON pointer into the page.
  ///
  /// \param token a completion token
  template <detail::token_for<std::optional<T>> CompletionToken = boost::asio::use_awaitable_t<>>
  auto async_next(CompletionToken&& token = {}) {
    return detail::initiate(source_->prepare_next(), std::forward<CompletionToken>(token));
  }

  /// Reads the rest of the present page, or the next page when that is used up.
  ///
  /// Completion: `void(upsun::result<upsun::page<T>>)`; a page without items at the end.
  ///
  /// Errors: as `async_next`, for the page.
  ///
  /// \param token a completion token
  template <detail::token_for<page<T>> CompletionToken = boost::asio::use_awaitable_t<>>
  auto async_next_page(CompletionToken&& token = {}) {
    return detail::initiate(source_->prepare_next_page(), std::forward<CompletionToken>(token));
  }

 private:
  std::shared_ptr<detail::page_source<T>> source_;
};

}  // namespace upsun
