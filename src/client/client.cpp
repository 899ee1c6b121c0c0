#include <upsun/client.hpp>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/prefer.hpp>

#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "api/activities.hpp"
#include "api/integrations.hpp"
#include "api/links.hpp"
#include "api/resources.hpp"
#include "calls/call.hpp"
#include "calls/client_impl.hpp"
#include "calls/composed.hpp"
#include "calls/operation_under_way.hpp"
#include "config/settings.hpp"
#include "operations/bulk.hpp"
#include "operations/decoders.hpp"
#include "operations/fleet.hpp"
#include "operations/linked_calls.hpp"
#include "operations/sequences.hpp"
#include "operations/wait.hpp"
#include "util/recycler.hpp"

namespace asio = boost::asio;

namespace upsun {
namespace {

using calls::client_impl;

std::shared_ptr<client_impl> make_impl(asio::any_io_executor executor,
                                       const client_config& config) {
  auto made = std::make_shared<client_impl>(std::move(executor), config::make_settings(config));
  made->watch_context();
  return made;
}

template <class T>
detail::prepared_call<T> prepare(const std::shared_ptr<client_impl>& client,
                                 result<api::operation>&& operation, call_options&& options,
                                 typename calls::call<T>::decoder decode) {
  return std::allocate_shared<calls::call<T>>(util::recycler<calls::call<T>>(), client,
                                              std::move(operation), std::move(options), decode);
}

}  // namespace

client::client(executor_type executor, client_config config)
    : impl_(make_impl(std::move(executor), config)) {}
client::client(client&&) noexcept = default;

client& client::operator=(client&& other) noexcept {
  client old(std::move(*this));
  impl_ = std::move(other.impl_);
  return *this;
}

client::~client() {
  if (impl_) impl_->shutdown();
}

client::executor_type client::get_executor() const noexcept { return impl_->executor; }

client_statistics client::statistics() const { return impl_->statistics(); }

detail::prepared_call<upsun::integration> client::prepare_get(const integration_ref& ref,
                                                              call_options&& options) const {
  return prepare<upsun::integration>(impl_, api::get_integration(ref), std::move(options),
                                     &operations::decode_one);
}

detail::prepared_call<client::integration_list> client::prepare_list(const project_id& project,
                                                                     call_options&& options) const {
  return prepare<integration_list>(impl_, api::list_integrations(project), std::move(options),
                                   &operations::decode_list);
}

detail::prepared_call<accepted_change> client::prepare_create(const project_id& project,
                                                              const integration_input& input,
                                                              call_options&& options) const {
  return prepare<accepted_change>(impl_, api::create_integration(project, input),
                                  std::move(options), &operations::decode_change);
}

detail::prepared_call<accepted_change> client::prepare_update(const integration_ref& ref,
                                                              const integration_patch& patch,
                                                              call_options&& options) const {
  return prepare<accepted_change>(impl_, api::update_integration(ref, patch), std::move(options),
                                  &operations::decode_change);
}

detail::prepared_call<accepted_change> client::prepare_delete(const integration_ref& ref,
                                                              call_options&& options) const {
  return prepare<accepted_change>(impl_, api::delete_integration(ref), std::move(options),
                                  &operations::decode_change);
}

detail::prepared_call<activity> client::prepare_get_activity(const activity_scope& of,
                                                             const activity_id& which,
                                                             call_options&& options) const {
  return prepare<activity>(impl_, api::get_activity(of, which), std::move(options),
                           &operations::decoder_of<activity>::decode);
}

sequence<activity> client::activities(const activity_scope& of, activity_filter filter,
                                      sequence_options options) const {
  using source = operations::paged_source<activity, operations::activity_pages>;
  return sequence<activity>(std::make_shared<source>(
      impl_, operations::activity_pages(of, std::move(filter)), std::move(options)));
}

sequence<organization> client::organizations(organization_filter filter,
                                             sequence_options options) const {
  return operations::make_sequence<organization>(impl_, api::list_organizations(filter),
                                                 std::move(options));
}

sequence<organization_project> client::projects(const organization_id& of, project_filter filter,
                                                sequence_options options) const {
  return operations::make_sequence<organization_project>(impl_, api::list_projects(of, filter),
                                                         std::move(options));
}

sequence<access_grant> client::shared_projects(const user_id& of, sequence_options options) const {
  return operations::make_sequence<access_grant>(impl_, api::list_shared_projects(of),
                                                 std::move(options));
}

template <class T>
detail::prepared_call<T> client::prepare_fetch(const detail::resource_path& from,
                                               call_options&& options) const {
  return prepare<T>(impl_, api::fetch(from), std::move(options),
                    &operations::decoder_of<T>::decode);
}

// What operations fetch, apart from integrations.
#define UPSUN_FETCHES(type)                                                   \
  template __attribute__((visibility("default"))) detail::prepared_call<type> \
  client::prepare_fetch<type>(const detail::resource_path&, call_options&&) const
UPSUN_FETCHES(user);
UPSUN_FETCHES(organization);
UPSUN_FETCHES(project);
UPSUN_FETCHES(project_capabilities);
UPSUN_FETCHES(environment);
UPSUN_FETCHES(std::vector<result<environment>>);
#undef UPSUN_FETCHES

template <class T>
detail::prepared_call<std::map<std::string, result<T>>> client::prepare_references(
    const std::string& link, call_options&& options) const {
  using references = std::map<std::string, result<T>>;
  constexpr std::string_view path =
      std::is_same_v<T, project_reference> ? "/ref/projects" : "/ref/organizations";
  return prepare<references>(impl_, api::follow_own(path, link, impl_->config.network.where),
                             std::move(options), &operations::decoder_of<references>::decode);
}

template __attribute__((visibility("default")))
detail::prepared_call<std::map<std::string, result<project_reference>>>
client::prepare_references<project_reference>(const std::string&, call_options&&) const;
template __attribute__((visibility("default")))
detail::prepared_call<std::map<std::string, result<organization_reference>>>
client::prepare_references<organization_reference>(const std::string&, call_options&&) const;

detail::prepared_call<activity_log> client::prepare_log(const activity_scope& of,
                                                        const activity_id& which,
                                                        log_options&& options) const {
  call_options of_call = options.fetch();
  return std::make_shared<calls::composed<activity_log>>(
      impl_, std::move(of_call),
      [of, which, options = std::move(options)](calls::composed_base& steps) {
        return operations::open_activity_log(steps, of, which, options);
      });
}

detail::prepared_call<accepted_change> client::prepare_cancel_activity(
    const activity_scope& of, const activity_id& which, call_options&& options) const {
  return prepare<accepted_change>(impl_, api::cancel_activity(of, which), std::move(options),
                                  &operations::decode_change);
}

detail::prepared_call<bulk_results> client::prepare_get_many(std::vector<integration_ref>&& refs,
                                                             bulk_options&& options) const {
  return operations::get_many(impl_, std::move(refs), std::move(options));
}

detail::prepared_call<bulk_report> client::prepare_for_each(
    std::unique_ptr<detail::bulk_work<integration_ref>> work, bulk_options&& options) const {
  return operations::for_each(impl_, std::move(work), std::move(options));
}

detail::prepared_call<bulk_report> client::prepare_for_each(
    std::unique_ptr<detail::bulk_work<project_id>> work, bulk_options&& options) const {
  return operations::for_each(impl_, std::move(work), std::move(options));
}

detail::prepared_call<fleet_report> client::prepare_walk(
    const fleet& over, std::unique_ptr<detail::bulk_work<fleet_project>> work,
    bulk_options&& options) const {
  return operations::walk(impl_, fleet(over), std::move(work), std::move(options));
}

detail::prepared_call<validation> client::prepare_validate(const integration_ref& ref,
                                                           call_options&& options) const {
  return std::make_shared<calls::composed<validation>>(
      impl_, std::move(options),
      [ref](calls::composed_base& steps) { return operations::validate_integration(steps, ref); });
}

detail::prepared_call<void> client::prepare_hook(const integration_ref& ref,
                                                 call_options&& options) const {
  return std::make_shared<calls::composed<void>>(
      impl_, std::move(options),
      [ref](calls::composed_base& steps) { return operations::trigger_hook(steps, ref); });
}

detail::prepared_call<std::string> client::prepare_hook_url(const integration_ref& ref,
                                                            call_options&& options) const {
  return std::make_shared<calls::composed<std::string>>(
      impl_, std::move(options),
      [ref](calls::composed_base& steps) { return operations::get_hook_url(steps, ref); });
}

detail::prepared_call<wait_report> client::prepare_wait(const activity_scope& of,
                                                        awaited_activities&& activities,
                                                        wait_options&& options) const {
  return operations::prepare_wait(impl_, of, std::move(activities), std::move(options));
}

void client::start_close(std::shared_ptr<client_impl> impl, std::chrono::milliseconds grace,
                         handler_for<close_report> handler) {
  const asio::any_io_executor busy =
      asio::prefer(impl->executor, asio::execution::outstanding_work.tracked);
  const auto slot = asio::get_associated_cancellation_slot(handler);
  auto executor =
      asio::get_associated_executor(handler, asio::any_completion_executor(impl->executor));
  auto completed = std::make_shared<calls::completion<result<close_report>>>(
      impl->executor, std::move(executor), std::move(handler));
  impl->async_close(grace,
                    asio::bind_cancellation_slot(slot, [busy, completed](close_report report) {
                      (*completed)(result<close_report>(report));
                    }));
}

}  // namespace upsun
