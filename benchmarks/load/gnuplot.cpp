#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>

#include "plots.hpp"

namespace upsun::load {
namespace {

namespace fs = std::filesystem;

class temporary_directory {
 public:
  temporary_directory() {
    std::string pattern = fs::temp_directory_path() / "upsun-load-XXXXXX";
    if (!mkdtemp(pattern.data())) throw std::system_error(errno, std::generic_category(), pattern);
    path_ = pattern;
  }
  temporary_directory(const temporary_directory&) = delete;
  temporary_directory& operator=(const temporary_directory&) = delete;
  ~temporary_directory() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  [[nodiscard]] fs::path path() const { return path_; }

 private:
  fs::path path_;
};

/// Drops what precedes the element in a file.
std::string read_svg(const fs::path& file) {
  std::ifstream in(file);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const auto element = text.find("<svg");
  if (element == std::string::npos) throw std::runtime_error("gnuplot drew nothing");
  return text.substr(element);
}

}  // namespace

void require_gnuplot() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): no other thread yet
  if (std::system("gnuplot --version >/dev/null 2>&1") != 0) {
    throw std::runtime_error(
        "--html needs gnuplot to draw, and there is none; install the package gnuplot-nox, or "
        "leave --html out");
  }
}

std::vector<std::string> draw(const std::vector<plot>& plots) {
  const temporary_directory directory;
  const auto output = [&](std::size_t i) {
    return directory.path() / (std::to_string(i) + ".svg");
  };
  FILE* gnuplot = popen("gnuplot", "w");
  if (gnuplot == nullptr) throw std::system_error(errno, std::generic_category(), "gnuplot");
  for (std::size_t i = 0; i < plots.size(); ++i) {
    // The name makes the identifiers of one picture differ from those of the next in the page.
    std::fprintf(gnuplot,
                 "reset\nset terminal svg size 860,420 dynamic font 'sans-serif,13' name "
                 "'plot%zu'\nset output '%s'\n%s",
                 i, output(i).c_str(), plots[i].script.c_str());
  }
  if (pclose(gnuplot) != 0) throw std::runtime_error("gnuplot failed");
  std::vector<std::string> drawn;
  for (std::size_t i = 0; i < plots.size(); ++i) drawn.push_back(read_svg(output(i)));
  return drawn;
}

}  // namespace upsun::load
