#include "management/upload/upload_form.h"

#include <gtest/gtest.h>

#include "bundle/bundle.h"
#include "management/upload/code.h"
#include "management/upload/metadata.h"

namespace atoll::management {
namespace {

using bundle::ModuleKind;
using scripts::CodeFormat;

Answer<UploadForm> read(const Request& request, FormSubject subject = FormSubject::Metadata) {
  return read_upload_form(request, subject);
}

Request with_type(std::string content_type, std::string body) {
  return Request{"PUT", "/", {{"content-type", std::move(content_type)}}, std::move(body)};
}

std::string field(const std::string& disposition, const std::string& body) {
  return "--b\r\nContent-Disposition: form-data; " + disposition + "\r\n\r\n" + body + "\r\n";
}

TEST(UploadForm, MetadataMayComeInAnyOrder) {
  Request request = with_type("multipart/form-data; boundary=b",
                              field("name=\"w.js\"; filename=\"w.js\"", "code") +
                                  field("name=metadata", "{\"main_module\":\"w.js\"}") + "--b--");
  auto form = read(request);
  ASSERT_TRUE(form) << form.error().message;
  EXPECT_EQ(json_string(form->metadata, "main_module"), "w.js");
  ASSERT_EQ(form->parts.size(), 1u);
  EXPECT_EQ(form->parts[0].bytes, "code");
}

TEST(UploadForm, IsFoundBehindAWrongContentType) {
  std::string body = field("name=\"metadata[main_module]\"", "w.js") +
                     field("name=\"files[]\"; filename=\"w.js\"", "1") +
                     field("name=\"files[x.js]\"", "2") +
                     field("name=\"files[y.js]\"; filename=\"z.js\"", "3") + "--b--";
  for (const char* type : {"application/javascript", "text/plain", ""}) {
    Request request = with_type(type, body);
    auto form = read(request);
    ASSERT_TRUE(form) << form.error().message;
    ASSERT_EQ(form->parts.size(), 3u);
    EXPECT_EQ(form->parts[0].name, "w.js");
    EXPECT_EQ(form->parts[1].name, "x.js");
    EXPECT_EQ(form->parts[2].name, "z.js");
  }
}

TEST(UploadForm, AFormTypeWithoutBoundaryIsSniffed) {
  Request request = with_type("multipart/form-data", field("name=metadata", "{}") + "--b--");
  EXPECT_TRUE(read(request));
  Request broken = with_type("multipart/form-data", "nonsense");
  EXPECT_EQ(read(broken).error().code, codes::kMalformedBody);
}

TEST(UploadForm, JsonAloneMayOrMayNotBeWrapped) {
  Request wrapped = with_type("application/javascript", "{\"metadata\":{\"body_part\":\"a\"}}");
  EXPECT_EQ(json_string(read(wrapped)->metadata, "body_part"), "a");
  Request bare = with_type("application/json", " {\"tags\":[]}");
  EXPECT_TRUE(read(bare, FormSubject::Settings)->metadata.contains("tags"));
  Request broken = with_type("application/json", "{\"tags\":");
  EXPECT_FALSE(read(broken));
}

TEST(UploadForm, AScriptThatStartsWithABlockIsAScript) {
  Request request = with_type("application/javascript", "{ let x = 1; }");
  auto form = read(request);
  ASSERT_TRUE(form);
  EXPECT_EQ(json_string(form->metadata, "body_part"), kRawScriptName);
  Request module = with_type("application/javascript+module", "export default {}");
  EXPECT_EQ(json_string(read(module)->metadata, "main_module"), kRawScriptName);
  Request empty = with_type("application/javascript", "");
  EXPECT_FALSE(read(empty));
}

TEST(UploadForm, MetadataGivenTwiceIsRefused) {
  std::string twice = field("name=metadata", "{}") + field("name=metadata", "{}") + "--b--";
  EXPECT_FALSE(read(with_type("multipart/form-data; boundary=b", twice)));
  std::string mixed = field("name=metadata", "{}") + field("name=\"metadata[a]\"", "1") + "--b--";
  EXPECT_FALSE(read(with_type("multipart/form-data; boundary=b", mixed)));
}

Answer<UploadedCode> build(const std::vector<UploadPart>& parts, const char* main,
                           CodeFormat format = CodeFormat::Modules, UploadRules rules = {}) {
  return build_code(parts, EntryPart{main, format}, rules);
}

TEST(Code, ContentTypesDecideTheKindsOfModules) {
  auto code = build({{"./t.txt", "text/plain; charset=utf-8", "t"},
                     {"main.js", "application/javascript", "export default {}"},
                     {"c.js", "application/javascript", "module.exports = 1"},
                     {"m.mjs", "application/javascript+module", ""},
                     {"d.bin", "application/octet-stream", "d"},
                     {"w.wasm", "application/wasm", "w"},
                     {"j.json", "application/json", "[1]"},
                     {"main.js.map", "application/source-map", "{}"},
                     {"guess.txt", "", "g"}},
                    "./main.js");
  ASSERT_TRUE(code) << code.error().message;
  EXPECT_EQ(code->main_module, "main.js");
  auto view = bundle::BundleView::parse(*code->bundle);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->entry().name, "main.js");
  EXPECT_EQ(view->entry().kind, ModuleKind::EsModule);
  EXPECT_EQ(view->find("t.txt")->kind, ModuleKind::Text);
  EXPECT_EQ(view->find("c.js")->kind, ModuleKind::CommonJs);
  EXPECT_EQ(view->find("d.bin")->kind, ModuleKind::Data);
  EXPECT_EQ(view->find("w.wasm")->kind, ModuleKind::Wasm);
  EXPECT_EQ(view->find("j.json")->kind, ModuleKind::Json);
  EXPECT_EQ(view->find("main.js.map")->kind, ModuleKind::SourceMap);
  EXPECT_EQ(view->find("guess.txt")->kind, ModuleKind::Text);
}

TEST(Code, RefusalsNameTheModule) {
  auto refusal = [](Answer<UploadedCode> code) {
    EXPECT_FALSE(code);
    return code ? std::string() : std::to_string(code.error().code) + " " + code.error().message;
  };
  EXPECT_NE(refusal(build({}, "w.js")).find("10021 No such module \"w.js\""), std::string::npos);
  EXPECT_NE(refusal(build({{"w.js", "text/css", ""}}, "w.js")).find("text/css"), std::string::npos);
  EXPECT_NE(refusal(build({{"w.py", "text/x-python", ""}}, "w.py")).find("Python"),
            std::string::npos);
  EXPECT_NE(refusal(build({{"w.js", "", ""}, {"x", "image/png", ""}}, "w.js")).find("image/png"),
            std::string::npos);
  EXPECT_NE(refusal(build({{"w.js", "", ""}, {"./w.js", "", ""}}, "w.js")).find("twice"),
            std::string::npos);
  EXPECT_NE(
      refusal(build({{"w.js", "", ""}, {"j", "application/json", "{"}}, "w.js")).find("\"j\""),
      std::string::npos);
  UploadRules small;
  small.max_code_bytes = 3;
  EXPECT_EQ(build({{"w.js", "", "1234"}}, "w.js", CodeFormat::Modules, small).error().code,
            codes::kTooLarge);
  EXPECT_TRUE(build({{"w.js", "", "12"}, {"w.js.map", "application/source-map", "123456"}}, "w.js",
                    CodeFormat::Modules, small));
}

TEST(Code, EqualCodeHasAnEqualEtag) {
  auto one = build({{"a.js", "", "1"}}, "a.js");
  auto same = build({{"./a.js", "application/javascript+module", "1"}}, "a.js");
  auto other = build({{"a.js", "", "2"}}, "a.js");
  EXPECT_EQ(one->etag, same->etag);
  EXPECT_NE(one->etag, other->etag);
}

TEST(Metadata, AbsentMembersStayAbsent) {
  WallTime now = *parse_rfc3339("2026-11-24T12:00:00Z");
  auto none = read_metadata(Json::object(), {}, now);
  ASSERT_TRUE(none);
  EXPECT_FALSE(none->bindings || none->tags || none->logpush || none->limits ||
               none->observability || none->keep_bindings);
  scripts::ScriptSettings settings;
  settings.logpush = true;
  none->apply_to(settings);
  EXPECT_TRUE(settings.logpush);
}

TEST(Metadata, WrongTypesAreMalformedAndWrongValuesRefused) {
  WallTime now = *parse_rfc3339("2026-11-24T12:00:00Z");
  auto code = [&](const char* text) {
    auto metadata = read_metadata(*parse_json(text), {}, now);
    return metadata ? 0u : metadata.error().code;
  };
  EXPECT_EQ(code(R"({"bindings":{}})"), codes::kMalformedBody);
  EXPECT_EQ(code(R"({"tags":["a",1]})"), codes::kMalformedBody);
  EXPECT_EQ(code(R"({"logpush":"yes"})"), codes::kMalformedBody);
  EXPECT_EQ(code(R"({"compatibility_date":20260101})"), codes::kMalformedBody);
  EXPECT_EQ(code(R"({"limits":{"cpu_ms":0}})"), codes::kValidation);
  EXPECT_EQ(code(R"({"limits":{"cpu_ms":1.5}})"), codes::kValidation);
  EXPECT_EQ(code(R"({"compatibility_date":"2026-11-26"})"), codes::kValidation);
  EXPECT_EQ(code(R"({"compatibility_date":"2026-11-25"})"), 0u);  // tomorrow, somewhere today
  EXPECT_EQ(code(R"({"compatibility_flags":["nodejs_compat","no_nodejs_compat"]})"),
            codes::kValidation);
  EXPECT_EQ(code(R"({"exports":{"A":{"type":"worker"}}})"), 0u);
  EXPECT_EQ(code(R"({"exports":{"A":{"type":"durable-object","storage":"sqlite"}}})"),
            codes::kValidation);
  EXPECT_EQ(code(R"({"containers":[{"name":"x"}]})"), codes::kValidation);
}

}  // namespace
}  // namespace atoll::management
