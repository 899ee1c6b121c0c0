#include "common/terminal.hpp"

#include <clocale>
#include <cstdlib>
#include <cwchar>

#include <sys/ioctl.h>
#include <unistd.h>

namespace upsun::terminal {
namespace {

/// The C library's tables of UTF-8, whatever the user's locale, for as long as this lives.
class utf8_locale {
 public:
  utf8_locale() : previous_(uselocale(shared())) {}
  utf8_locale(const utf8_locale&) = delete;
  utf8_locale& operator=(const utf8_locale&) = delete;
  ~utf8_locale() { uselocale(previous_); }

 private:
  static locale_t shared() {
    static const locale_t made = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    return made;
  }

  const locale_t previous_;
};

struct character {
  std::size_t bytes;
  std::size_t columns;
};

/// The first character of text that is not empty.
character first_of(std::string_view text) {
  wchar_t decoded = 0;
  std::mbstate_t state{};
  // NOLINTNEXTLINE(concurrency-mt-unsafe): with a state of its own
  const std::size_t bytes = std::mbrtowc(&decoded, text.data(), text.size(), &state);
  if (bytes == 0 || bytes > text.size()) return {1, 1};  // a NUL, or not UTF-8
  const int columns = wcwidth(decoded);
  return {bytes, columns < 0 ? 1 : static_cast<std::size_t>(columns)};
}

}  // namespace

bool can_redraw(int descriptor) {
  const char* type = std::getenv("TERM");  // NOLINT(concurrency-mt-unsafe): nobody sets variables
  return isatty(descriptor) == 1 && type != nullptr && *type != '\0' &&
         std::string_view(type) != "dumb";
}

std::size_t columns(int descriptor) {
  winsize size{};
  return ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

std::size_t width(std::string_view text) {
  const utf8_locale locale;
  std::size_t total = 0;
  while (!text.empty()) {
    const auto [bytes, columns] = first_of(text);
    total += columns;
    text.remove_prefix(bytes);
  }
  return total;
}

std::string_view fitted(std::string_view text, std::size_t columns) {
  const utf8_locale locale;
  std::size_t kept = 0;
  while (kept < text.size()) {
    const character next = first_of(text.substr(kept));
    if (next.columns > columns) break;
    columns -= next.columns;
    kept += next.bytes;
  }
  return text.substr(0, kept);
}

}  // namespace upsun::terminal
