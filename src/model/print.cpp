#include <array>
#include <charconv>
#include <cstddef>
#include <ostream>
#include <string>

#include <upsun/model/integration.hpp>

namespace upsun {

std::ostream& operator<<(std::ostream& out, const secret&) { return out << "[redacted]"; }

std::ostream& operator<<(std::ostream& out, const unknown_settings& settings) {
  out << "{raw: [" << std::to_string(settings.raw.size()) << " bytes]";
  if (const auto& m = settings.mismatch) {
    out << ", mismatch: ";
    detail::print(out, m->pointer + ": expected " + m->expected + ", found " + m->found);
  }
  return out << "}";
}

namespace detail {

void print_raw(std::ostream& out, std::string_view text) { out << text; }

void print(std::ostream& out, std::string_view text) {
  constexpr std::string_view hex = "0123456789abcdef";
  out << '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out << '\\' << c;
    } else if (byte < 0x20 || byte == 0x7f) {
      out << "\\x" << hex[byte >> 4] << hex[byte & 15];
    } else {
      out << c;
    }
  }
  out << '"';
}

void print(std::ostream& out, bool value) { out << (value ? "true" : "false"); }
// As text, since a stream would follow its locale and flags.
void print(std::ostream& out, std::int64_t value) { out << std::to_string(value); }
void print(std::ostream& out, double value) {
  std::array<char, 32> text{};
  const auto written = std::to_chars(text.data(), text.data() + text.size(), value);
  print_raw(out, {text.data(), static_cast<std::size_t>(written.ptr - text.data())});
}
void print(std::ostream& out, const raw_json& value) {
  out << "[" << std::to_string(value.text().size()) << " bytes of JSON]";
}
void print(std::ostream& out, timestamp value) { out << format_timestamp(value); }
void print(std::ostream& out, const secret& value) { out << value; }

}  // namespace detail
}  // namespace upsun
