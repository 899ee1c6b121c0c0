#include "codec/json_writer.hpp"

namespace upsun::codec {

void json_writer::write(std::string_view text) {
  constexpr std::string_view hex = "0123456789abcdef";
  out_ += '"';
  std::size_t plain = 0;  // begin of the run that needs no escape
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
    out_.append(text, plain, i - plain);
    plain = i + 1;
    if (byte < 0x20) {
      out_.append("\\u00").append(1, hex[byte >> 4U]).append(1, hex[byte & 15U]);
    } else {
      out_.append("\\").append(1, text[i]);
    }
  }
  out_.append(text, plain);
  out_ += '"';
}

}  // namespace upsun::codec
