#include "operations/bulk.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "operations/bulk_run.hpp"

namespace asio = boost::asio;

namespace upsun::operations {
namespace {

class getting final : public bulk_run<integration_ref>, public detail::startable<bulk_results> {
 public:
  getting(std::shared_ptr<calls::client_impl> client, std::vector<integration_ref>&& refs,
          bulk_options&& options)
      : bulk_run(std::move(client), std::move(options)), refs_(std::move(refs)) {
    outcome_.results.resize(refs_.size(), error());
  }

  [[nodiscard]] const asio::any_io_executor& executor() const noexcept override {
    return client_->executor;
  }
  void start(detail::handler_executor where, asio::cancellation_slot cancel,
             handler_type&& handler) override {
    handler_.swap(handler);
    begin(std::move(where), cancel, client_->config.timeouts.total);
  }

 private:
  std::optional<integration_ref> next() override {
    if (next_ == refs_.size()) return std::nullopt;
    return std::move(refs_[next_++]);
  }
  void handle(item& one, result<integration>&& got) override {  // which is in its place already
    if (!got && !outcome_.first_failed && got.error() != condition::cancelled &&
        got.error() != condition::closed)
      outcome_.first_failed = one.number();
  }
  result<integration>* place(std::size_t number) override { return &outcome_.results[number]; }
  [[nodiscard]] std::optional<std::size_t> total() const override {
    return outcome_.results.size();
  }
  void complete(const error* refused, std::size_t begun) override {
    if (refused != nullptr) return calls::deliver(*pending_, handler_, *refused);
    const auto rest = std::next(outcome_.results.begin(), static_cast<std::ptrdiff_t>(begun));
    if (rest != outcome_.results.end())
      std::fill(rest, outcome_.results.end(), core_->skip(outcome_.results.size() - begun));
    outcome_.report = core_->report();
    calls::deliver(*pending_, handler_, std::move(outcome_));
  }

  std::vector<integration_ref> refs_;
  std::size_t next_ = 0;
  bulk_results outcome_;
  handler_type handler_;
};

template <class Target>
class handing_on final : public bulk_run<Target>, public detail::startable<bulk_report> {
 public:
  using item = bulk_item<Target>;

  handing_on(std::shared_ptr<calls::client_impl> client,
             std::unique_ptr<detail::bulk_work<Target>> work, bulk_options&& options)
      : bulk_run<Target>(std::move(client), std::move(options)), work_(std::move(work)) {}

  [[nodiscard]] const asio::any_io_executor& executor() const noexcept override {
    return this->client_->executor;
  }
  void start(detail::handler_executor where, asio::cancellation_slot cancel,
             handler_type&& handler) override {
    handler_.swap(handler);
    this->begin(std::move(where), cancel, {});
  }

 private:
  std::optional<Target> next() override { return work_->next(); }
  void handle(item& one, result<integration>&& got) override {
    work_->handle(one.target(), std::move(got), one);
  }
  void complete(const error* refused, std::size_t) override {
    work_.reset();
    if (refused != nullptr) return calls::deliver(*this->pending_, handler_, *refused);
    calls::deliver(*this->pending_, handler_, bulk_report(this->core_->report()));
  }

  std::unique_ptr<detail::bulk_work<Target>> work_;
  handler_type handler_;
};

}  // namespace

detail::prepared_call<bulk_results> get_many(std::shared_ptr<calls::client_impl> client,
                                             std::vector<integration_ref>&& refs,
                                             bulk_options&& options) {
  return std::make_shared<getting>(std::move(client), std::move(refs), std::move(options));
}

detail::prepared_call<bulk_report> for_each(
    std::shared_ptr<calls::client_impl> client,
    std::unique_ptr<detail::bulk_work<integration_ref>> work, bulk_options&& options) {
  return std::make_shared<handing_on<integration_ref>>(std::move(client), std::move(work),
                                                       std::move(options));
}

detail::prepared_call<bulk_report> for_each(std::shared_ptr<calls::client_impl> client,
                                            std::unique_ptr<detail::bulk_work<project_id>> work,
                                            bulk_options&& options) {
  return std::make_shared<handing_on<project_id>>(std::move(client), std::move(work),
                                                  std::move(options));
}

}  // namespace upsun::operations
