#include <boost/json/basic_parser_impl.hpp>

#include <string>
#include <utility>

#include <upsun/codec.hpp>
#include <upsun/model/kinds.hpp>

#include "codec/document_handler.hpp"
#include "codec/find_type.hpp"
#include "codec/locate.hpp"

namespace upsun {
namespace {

/// Why a reading ended early.
struct reading_failure {
  errc code = errc::decode_failed;
  decode_mismatch mismatch;
};

/// For a line of text: control characters blanked, and no longer than a line should be.
std::string printable(std::string_view text) {
  constexpr std::size_t longest = 200;
  std::string line(text.substr(0, longest));
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return text.size() > longest ? line + "..." : line;
}

error make_error(errc code, std::string cause, std::optional<decode_mismatch> mismatch = std::nullopt) {
  error_details details;
  details.phase = phase::decode;
  details.cause = std::move(cause);
  details.decode = std::move(mismatch);
  return {code, std::move(details)};
}

error make_error(reading_failure&& failure) {
  const decode_mismatch& m = failure.mismatch;
  std::string cause = m.pointer.empty() ? "document" : printable(m.pointer);
  cause += ": expected " + m.expected + ", found " + m.found + ", at byte " + std::to_string(m.offset);
  return make_error(failure.code, std::move(cause), std::move(failure.mismatch));
}

reading_failure describe_break(std::string_view json, std::size_t position, const codec::contract_break& what) {
  auto [pointer, begin] = codec::locate(json, what.behind ? position - 1 : position);
  if (!what.missing_member.empty()) pointer.append("/").append(what.missing_member);
  return {errc::decode_failed, {std::move(pointer), std::string(what.expected), std::string(what.found), begin}};
}

reading_failure describe_bad_json(std::string_view json, std::size_t position, const error_code& ec, const decode_options& options) {
  decode_mismatch m{codec::locate(json, position).pointer, "JSON", ec.message(), position};
  errc code = errc::decode_failed;
  if (ec == boost::json::error::incomplete) {
    m.expected = "more JSON";
    m.found = "end of input";
  } else if (ec == boost::json::error::extra_data) {
    m.pointer.clear();
    m.expected = "end of input";
    m.found = "more text";
  } else if (ec == boost::json::error::too_deep) {
    m.expected = "at most " + std::to_string(options.max_depth) + " levels";
    m.found = "more";
    code = errc::json_depth_limit;
  }
  return {code, std::move(m)};
}

/// Reads the document of a kind into `value`. With `vital`, see `document_handler`.
std::optional<reading_failure> read(std::string_view json, const decode_options& options, std::size_t kind, integration& value, const void* vital) {
  boost::json::parse_options parse_options;
  parse_options.max_depth = options.max_depth;
  boost::json::basic_parser<codec::document_handler> parser(parse_options, codec::document_shape(kind), &value, vital);
  error_code ec;
  const std::size_t position = parser.write_some(false, json.data(), json.size(), ec);
  if (!ec && position < json.size()) ec = boost::json::error::extra_data;
  if (!ec) return std::nullopt;
  if (const auto& failure = parser.handler().failure()) return describe_break(json, position, *failure);
  return describe_bad_json(json, position, ec, options);
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view space = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(space);
  return text.substr(begin, text.find_last_not_of(space) + 1 - begin);
}

/// Reads the common members that fit, and keeps the whole as `unknown_settings`.
result<integration> read_as_unknown(std::string_view json, const decode_options& options) {
  result<integration> value(boost::system::in_place_value);
  if (auto failure = read(json, options, kind_count, *value, &value->type)) {
    value = make_error(std::move(*failure));
  } else {
    std::get<unknown_settings>(value->settings).raw = trim(json);
  }
  return value;
}

}  // namespace

result<integration> decode_integration(std::string_view json, const decode_options& options, std::optional<decode_mismatch>* drift) {
  if (drift != nullptr) drift->reset();
  if (json.size() > options.max_bytes) {
    return make_error(errc::body_limit, "the document has " + std::to_string(json.size()) + " bytes, the limit is " + std::to_string(options.max_bytes));
  }
  std::optional<std::size_t> kind = find_kind(codec::find_type(json));
  if (!kind) {  // unknown, or written with escapes
    auto unknown = read_as_unknown(json, options);
    if (unknown) kind = find_kind(unknown->type);
    if (!kind) return unknown;
  }
  result<integration> value(boost::system::in_place_value);
  value->settings = make_settings(*kind);
  if (auto failure = read(json, options, *kind, *value, nullptr)) {
    if (options.policy == decode_policy::strict) return make_error(std::move(*failure));
    value = read_as_unknown(json, options);  // fails too when the text is no JSON
    if (value && drift != nullptr) *drift = std::move(failure->mismatch);
  }
  return value;
}

}  // namespace upsun
