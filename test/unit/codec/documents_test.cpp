#include "codec/documents.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace upsun::codec {
namespace documents_test {

using links = std::map<std::string, std::string>;

result<page<organization>> page_of(const std::string& json, const decode_options& options = {}) {
  return decode_page<organization>(json, options);
}

void expect_mismatch(const error& e, const decode_mismatch& expected) {
  EXPECT_EQ(e, errc::decode_failed);
  ASSERT_NE(e.decode(), nullptr);
  EXPECT_EQ(*e.decode(), expected) << e;
}

TEST(DecodePage, ReadsItemsAndWhatIsAroundThem) {
  const auto got = page_of(R"( {"_links": {"next":{"href":"/organizations?page%5Bafter%5D=x"},)"
                           R"("self":{"href":"\/organizations","title":"t"}}, "count" : 12 ,)"
                           R"("facets": {"plans": {"a":"A"}} ,"total":7,)"
                           R"("items": [ {"id":"o1"} , {"id":"o2","name":"acme"} ]} )");
  ASSERT_EQ(got.value().items.size(), 2u);
  EXPECT_EQ(got->items[0].value(), organization{.id = "o1"});
  EXPECT_EQ(got->items[1].value(), (organization{.id = "o2", .name = "acme"}));
  EXPECT_EQ(got->count, 12);
  EXPECT_EQ(got->facets.text(), R"({"plans": {"a":"A"}})");
  EXPECT_EQ(got->links,
            (links{{"next", "/organizations?page%5Bafter%5D=x"}, {"self", "/organizations"}}));
}

TEST(DecodePage, OfWhichNothingIsThereIsEmpty) {
  for (const char* json : {"{}", R"({"items":null,"count":null,"facets":null,"_links":null})",
                           R"({"items":[],"_links":{}})", R"({"_links":{"next":null}})"}) {
    const auto got = page_of(json);
    ASSERT_TRUE(got) << json << got.error();
    EXPECT_TRUE(got->items.empty()) << json;
    EXPECT_EQ(got->count, std::nullopt) << json;
    EXPECT_TRUE(got->facets.empty()) << json;
    EXPECT_TRUE(got->links.empty()) << json;
  }
}

TEST(DecodePage, LeavesOutACountThatIsNone) {
  EXPECT_EQ(page_of(R"({"count":0})").value().count, 0);
  EXPECT_EQ(page_of(R"({"count":3.0})").value().count, 3);
  EXPECT_EQ(page_of(R"({"count":1e2})").value().count, 100);
  for (const char* json : {R"({"count":"3"})", R"({"count":[3]})", R"({"count":1e99})"})
    EXPECT_EQ(page_of(json).value().count, std::nullopt) << json;
}

TEST(DecodePage, GivesABrokenItemAsAnErrorInItsPlace) {
  const std::string json =
      R"({"items":[{"id":"o1"},{"name":"acme"},{"id":"o2"},7,{"id":"o3","label":5},null]})";
  const auto got = page_of(json);
  ASSERT_EQ(got.value().items.size(), 6u);
  EXPECT_EQ(got->items[0].value().id, "o1");
  EXPECT_EQ(got->items[2].value().id, "o2");
  expect_mismatch(got->items[1].error(),
                  {"/items/1/id", "string", "missing", json.find(R"(},{"id":"o2")")});
  expect_mismatch(got->items[3].error(), {"/items/3", "object", "number", json.find("7,")});
  expect_mismatch(got->items[4].error(), {"/items/4/label", "string", "number", json.find("5}")});
  expect_mismatch(got->items[5].error(), {"/items/5", "object", "null", json.find("null]")});
}

TEST(DecodePage, RefusesWhatIsNoPage) {
  const decode_mismatch no_object{"", "a page, which is an object", "array", 1};
  expect_mismatch(page_of(R"( [{"id":"o"}])").error(), no_object);
  for (const char* json : {"7", "null", R"("x")", "true"})
    EXPECT_EQ(page_of(json).error().decode()->expected, no_object.expected) << json;
  for (const char* json : {"", "{", R"({"items":[)", R"({"items":[{"id":"o"},]})", "<html>",
                           R"({"items":[{"id":"o"}]} x)", R"({"x":[1,,2],"items":[]})"})
    EXPECT_EQ(page_of(json).error(), errc::decode_failed) << json;
  EXPECT_EQ(page_of("{}", {.max_bytes = 1}).error(), errc::body_limit);
}

TEST(DecodePage, RefusesItemsThatAreNoArray) {
  const std::string json = R"({"count":1,"items": {"0":{"id":"o"}}})";
  expect_mismatch(page_of(json).error(), {"/items", "array", "object", json.find("{\"0")});
  for (const char* items : {"7", "\"x\"", "true"})
    EXPECT_EQ(page_of(std::string(R"({"items":)") + items + "}").error().decode()->pointer,
              "/items");
}

TEST(DecodePage, CountsLevelsFromTheDocument) {
  const std::string json = R"({"items":[{"id":"o","x":[[]]}]})";
  EXPECT_TRUE(page_of(json, {.max_depth = 5}).value().items.at(0));
  EXPECT_EQ(page_of(json, {.max_depth = 4}).error(), errc::json_depth_limit);
}

TEST(DecodePage, LeavesOutLinksThatAreNone) {
  const auto got = page_of(
      R"({"_links":{"a":null,"b":"/x","c":{},"d":{"href":5},"e":{"href":null},"f":[{"href":"/x"}],)"
      R"("g":{"href":"/g"}}})");
  EXPECT_EQ(got.value().links, (links{{"g", "/g"}}));
}

TEST(DecodePage, RefusesALinkToTheNextPageThatIsNone) {
  for (const char* next : {"{}", "\"/x\"", "[]", "[{\"href\":\"/x\"}]", "5", "false",
                           "{\"href\":5}", "{\"href\":null}"}) {
    const std::string json =
        std::string(R"({"items":[{"id":"o"}],"_links":{"next": )") + next + "}}";
    const auto got = page_of(json);
    ASSERT_FALSE(got) << next;
    expect_mismatch(got.error(), {"/_links/next", "a link with an href",
                                  next[0] == '{'   ? "object"
                                  : next[0] == '[' ? "array"
                                  : next[0] == '"' ? "string"
                                  : next[0] == '5' ? "number"
                                                   : "boolean",
                                  json.find(next)});
  }
  for (const char* no_links : {"[]", "[{\"next\":{\"href\":\"/x\"}}]", "\"next\"", "7"}) {
    const auto got = page_of(std::string(R"({"_links":)") + no_links + "}");
    ASSERT_FALSE(got) << no_links;
    EXPECT_EQ(got.error(), errc::decode_failed) << no_links;
  }
}

TEST(DecodePage, MendsHalvesOfPairsInItemsAndLinks) {
  const auto got =
      page_of(R"({"items":[{"id":"o","label":"\ud83d"}],"_links":{"next":{"href":"/x\udc00"}}})");
  EXPECT_EQ(got.value().items.at(0).value().label, "\xEF\xBF\xBD");
  EXPECT_EQ(got->links.at("next"), "/x\xEF\xBF\xBD");
}

// ---- lists

TEST(DecodeList, GivesABrokenElementAsAnErrorInItsPlace) {
  const auto got = decode_list<environment>(
      R"([{"id":"e","name":"e","machine_name":"m","title":"","type":"production","is_pr":false,)"
      R"("status":"active","project":"p","is_main":true},{"id":"f"},[]])",
      {});
  ASSERT_EQ(got.value().size(), 3u);
  EXPECT_EQ((*got)[0].value().type, environment_type::production);
  EXPECT_EQ((*got)[1].error().decode()->pointer, "/1/name");
  EXPECT_EQ((*got)[2].error().decode()->pointer, "/2");
  EXPECT_TRUE(decode_list<environment>(" [ ] ", {}).value().empty());
  EXPECT_EQ(decode_list<environment>("{}", {}).error().decode()->expected, "array");
  EXPECT_EQ(decode_list<environment>("[]", {.max_bytes = 1}).error(), errc::body_limit);
}

// ---- references

TEST(DecodeReferences, ReadsAMapFromIdsAndLeavesOutNulls) {
  const auto got = decode_references<project_reference>(
      R"({"p1":{"id":"p1","title":"One","_links":{}}, "p2" : null ,"p3":{"id":"p3"}})", {});
  ASSERT_EQ(got.value().size(), 2u);
  EXPECT_EQ(got->at("p1").value(), (project_reference{.id = "p1", .title = "One"}));
  EXPECT_EQ(got->at("p3").value(), project_reference{.id = "p3"});
  EXPECT_TRUE(decode_references<project_reference>("{}", {}).value().empty());
}

TEST(DecodeReferences, GivesABrokenOneAsAnErrorInItsPlace) {
  const std::string json = R"({"p1":{"title":"One"},"a/b~c":7,"p2":{"id":"p2"}})";
  const auto got = decode_references<project_reference>(json, {});
  ASSERT_EQ(got.value().size(), 3u);
  expect_mismatch(got->at("p1").error(), {"/p1/id", "string", "missing", json.find(R"(},"a)")});
  expect_mismatch(got->at("a/b~c").error(), {"/a~1b~0c", "object", "number", json.find("7,")});
  EXPECT_EQ(got->at("p2").value().id, "p2");
}

TEST(DecodeReferences, TakesIdsWithEscapes) {
  const auto got = decode_references<project_reference>(R"({"p\u0031":{"id":"p1"}})", {});
  EXPECT_TRUE(got.value().contains("p1"));
}

TEST(DecodeReferences, RefusesWhatIsNoMap) {
  expect_mismatch(decode_references<project_reference>(" [] ", {}).error(),
                  {"", "object", "array", 1});
  for (const char* json : {"", "{", "7", R"({"p1":{"id":"p1"},})", R"({"p1":{"id":"p1"}} x)"})
    EXPECT_EQ(decode_references<project_reference>(json, {}).error(), errc::decode_failed) << json;
  EXPECT_EQ(decode_references<project_reference>("{}", {.max_bytes = 1}).error(), errc::body_limit);
  EXPECT_EQ(decode_references<project_reference>(R"({"p":{"id":"p","x":[[]]}})", {.max_depth = 3})
                .error(),
            errc::json_depth_limit);
}

}  // namespace documents_test
}  // namespace upsun::codec
