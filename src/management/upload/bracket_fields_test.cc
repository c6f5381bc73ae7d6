#include "management/upload/bracket_fields.h"

#include <gtest/gtest.h>

namespace atoll::management {
namespace {

Json build(const std::vector<std::pair<std::string, std::string>>& fields) {
  BracketFields result;
  for (const auto& [name, value] : fields) {
    EXPECT_TRUE(BracketFields::belongs(name, "metadata")) << name;
    EXPECT_TRUE(result.add(name, value)) << name;
  }
  return result.take();
}

TEST(BracketFields, RebuildNestingAndLists) {
  EXPECT_EQ(build({{"metadata[main_module]", "w.mjs"},
                   {"metadata[tags][]", "a"},
                   {"metadata[tags][]", "b"},
                   {"metadata[limits][cpu_ms]", "5"},
                   {"metadata[logpush]", "true"}}),
            *parse_json(R"({"main_module":"w.mjs","tags":["a","b"],"limits":{"cpu_ms":5},
                           "logpush":true})"));
}

TEST(BracketFields, ARepeatedMemberStartsANewElement) {
  EXPECT_EQ(build({{"metadata[bindings][][type]", "plain_text"},
                   {"metadata[bindings][][name]", "TEXT"},
                   {"metadata[bindings][][text]", "true"},
                   {"metadata[bindings][][type]", "kv_namespace"},
                   {"metadata[bindings][][name]", "KV"},
                   {"metadata[bindings][][namespace_id]", "12"}}),
            *parse_json(R"({"bindings":[
                {"type":"plain_text","name":"TEXT","text":"true"},
                {"type":"kv_namespace","name":"KV","namespace_id":"12"}]})"));
}

TEST(BracketFields, ListsInsideElementsStayInTheirElement) {
  EXPECT_EQ(build({{"metadata[bindings][][name]", "A"},
                   {"metadata[bindings][][outbound][params][][name]", "x"},
                   {"metadata[bindings][][outbound][params][][name]", "y"},
                   {"metadata[bindings][][name]", "B"},
                   {"metadata[bindings][][outbound][params][][name]", "z"}}),
            *parse_json(R"({"bindings":[
                {"name":"A","outbound":{"params":[{"name":"x"},{"name":"y"}]}},
                {"name":"B","outbound":{"params":[{"name":"z"}]}}]})"));
}

TEST(BracketFields, ValuesOfJsonBindingsKeepTheirText) {
  EXPECT_EQ(build({{"metadata[bindings][][json][enabled]", "true"}}),
            *parse_json(R"({"bindings":[{"json":{"enabled":"true"}}]})"));
}

TEST(BracketFields, RefuseContradictionsAndBrokenBrackets) {
  BracketFields fields;
  EXPECT_TRUE(fields.add("metadata[a]", "1"));
  EXPECT_FALSE(fields.add("metadata[a][b]", "1"));
  EXPECT_FALSE(fields.add("metadata[a]", "2"));
  EXPECT_FALSE(fields.add("metadata[", "1"));
  EXPECT_FALSE(fields.add("metadata[x]y", "1"));
  EXPECT_FALSE(fields.add("metadata[]", "1"));
  std::string deep = "metadata";
  for (int i = 0; i < 40; ++i) deep += "[a]";
  EXPECT_FALSE(fields.add(deep, "1"));
}

}  // namespace
}  // namespace atoll::management
