#pragma once

#include <filesystem>
#include <string_view>

namespace upsun::test {

/// A directory of its own, removed with all it holds.
class temporary_directory {
 public:
  /// \throws std::system_error when it cannot be made.
  temporary_directory();
  temporary_directory(const temporary_directory&) = delete;
  temporary_directory& operator=(const temporary_directory&) = delete;
  ~temporary_directory();

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  /// Writes a file in it, its folders too. \return its path.
  std::filesystem::path write(const std::filesystem::path& name, std::string_view content) const;

 private:
  std::filesystem::path path_;
};

/// \return the file's content, empty when it cannot be read.
[[nodiscard]] std::string read_file(const std::filesystem::path& file);

}  // namespace upsun::test
