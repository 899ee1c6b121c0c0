#pragma once

#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

namespace upsun::test {

/// An environment variable, which gets its value back in the end.
class temporary_variable {
 public:
  explicit temporary_variable(std::string name) : name_(std::move(name)) {
    if (const char* value = std::getenv(name_.c_str())) before_ = value;
  }
  temporary_variable(const temporary_variable&) = delete;
  temporary_variable& operator=(const temporary_variable&) = delete;
  ~temporary_variable() {
    if (before_)
      set(*before_);
    else
      ::unsetenv(name_.c_str());
  }
  void set(const std::string& value) const { ::setenv(name_.c_str(), value.c_str(), 1); }

 private:
  const std::string name_;
  std::optional<std::string> before_;
};

}  // namespace upsun::test
