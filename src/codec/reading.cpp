#include "codec/reading.hpp"

#include <boost/config.hpp>
#include <boost/json/basic_parser_impl.hpp>

#include <string>
#include <utility>

#include <upsun/model/kinds.hpp>

#include "codec/document_handler.hpp"
#include "codec/json_text.hpp"
#include "codec/mended_json.hpp"
#include "model/make_error.hpp"
#include "util/ascii.hpp"

namespace upsun::codec {
namespace {

/// For one line of a log: without control characters, and of limited length.
std::string printable(std::string_view text) {
  constexpr std::size_t longest = 200;
  std::string line(text.substr(0, longest));
  for (char& c : line) {
    if (util::is_control(c)) c = '?';
  }
  return text.size() > longest ? line + "..." : line;
}

reading_failure describe_break(std::string_view json, std::size_t position,
                               const contract_break& what) {
  auto [pointer, begin] = locate(json, what.behind ? position - 1 : position);
  if (!what.missing_member.empty()) pointer.append("/").append(what.missing_member);
  return {
      .mismatch = {std::move(pointer), std::string(what.expected), std::string(what.found), begin}};
}

reading_failure describe_bad_json(std::string_view json, std::size_t position, const error_code& ec,
                                  const decode_options& options) {
  decode_mismatch m{locate(json, position).pointer, "JSON", ec.message(), position};
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
    return {.code = errc::json_depth_limit, .mismatch = std::move(m)};
  } else {
    return {.mendable = true, .mismatch = std::move(m)};
  }
  return {.mismatch = std::move(m)};
}

/// Reads the common members that fit, and leaves `unknown_settings` empty.
std::optional<reading_failure> read_common(std::string_view json, const decode_options& options,
                                           integration& value) {
  value = integration();
  return read_into(target_for(value, kind_count), json, options, &value.type);
}

/// \param misfit what `decode_policy::tolerant` made an exception for
std::optional<reading_failure> read_settings(std::string_view json, const decode_options& options,
                                             integration& value,
                                             std::optional<decode_mismatch>& misfit) {
  std::optional<std::size_t> kind = find_kind(find_type(json));
  if (!kind) {  // unknown, or `type` is written with escapes
    auto failure = read_common(json, options, value);
    if (!failure) kind = find_kind(value.type);
    if (!kind) return failure;
    value = integration();
  }
  auto failure = read_into(target_for(value, *kind), json, options);
  if (!failure || options.policy == decode_policy::strict) return failure;
  auto bad_json = read_common(json, options, value);
  if (!bad_json) misfit = std::move(failure->mismatch);
  return bad_json;
}

/// Reads what is not a document of a known kind that fits, or may not be.
BOOST_NOINLINE std::optional<reading_failure> read_unusual(std::string_view json,
                                                           const decode_options& options,
                                                           integration& value,
                                                           std::optional<decode_mismatch>* drift) {
  std::optional<decode_mismatch> misfit;
  value = integration();
  auto failure = read_mended(json, value, [&](std::string_view text, integration& into) {
    return read_settings(text, options, into, misfit);
  });
  auto* const unknown = std::get_if<unknown_settings>(&value.settings);
  if (failure || unknown == nullptr) return failure;
  const std::string_view raw = util::trim(json, " \t\r\n");  // as it came, not mended
  unknown->raw = raw;
  if (misfit && drift != nullptr) *drift = misfit;
  if (misfit) misfit->offset -= offset_of(raw, json);
  unknown->mismatch = std::move(misfit);
  return failure;
}

}  // namespace

error make_error(reading_failure&& failure) {
  const decode_mismatch& m = failure.mismatch;
  error_details details;
  details.phase = phase::decode;
  details.cause = (m.pointer.empty() ? "document" : printable(m.pointer)) + ": expected " +
                  m.expected + ", found " + m.found + ", at byte " + std::to_string(m.offset);
  details.decode = std::move(failure.mismatch);
  return {failure.code, std::move(details)};
}

reading_failure within(std::string_view pointer, std::size_t begin, reading_failure&& failure) {
  failure.mismatch.pointer.insert(0, pointer);
  failure.mismatch.offset += begin;
  return std::move(failure);
}

std::optional<error> check_size(std::string_view json, const decode_options& options) {
  if (json.size() <= options.max_bytes) return std::nullopt;
  return model::make_error(errc::body_limit, phase::decode,
                           "the document has " + std::to_string(json.size()) +
                               " bytes, the limit is " + std::to_string(options.max_bytes));
}

std::optional<reading_failure> read_into(const document_target& document, std::string_view json,
                                         const decode_options& options, const void* only_required) {
  boost::json::parse_options limits;
  limits.max_depth = options.max_depth;
  boost::json::basic_parser<document_handler> parser(limits, document, only_required);
  error_code ec;
  const std::size_t position = parser.write_some(false, json.data(), json.size(), ec);
  if (!ec && position < json.size()) ec = boost::json::error::extra_data;
  if (!ec) return std::nullopt;
  if (const auto& failure = parser.handler().failure())
    return describe_break(json, position, *failure);
  return describe_bad_json(json, position, ec, options);
}

std::optional<reading_failure> check_json(std::string_view json, const decode_options& options) {
  document_target nothing;
  return read_mended(json, nothing, [&](std::string_view text, const document_target& none) {
    return read_into(none, text, options);
  });
}

std::optional<reading_failure> read_integration(std::string_view json,
                                                const decode_options& options, integration& value,
                                                std::optional<decode_mismatch>* drift) {
  if (const auto kind = find_kind(find_type(json))) {
    auto failure = read_into(target_for(value, *kind), json, options);
    if (!failure) return failure;
  }
  return read_unusual(json, options, value, drift);
}

}  // namespace upsun::codec
