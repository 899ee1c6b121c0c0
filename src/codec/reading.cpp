#include "codec/reading.hpp"

#include <boost/json/basic_parser_impl.hpp>

#include <utility>

#include "codec/document_handler.hpp"
#include "codec/locate.hpp"
#include "codec/plain_json.hpp"

namespace upsun::codec {
namespace {

/// For a line of text: control characters blanked, and no longer than a line should be.
std::string printable(std::string_view text) {
  constexpr std::size_t longest = 200;
  std::string line(text.substr(0, longest));
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return text.size() > longest ? line + "..." : line;
}

error make_error(errc code, std::string cause,
                 std::optional<decode_mismatch> mismatch = std::nullopt) {
  error_details details;
  details.phase = phase::decode;
  details.cause = std::move(cause);
  details.decode = std::move(mismatch);
  return {code, std::move(details)};
}

reading_failure describe_break(std::string_view json, std::size_t position,
                               const contract_break& what) {
  auto [pointer, begin] = locate(json, what.behind ? position - 1 : position);
  if (!what.missing_member.empty()) pointer.append("/").append(what.missing_member);
  return {errc::decode_failed,
          {std::move(pointer), std::string(what.expected), std::string(what.found), begin}};
}

reading_failure describe_bad_json(std::string_view json, std::size_t position, const error_code& ec,
                                  const decode_options& options) {
  decode_mismatch m{locate(json, position).pointer, "JSON", ec.message(), position};
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

using parser = boost::json::basic_parser<document_handler>;

boost::json::parse_options parse_options(const decode_options& options) {
  boost::json::parse_options chosen;
  chosen.max_depth = options.max_depth;
  return chosen;
}

/// Where the parser stopped; with an error unless that is the end of one whole document.
std::size_t parse(parser& reader, std::string_view json, error_code& ec) {
  const std::size_t position = reader.write_some(false, json.data(), json.size(), ec);
  if (!ec && position < json.size()) ec = boost::json::error::extra_data;
  return position;
}

}  // namespace

error make_error(reading_failure&& failure) {
  const decode_mismatch& m = failure.mismatch;
  std::string cause = m.pointer.empty() ? "document" : printable(m.pointer);
  cause +=
      ": expected " + m.expected + ", found " + m.found + ", at byte " + std::to_string(m.offset);
  return make_error(failure.code, std::move(cause), std::move(failure.mismatch));
}

reading_failure within(std::string_view pointer, std::size_t begin, reading_failure&& failure) {
  failure.mismatch.pointer.insert(0, pointer);
  failure.mismatch.offset += begin;
  return std::move(failure);
}

std::optional<error> check_size(std::string_view json, const decode_options& options) {
  if (json.size() <= options.max_bytes) return std::nullopt;
  return make_error(errc::body_limit, "the document has " + std::to_string(json.size()) +
                                          " bytes, the limit is " +
                                          std::to_string(options.max_bytes));
}

std::optional<reading_failure> read(std::string_view json, const decode_options& options,
                                    const shape* document, void* root, const void* vital) {
  parser reader(parse_options(options), document, root, vital);
  error_code ec;
  const std::size_t position = parse(reader, json, ec);
  if (!ec) return std::nullopt;
  if (const auto& failure = reader.handler().failure())
    return describe_break(json, position, *failure);
  return describe_bad_json(json, position, ec, options);
}

bool read_plain(std::string_view json, const decode_options& options, integration& value) {
  document_handler handler(value, json);
  return plain_json(json, options.max_depth, handler).read() && handler.found_kind();
}

bool read_well_formed(std::string_view json, const decode_options& options, integration& value) {
  parser reader(parse_options(options), value, json);
  error_code ec;
  parse(reader, json, ec);
  return !ec && reader.handler().found_kind();
}

}  // namespace upsun::codec
