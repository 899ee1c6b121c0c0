#include <optional>
#include <string>
#include <utility>

#include <upsun/codec.hpp>

#include "codec/documents.hpp"
#include "codec/json_text.hpp"
#include "codec/reading.hpp"

namespace upsun {
namespace {

using codec::inside;
using codec::reading_failure;

/// Reads what a response to a change embeds. What cannot be read goes to `unread`.
void read_embedded(std::string_view json, const decode_options& options, accepted_change& into) {
  const auto add_unread = [&](std::string_view pointer, std::string_view part,
                              reading_failure&& failure) {
    into.unread.push_back(codec::make_error(
        codec::within(pointer, codec::offset_of(part, json), std::move(failure))));
  };
  const std::string_view embedded = codec::find_member(json, "_embedded");

  const std::string_view entity = codec::find_member(embedded, "entity");
  if (!entity.empty() && codec::type_name(entity) != "null") {
    decode_options tolerant = inside(options, 2);
    tolerant.policy = decode_policy::tolerant;
    std::optional<decode_mismatch> drift;
    auto failure = codec::read_integration(entity, tolerant, into.entity.emplace(), &drift);
    if (failure) into.entity.reset();
    if (drift) failure = reading_failure{.mismatch = std::move(*drift)};
    if (failure) add_unread("/_embedded/entity", entity, std::move(*failure));
  }

  const std::string_view list = codec::find_member(embedded, "activities");
  if (list.empty()) return;
  const std::string pointer = "/_embedded/activities";
  const auto elements = codec::split_array(list);
  if (!elements) return add_unread(pointer, list, codec::describe_no_array(list, options));
  for (std::size_t i = 0; i < elements->size(); ++i) {
    auto failure = codec::read((*elements)[i], inside(options, 3), into.activities.emplace_back());
    if (!failure) continue;
    into.activities.pop_back();
    add_unread(pointer + "/" + std::to_string(i), (*elements)[i], std::move(*failure));
  }
}

}  // namespace

result<integration> decode_integration(std::string_view json, const decode_options& options,
                                       std::optional<decode_mismatch>* drift) {
  // The only object returned, so that nothing is moved.
  result<integration> value(boost::system::in_place_value);
  if (drift != nullptr) drift->reset();
  if (auto refusal = codec::check_size(json, options)) {
    value = std::move(*refusal);
  } else if (auto failure = codec::read_integration(json, options, *value, drift)) {
    value = codec::make_error(std::move(*failure));
  }
  return value;
}

result<std::vector<result<integration>>> decode_integrations(std::string_view json,
                                                             const decode_options& options,
                                                             std::vector<element_drift>* drifts) {
  if (drifts != nullptr) drifts->clear();
  if (auto refusal = codec::check_size(json, options)) return std::move(*refusal);
  return codec::decode_array<integration>(
      json, json, {}, options,
      [&](std::string_view text, const decode_options& inner, integration& value,
          std::size_t index) {
        std::optional<decode_mismatch> drift;
        auto failure = codec::read_integration(text, inner, value, &drift);
        if (drift && drifts != nullptr) {
          drifts->push_back(
              {index, codec::within("/" + std::to_string(index), codec::offset_of(text, json),
                                    {.mismatch = std::move(*drift)})
                          .mismatch});
        }
        return failure;
      });
}

result<activity> decode_activity(std::string_view json, const decode_options& options) {
  return codec::decode_document<activity>(json, options);
}

result<std::vector<result<activity>>> decode_activities(std::string_view json,
                                                        const decode_options& options) {
  return codec::decode_list<activity>(json, options);
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
  codec::change_status sent;
  if (auto failure = codec::read(json, options, sent)) {
    change.unread.push_back(codec::make_error(std::move(*failure)));
    if (codec::check_json(json, options)) return change;
  }
  if (sent.status) change.status = std::move(*sent.status);
  if (sent.code) change.code = *sent.code;
  read_embedded(json, options, change);
  return change;
}

}  // namespace upsun
