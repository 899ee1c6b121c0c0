#include "operations/bulk.hpp"

#include <boost/asio/awaitable.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "api/option_checks.hpp"
#include "calls/composed.hpp"
#include "operations/bulk_feed.hpp"
#include "operations/bulk_run.hpp"

namespace asio = boost::asio;

namespace upsun::operations {
namespace {

template <class Target>
asio::awaitable<result<bulk_report>> hand_on_each(calls::composed_base& steps, bulk_options options,
                                                  std::unique_ptr<detail::bulk_work<Target>> work) {
  if (auto why = api::check(options)) co_return std::move(*why);
  source_feed<Target> feed(*work);
  const std::size_t window = window_of(options, steps.client().config.network.pool);
  const auto all = std::make_shared<bulk_run<Target>>(steps, options, window, std::move(work));
  co_await all->run(feed);
  co_return all->core().report();
}

/// Source and handler of `get_many`: results go to their places in the outcome.
class collecting final : public detail::bulk_work<integration_ref> {
 public:
  collecting(std::vector<integration_ref>&& refs, bulk_results& outcome)
      : refs_(std::move(refs)), outcome_(outcome) {
    outcome_.results.resize(refs_.size(), error());
  }

  [[nodiscard]] std::optional<integration_ref> next() override {
    if (next_ == refs_.size()) return std::nullopt;
    return std::move(refs_[next_++]);
  }
  void handle(const integration_ref&, result<integration>&& got, detail::handling& one) override {
    const std::size_t number = static_cast<place<integration_ref>&>(one).number;
    if (!got && !outcome_.first_failed && got.error() != condition::cancelled &&
        got.error() != condition::closed)
      outcome_.first_failed = number;
    outcome_.results[number] = std::move(got);
  }

 private:
  std::vector<integration_ref> refs_;
  std::size_t next_ = 0;
  bulk_results& outcome_;
};

asio::awaitable<result<bulk_results>> collect(calls::composed_base& steps, bulk_options options,
                                              std::vector<integration_ref> refs) {
  if (auto why = api::check(options)) co_return std::move(*why);
  bulk_results outcome;
  const std::size_t count = refs.size();
  auto work = std::make_unique<collecting>(std::move(refs), outcome);
  source_feed<integration_ref> feed(*work);
  const std::size_t window = window_of(options, steps.client().config.network.pool);
  const auto all =
      std::make_shared<bulk_run<integration_ref>>(steps, options, window, std::move(work), count);
  co_await all->run(feed);
  for (std::size_t i = all->begun(); i < count; ++i) outcome.results[i] = all->core().skip(1);
  outcome.report = all->core().report();
  co_return std::move(outcome);
}

}  // namespace

std::size_t window_of(const bulk_options& options, const pool_options& pool) {
  if (options.concurrency() > 0) return options.concurrency();
  return std::min(pool.max_connections, api::widest_bulk);
}

detail::prepared_call<bulk_results> get_many(std::shared_ptr<calls::client_impl> client,
                                             std::vector<integration_ref>&& refs,
                                             bulk_options&& options) {
  const auto usual = client->config.timeouts.total;
  return prepare_bulk<bulk_results>(std::move(client), std::move(options), std::move(refs), usual,
                                    &collect);
}

detail::prepared_call<bulk_report> for_each(
    std::shared_ptr<calls::client_impl> client,
    std::unique_ptr<detail::bulk_work<integration_ref>> work, bulk_options&& options) {
  return prepare_bulk<bulk_report>(std::move(client), std::move(options), std::move(work), {},
                                   &hand_on_each<integration_ref>);
}

detail::prepared_call<bulk_report> for_each(std::shared_ptr<calls::client_impl> client,
                                            std::unique_ptr<detail::bulk_work<project_id>> work,
                                            bulk_options&& options) {
  return prepare_bulk<bulk_report>(std::move(client), std::move(options), std::move(work), {},
                                   &hand_on_each<project_id>);
}

}  // namespace upsun::operations
