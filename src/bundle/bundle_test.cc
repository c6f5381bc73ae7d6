#include "bundle/bundle.h"

#include <gtest/gtest.h>

namespace atoll::bundle {
namespace {

std::vector<Module> sample() {
  return {{"index.js", ModuleKind::EsModule, "export default {}"},
          {"./caf\xC3\xA9.txt", ModuleKind::Text, "caf\xC3\xA9"},
          {"lib/a.wasm", ModuleKind::Wasm, std::string_view("\0asm\1\0\0\0", 8)},
          {"empty.bin", ModuleKind::Data, ""},
          {"index.js.map", ModuleKind::SourceMap, "{}"}};
}

std::string encoded(const std::vector<Module>& modules) {
  auto bytes = Bundle::encode(modules);
  EXPECT_TRUE(bytes) << bytes.error().message();
  return *bytes;
}

std::string refusal(const std::vector<Module>& modules) {
  auto bytes = Bundle::encode(modules);
  EXPECT_FALSE(bytes);
  return bytes ? "" : bytes.error().message();
}

TEST(Bundle, ReadsBackWhatWasEncodedInPlace) {
  std::string bytes = encoded(sample());

  auto view = BundleView::parse(bytes);

  ASSERT_TRUE(view);
  ASSERT_EQ(view->modules().size(), sample().size());
  for (std::size_t i = 0; i < sample().size(); ++i) {
    const Module& module = view->modules()[i];
    EXPECT_EQ(module.name, sample()[i].name);
    EXPECT_EQ(module.kind, sample()[i].kind);
    EXPECT_EQ(module.bytes, sample()[i].bytes);
    EXPECT_GE(module.bytes.data(), bytes.data());
    EXPECT_LE(module.bytes.data() + module.bytes.size(), bytes.data() + bytes.size());
    EXPECT_EQ((module.bytes.data() - bytes.data()) % kModuleAlignment, 0u);
  }
  EXPECT_EQ(view->entry().name, "index.js");
  EXPECT_TRUE(view->entry().ascii);
  EXPECT_FALSE(view->modules()[1].ascii);
  EXPECT_EQ(view->find("lib/a.wasm"), &view->modules()[2]);
  EXPECT_EQ(view->find("lib/b.wasm"), nullptr);
}

TEST(Bundle, EqualCodeGivesEqualBytes) { EXPECT_EQ(encoded(sample()), encoded(sample())); }

TEST(Bundle, RefusesModulesThatMakeNoProgram) {
  EXPECT_EQ(refusal({}), "a bundle needs at least one module");
  EXPECT_EQ(refusal({{"", ModuleKind::EsModule, "1"}}), "a module has an empty name");
  EXPECT_EQ(refusal({{"a", ModuleKind::EsModule, "1"}, {"a", ModuleKind::Text, "2"}}),
            "two modules are named a");
  EXPECT_EQ(refusal({{"a.txt", ModuleKind::Text, "1"}}),
            "the entry module a.txt is not JavaScript");
  EXPECT_EQ(refusal({{"\xFF", ModuleKind::EsModule, "1"}}), "a module name is not UTF-8 text");
  EXPECT_NE(refusal({{std::string(1025, 'n'), ModuleKind::EsModule, "1"}}).find("1024"),
            std::string::npos);
}

TEST(Bundle, RefusesEveryTruncationAndExtension) {
  std::string bytes = encoded(sample());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(BundleView::parse(std::string_view(bytes).substr(0, size))) << size;
  }
  EXPECT_FALSE(BundleView::parse(bytes + '\0'));
}

TEST(Bundle, ACorruptedByteIsRefusedOrChangesOnlyContents) {
  const std::string good = encoded(sample());
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string bad = good;
      bad[at] = static_cast<char>(bad[at] ^ (1 << bit));
      auto view = BundleView::parse(bad);
      if (!view) {
        EXPECT_EQ(view.error().kind(), ErrorKind::InvalidInput);
        continue;
      }
      for (const Module& module : view->modules()) {
        EXPECT_LE(module.bytes.data() + module.bytes.size(), bad.data() + bad.size());
      }
    }
  }
}

}  // namespace
}  // namespace atoll::bundle
