#include <upsun/activity_log.hpp>

#include <memory>
#include <string>
#include <utility>

#include "operations/log_session.hpp"

namespace upsun {

activity_log::activity_log(std::shared_ptr<operations::log_session> session) noexcept
    : session_(std::move(session)) {}
activity_log::activity_log(activity_log&&) noexcept = default;

activity_log& activity_log::operator=(activity_log&& other) noexcept {
  activity_log old(std::move(*this));
  session_ = std::move(other.session_);
  return *this;
}

activity_log::~activity_log() {
  if (session_) session_->close();
}

std::string activity_log::last_id() const { return session_->last_id(); }

detail::prepared_call<std::optional<log_line>> activity_log::prepare_next() const {
  return session_->prepare_next();
}

}  // namespace upsun
