// Runs the fuzz target named first once over each file named, or standing in a folder named: what
// libFuzzer does, for compilers without it.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv);
#define TARGET(name) extern "C" int fuzz_##name(const std::uint8_t* data, std::size_t size);
#include "targets.inc"
#undef TARGET

namespace {

namespace fs = std::filesystem;
using fuzz_target = int (*)(const std::uint8_t* data, std::size_t size);

const std::map<std::string_view, fuzz_target> targets{
#define TARGET(name) {#name, fuzz_##name},
#include "targets.inc"
#undef TARGET
};

std::vector<fs::path> files_of(const fs::path& given) {
  if (!fs::is_directory(given)) return {given};
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(given)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

void replay(fuzz_target target, const fs::path& file) {
  std::printf("%s\n", file.c_str());  // before it is run: the last line names the culprit
  std::fflush(stdout);
  std::ifstream in(file, std::ios::binary);
  if (!in)
    throw fs::filesystem_error("cannot read", file, std::make_error_code(std::errc::io_error));
  const std::vector<char> bytes{std::istreambuf_iterator<char>(in), {}};
  (void)target(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

}  // namespace

int main(int argc, char** argv) {
  (void)LLVMFuzzerInitialize(&argc, &argv);
  const auto target = targets.find(argc > 1 ? argv[1] : "");
  if (target == targets.end()) {
    std::fprintf(stderr, "usage: fuzz_replay TARGET FILE...; targets:\n");
    for (const auto& [name, unused] : targets)
      std::fprintf(stderr, "  %s\n", std::string(name).c_str());
    return 2;
  }
  int count = 0;
  for (int i = 2; i < argc; ++i) {
    for (const auto& file : files_of(argv[i])) {
      replay(target->second, file);
      ++count;
    }
  }
  std::printf("%d inputs\n", count);
  return count > 0 ? 0 : 1;
}
