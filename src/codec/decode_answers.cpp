#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include <upsun/codec.hpp>

#include "codec/reading.hpp"
#include "codec/slices.hpp"

namespace upsun {
namespace {

using codec::reading_failure;

/// What stands there, by its first character. \pre valid JSON
std::string_view kind_of(std::string_view json) {
  switch (json[json.find_first_not_of(" \t\r\n")]) {
    case '{': return "object";
    case '[': return "array";
    case '"': return "string";
    case 't':
    case 'f': return "boolean";
    case 'n': return "null";
    default: return "number";
  }
}

/// Why a text is no array of JSON values.
reading_failure why_no_array(std::string_view json, const decode_options& options) {
  if (auto failure = codec::read(json, options, nullptr, nullptr)) return std::move(*failure);
  return {errc::decode_failed,
          {"", "array", std::string(kind_of(json)), json.find_first_not_of(" \t\r\n")}};
}

decode_options inside(decode_options options, std::size_t levels) {
  options.max_depth -= std::min(options.max_depth, levels);
  return options;
}

std::size_t offset_of(std::string_view part, std::string_view whole) {
  return static_cast<std::size_t>(part.data() - whole.data());
}

/// Reads an array, each element by `read(text, options, value, index)`. One that is JSON and no
/// more than that is an error in its place.
template <class T, class Read>
result<std::vector<result<T>>> decode_array(std::string_view json, const decode_options& options,
                                            Read read) {
  if (auto refusal = codec::check_size(json, options)) return std::move(*refusal);
  const auto elements = codec::cut_array(json);
  if (!elements) return codec::make_error(why_no_array(json, options));
  const decode_options element_options = inside(options, 1);
  std::vector<result<T>> values;
  values.reserve(elements->size());
  for (const std::string_view element : *elements) {
    const std::size_t index = values.size();
    auto& value = values.emplace_back(boost::system::in_place_value);
    auto failure = read(element, element_options, *value, index);
    if (!failure) continue;
    const auto broken = codec::read(element, element_options, nullptr, nullptr);
    if (broken && broken->code == errc::decode_failed)
      return codec::make_error(why_no_array(json, options));
    value = codec::make_error(
        codec::within("/" + std::to_string(index), offset_of(element, json), std::move(*failure)));
  }
  return values;
}

std::optional<reading_failure> read_activity(std::string_view json, const decode_options& options,
                                             activity& value) {
  return codec::read(json, options, &codec::activity_shape(), &value);
}

/// Reads what an answer to a change embeds.
class embedded_reader {
 public:
  embedded_reader(std::string_view json, const decode_options& options, accepted_change& into)
      : json_(json), options_(options), into_(into) {}

  void read() {
    const std::string_view embedded = codec::find_member(json_, "_embedded");
    if (const auto entity = codec::find_member(embedded, "entity"); !entity.empty())
      read_entity(entity);
    if (const auto list = codec::find_member(embedded, "activities"); !list.empty())
      read_activities(list);
  }

 private:
  void read_entity(std::string_view text) {
    if (kind_of(text) == "null") return;
    decode_options tolerant = inside(options_, 2);
    tolerant.policy = decode_policy::tolerant;
    std::optional<decode_mismatch> drift;
    auto failure = codec::read_integration(text, tolerant, into_.entity.emplace(), &drift);
    if (failure) into_.entity.reset();
    if (drift) failure = reading_failure{errc::decode_failed, std::move(*drift)};
    if (failure) keep("/_embedded/entity", text, std::move(*failure));
  }

  void read_activities(std::string_view list) {
    const std::string pointer = "/_embedded/activities";
    const auto elements = codec::cut_array(list);
    if (!elements) return keep(pointer, list, why_no_array(list, options_));
    for (std::size_t i = 0; i < elements->size(); ++i) {
      auto failure =
          read_activity((*elements)[i], inside(options_, 3), into_.activities.emplace_back());
      if (!failure) continue;
      into_.activities.pop_back();
      keep(pointer + "/" + std::to_string(i), (*elements)[i], std::move(*failure));
    }
  }

  void keep(std::string_view pointer, std::string_view part, reading_failure&& failure) {
    into_.unread.push_back(
        codec::make_error(codec::within(pointer, offset_of(part, json_), std::move(failure))));
  }

  std::string_view json_;
  const decode_options& options_;
  accepted_change& into_;
};

}  // namespace

result<std::vector<result<integration>>> decode_integrations(std::string_view json,
                                                             const decode_options& options,
                                                             std::vector<element_drift>* drifts) {
  if (drifts != nullptr) drifts->clear();
  return decode_array<integration>(
      json, options,
      [&](std::string_view text, const decode_options& inner, integration& value,
          std::size_t index) {
        std::optional<decode_mismatch> drift;
        auto failure = codec::read_integration(text, inner, value, &drift);
        if (drift && drifts != nullptr) {
          drifts->push_back(
              {index, codec::within("/" + std::to_string(index), offset_of(text, json),
                                    {errc::decode_failed, std::move(*drift)})
                          .mismatch});
        }
        return failure;
      });
}

result<activity> decode_activity(std::string_view json, const decode_options& options) {
  if (auto refusal = codec::check_size(json, options)) return std::move(*refusal);
  result<activity> value(boost::system::in_place_value);
  if (auto failure = read_activity(json, options, *value))
    value = codec::make_error(std::move(*failure));
  return value;
}

result<std::vector<result<activity>>> decode_activities(std::string_view json,
                                                        const decode_options& options) {
  return decode_array<activity>(
      json, options,
      [](std::string_view text, const decode_options& inner, activity& value, std::size_t) {
        return read_activity(text, inner, value);
      });
}

accepted_change decode_accepted_change(std::string_view json, int status,
                                       const decode_options& options) {
  accepted_change change;
  change.code = status;
  if (json.find_first_not_of(" \t\r\n") == std::string_view::npos) return change;
  if (auto refusal = codec::check_size(json, options)) {
    change.unread.push_back(std::move(*refusal));
    return change;
  }
  codec::answer_head head;
  if (auto failure = codec::read(json, options, &codec::answer_head_shape(), &head)) {
    change.unread.push_back(codec::make_error(std::move(*failure)));
    if (codec::read(json, options, nullptr, nullptr)) return change;  // no JSON
  }
  if (head.status) change.status = std::move(*head.status);
  if (head.code) change.code = *head.code;
  embedded_reader(json, options, change).read();
  return change;
}

}  // namespace upsun
