#include "testing/hal_links.hpp"

namespace upsun::testing {
namespace {

/// What the API adds to an editing link: a schema of what may be sent there. Braces, quotes and
/// escapes within strings keep those honest who skip it.
constexpr std::string_view edit_schema =
    R"({"title":"Integration","type":"object","additionalProperties":false,"required":["type"],"properties":{)"
    R"("type":{"type":"string","title":"Type","description":"The kind of the integration, such as \"webhook\".","readOnly":true},)"
    R"("role":{"type":"string","title":"Role","description":"What it may do \u2014 see {roles}.","default":""},)"
    R"("url":{"type":"string","format":"uri","pattern":"^https?:\\/\\/[^\\s\"{}]+$","title":"URL"},)"
    R"("events":{"type":"array","title":"Events","items":{"type":"string"},"uniqueItems":true,"default":["*"]},)"
    R"("environments":{"type":"array","title":"Environments","items":{"type":"string"},"default":["*"]},)"
    R"("excluded_environments":{"type":"array","title":"Excluded environments","items":{"type":"string"},"default":[]},)"
    R"("states":{"type":"array","items":{"type":"string","enum":["pending","in_progress","complete","cancelled","scheduled","staged"]},"default":["complete"]},)"
    R"("result":{"type":"string","enum":["*","failure","success"],"default":"*"},)"
    R"("environment_init_resources":{"type":"string","enum":["default","manual","minimum","parent"],"default":"parent"},)"
    R"("headers":{"type":"object","title":"Headers","additionalProperties":{"type":"string"},"default":{}},)"
    R"("extra":{"type":"object","title":"Extra","additionalProperties":{"type":"string"},"default":{}},)"
    R"("port":{"type":"integer","minimum":0,"maximum":65535,"default":6514},"facility":{"type":"integer","minimum":0,"maximum":23,"default":1},)"
    R"("sampling":{"oneOf":[{"type":"null"},{"type":"number","exclusiveMinimum":0,"maximum":1.0e0},{"type":"array","items":[{"type":"number"},{"not":{}}]}]}}})";

}  // namespace

std::string with_links(std::string object, std::string_view path, std::string_view region) {
  const auto link = [&](std::string_view name, std::string_view under) {
    object.append(",\"")
        .append(name)
        .append("\":{\"href\":\"")
        .append(path)
        .append(under)
        .append("\"}");
  };
  object.pop_back();
  object.append(R"(,"_links":{"self":{"href":")").append(region).append(path).append("\"}");
  object.append(R"(,"#edit":{"href":")")
      .append(path)
      .append(R"(","meta":)")
      .append(edit_schema)
      .append("}");
  link("#delete", "");
  link("#validate", "/validate");
  link("#hook", "/hook");
  object.append("}}");
  return object;
}

}  // namespace upsun::testing
