#include "common/files.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace {

namespace fs = std::filesystem;

class Files : public ::testing::Test {
 protected:
  Files() {
    std::string name = (fs::temp_directory_path() / "upsun-files-XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
  }
  ~Files() override { fs::remove_all(directory_); }

  [[nodiscard]] std::string in(const std::string& name) const { return directory_ / name; }
  static std::string content(const std::string& name) {
    std::ifstream file(name);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  [[nodiscard]] std::ptrdiff_t count() const {
    return std::distance(fs::directory_iterator(directory_), {});
  }

 private:
  fs::path directory_;
};

TEST_F(Files, AreReplacedAsAWhole) {
  upsun::require_writable(in("a"));
  EXPECT_EQ(count(), 0);
  upsun::replace_file(in("a"), "one");
  upsun::require_writable(in("a"));
  EXPECT_EQ(content(in("a")), "one");
  upsun::replace_file(in("a"), "two");
  EXPECT_EQ(content(in("a")), "two");
  EXPECT_EQ(count(), 1);
}

TEST_F(Files, KeepALinkAndReplaceWhatItLeadsTo) {
  upsun::replace_file(in("a"), "one");
  fs::create_symlink(in("a"), in("link"));
  upsun::replace_file(in("link"), "two");
  EXPECT_TRUE(fs::is_symlink(in("link")));
  EXPECT_EQ(content(in("a")), "two");
}

TEST_F(Files, ThatCannotBeWrittenAreRefusedBefore) {
  EXPECT_THROW(upsun::require_writable(in("no/such")), std::runtime_error);
  EXPECT_THROW(upsun::require_writable(in("")), std::runtime_error) << "a directory";
  EXPECT_THROW(upsun::replace_file(in("no/such"), ""), std::runtime_error);
  EXPECT_EQ(count(), 0);
}

TEST_F(Files, ThatAreDevicesAreWrittenTo) {
  upsun::require_writable("/dev/null");
  upsun::replace_file("/dev/null", "gone");
  EXPECT_THROW(upsun::replace_file("/dev/full", "gone"), std::runtime_error);
  struct stat seen {};
  ASSERT_EQ(::stat("/dev/full", &seen), 0);
  EXPECT_TRUE(S_ISCHR(seen.st_mode));
}

}  // namespace
