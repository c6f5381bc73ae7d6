// Compiled code that is kept with a version: it makes starts cheaper and can do no harm.
#include "runtime/testing/worker_fixture.h"

namespace atoll::runtime {
namespace {

using bundle::ModuleKind;

class CodeCache : public WorkerFixture {
 protected:
  static ScriptSource source(std::string cache = {}) {
    ScriptSource made{
        {{"worker.js", ModuleKind::EsModule,
          "import {greet} from './greet.js'; import c from './c.cjs';"
          "export default { fetch(request) { return new Response(greet('grüße') + c.x) } }"},
         {"greet.js", ModuleKind::EsModule,
          "export function greet(word) { let text = ''; for (const c of word) text += c;"
          " return text + '!'; }"},
         {"c.cjs", ModuleKind::CommonJs, "exports.x = 1"}}};
    made.code_cache = std::move(cache);
    return made;
  }
  // A cache made after the script has run.
  std::string make_cache() {
    auto worker = start(source());
    EXPECT_TRUE(worker->wants_code_cache());
    EXPECT_EQ(text(worker), "grüße!1");
    return worker->make_code_cache();
  }
};

TEST_F(CodeCache, IsUsedByTheNextStart) {
  std::string cache = make_cache();
  EXPECT_GT(cache.size(), 200u);
  auto worker = start(source(cache));
  EXPECT_FALSE(worker->wants_code_cache());
  EXPECT_EQ(text(worker), "grüße!1");
}

TEST_F(CodeCache, IsKeptForServiceWorkerScriptsToo) {
  ScriptSource script{{{"worker.js", ModuleKind::ServiceWorker,
                        "addEventListener('fetch', (e) => e.respondWith(new Response('sw')))"}}};
  auto first = start(ScriptSource(script));
  EXPECT_TRUE(first->wants_code_cache());
  script.code_cache = first->make_code_cache();
  auto second = start(std::move(script));
  EXPECT_FALSE(second->wants_code_cache());
  EXPECT_EQ(text(second), "sw");
}

TEST_F(CodeCache, OfAnotherScriptIsReplaced) {
  auto other = start(handler("return new Response('another script, longer than the first one')"));
  std::string foreign = other->make_code_cache();
  auto worker = start(source(foreign));
  EXPECT_TRUE(worker->wants_code_cache());
  EXPECT_EQ(text(worker), "grüße!1");
}

TEST_F(CodeCache, OfTheSameLengthButOtherCodeIsReplaced) {
  auto one = start(handler("return new Response('one')"));
  ScriptSource two = handler("return new Response('two')");
  two.code_cache = one->make_code_cache();
  auto worker = start(std::move(two));
  EXPECT_EQ(text(worker), "two");
  EXPECT_TRUE(worker->wants_code_cache());
}

TEST_F(CodeCache, ThatIsDamagedIsReplaced) {
  std::string cache = make_cache();
  for (std::size_t at = 0; at < cache.size(); at += 1 + cache.size() / 150) {
    std::string damaged = cache;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x5a);
    auto worker = start(source(damaged));
    EXPECT_EQ(text(worker), "grüße!1") << at;
    EXPECT_TRUE(worker->wants_code_cache()) << at;
  }
}

TEST_F(CodeCache, ThatIsCutOffIsReplaced) {
  std::string cache = make_cache();
  for (std::size_t size :
       {std::size_t{1}, std::size_t{7}, std::size_t{40}, cache.size() / 2, cache.size() - 1}) {
    auto worker = start(source(cache.substr(0, size)));
    EXPECT_EQ(text(worker), "grüße!1") << size;
    EXPECT_TRUE(worker->wants_code_cache()) << size;
  }
  auto worker = start(source("rubbish"));
  EXPECT_EQ(text(worker), "grüße!1");
}

}  // namespace
}  // namespace atoll::runtime
