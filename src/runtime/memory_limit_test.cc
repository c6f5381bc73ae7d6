// Code that wants more memory than it may have loses its isolate, not its host.
#include "runtime/testing/worker_fixture.h"

namespace atoll::runtime {
namespace {

using namespace std::chrono_literals;

class MemoryLimit : public WorkerFixture {
 protected:
  // (module (memory (export "m") 1))
  static SourceModule memory_module() {
    return {"memory.wasm", bundle::ModuleKind::Wasm,
            std::string("\0asm\1\0\0\0\5\3\1\0\1\7\5\1\1m\2\0", 20)};
  }
  static ScriptSource with_memory(std::string_view code) {
    ScriptSource source =
        es_module("import module from './memory.wasm'; export default { async fetch(request) {\n" +
                  std::string(code) + "\n} };");
    source.modules.push_back(memory_module());
    return source;
  }
};

struct Shape {
  const char* name;
  const char* code;
};
void PrintTo(const Shape& shape, std::ostream* out) { *out << shape.name; }

class MemoryBomb : public MemoryLimit, public testing::WithParamInterface<Shape> {};

// Not here, because nothing in the process survives them: one built-in that makes an array of
// hundreds of millions of elements at once, such as `'x'.padEnd(3e8, 'abc').split('')` ("Fatal
// JavaScript invalid size error").
constexpr Shape kShapes[] = {
    {"GrowingArray", "const a = []; for (;;) a.push(a.length + 0.5);"},
    {"ArrayOfObjects", "const a = []; for (;;) a.push({x: a.length, y: [1, 2, 3]});"},
    {"LongStrings",
     "const a = []; for (let i = 0;; i++) a.push('x'.repeat(1_000_000) + i + [...'ab'].join(''));"},
    {"DoublingString",
     "let s = 'x'; for (;;) { s += s; s.charCodeAt(s.length - 1); if (s.length > 4e8) s = "
     "s.slice(1); }"},
    {"ManyStrings", "const a = []; for (let i = 0;; i++) a.push(String(i).padStart(100, '-'));"},
    {"GrowingMap", "const m = new Map(); for (let i = 0;; i++) m.set(i, {i});"},
    {"GrowingSet", "const m = new Set(); for (let i = 0;; i++) m.add('k' + i);"},
    {"GrowingObject", "const o = {}; for (let i = 0;; i++) o['key' + i] = i;"},
    {"NestedObjects", "let o = {}; for (;;) o = {o, p: [o]};"},
    {"Closures",
     "let f = () => 1; const all = []; for (;;) { const g = f; f = () => g; all.push(f); }"},
    {"ArrayBuffers", "const a = []; for (;;) a.push(new ArrayBuffer(1_000_000));"},
    {"SmallArrayBuffers", "const a = []; for (;;) a.push(new ArrayBuffer(1000));"},
    {"ResizableArrayBuffers",
     "const a = []; for (;;) { const b = new ArrayBuffer(0, {maxByteLength: 4e6}); try { "
     "b.resize(4e6); } catch {} a.push(b); }"},
    {"SharedArrayBuffers", "const a = []; for (;;) a.push(new SharedArrayBuffer(1_000_000));"},
    {"GrowableSharedArrayBuffers",
     "const a = []; for (;;) { const b = new SharedArrayBuffer(0, {maxByteLength: 4e6}); try { "
     "b.grow(4e6); } catch {} a.push(b); }"},
    {"TypedArrays", "const a = []; for (;;) a.push(new Float64Array(100_000));"},
    {"HugeTypedArrays", "const a = []; for (;;) a.push(new Uint8Array(30_000_000));"},
    {"FilledArrays", "const a = []; for (;;) a.push(new Array(100_000).fill(0.1));"},
    {"ArrayConcat", "let a = [1.5]; for (;;) a = a.concat(a);"},
    {"ArraySpread", "let a = [{}]; for (;;) a = [...a, ...a];"},
    {"ArrayFrom",
     "const all = []; for (;;) all.push(Array.from({length: 1_000_000}, (_, i) => ({i})));"},
    {"StringSplit", "const all = []; for (;;) all.push('a,'.repeat(1_000_000).split(','));"},
    {"JsonOutput",
     "const all = [], o = Array(10_000).fill({text: 'text'}); for (;;) "
     "all.push(JSON.parse(JSON.stringify(o)));"},
    {"BigIntegers", "const all = []; let x = 7n ** 1000n; for (;;) all.push(x *= 7n ** 1000n);"},
    {"Blobs", "const all = []; for (;;) all.push(new Blob([new Uint8Array(1_000_000)]));"},
    {"ClonedObjects",
     "const all = [], o = {a: Array(1000).fill(1.5)}; for (;;) all.push(structuredClone(o));"},
    {"PendingPromises", "const all = []; for (;;) all.push(new Promise(() => {}).then(() => {}));"},
    {"QueuedMicrotasks", "for (let i = 0;; i++) queueMicrotask(() => i);"},
    {"EncodedText",
     "const all = [], e = new TextEncoder(); for (;;) all.push(e.encode('x'.repeat(1_000_000)));"},
    {"ErrorsWithStacks", "const all = []; for (;;) all.push(new Error('x'.repeat(100)));"},
    {"CryptoKeys",
     "const all = []; for (;;) all.push(await crypto.subtle.importKey('raw', new "
     "Uint8Array(100_000), {name: 'HMAC', hash: 'SHA-256'}, false, ['sign']));"},
    {"WebAssemblyMemory", nullptr},
};

INSTANTIATE_TEST_SUITE_P(, MemoryBomb, testing::ValuesIn(kShapes),
                         [](const auto& info) { return info.param.name; });

TEST_P(MemoryBomb, CostsItsIsolateAndNothingElse) {
  const char* code = GetParam().code;
  ScriptSource source = code ? handler(code)
                             : with_memory(
                                   "const all = []; for (;;) {"
                                   "  const i = new WebAssembly.Instance(module); "
                                   "i.exports.m.grow(63); all.push(i); }");
  source.limits.cpu = 10s;
  auto neighbour = start(handler("return new Response('alive')"));
  auto bomb = start(ScriptSource(source));

  Call call = fetch(bomb);

  ASSERT_TRUE(call.failure);
  EXPECT_EQ(call.failure->outcome, Outcome::ExceededMemory) << call.error();
  EXPECT_EQ(call.failure->message, "Worker exceeded memory limit.");
  EXPECT_TRUE(bomb->condemned());
  EXPECT_TRUE(bomb->idle());
  EXPECT_EQ(log_.invocations.back().outcome, Outcome::ExceededMemory);
  EXPECT_EQ(text(neighbour), "alive");
  EXPECT_EQ(text(handler("return new Response('new')")), "new");
}

TEST_F(MemoryLimit, AllInvocationsOfTheIsolateFailTogether) {
  auto worker = start(handler(
      "if (request.url.endsWith('/bomb')) { const a = []; for (;;) a.push(new ArrayBuffer(1e6)); }"
      "await scheduler.wait(10_000);"));
  auto other = send(worker);
  auto bomb = send(worker, {"/bomb"});
  wait(bomb);
  wait(other);
  EXPECT_EQ(bomb->failure->outcome, Outcome::ExceededMemory);
  EXPECT_EQ(other->failure->outcome, Outcome::ExceededMemory);
}

TEST_F(MemoryLimit, OneHugeAllocationIsRefused) {
  for (const char* code :
       {"new ArrayBuffer(2e9)", "new Uint8Array(200_000_000)", "new Array(3e7).fill(1)",
        "'x'.repeat(5e8) + 'y'.repeat(5e8)", "new Float64Array(1e9)", "new SharedArrayBuffer(1e9)",
        "new ArrayBuffer(1e8, {maxByteLength: 1e9})", "new WebAssembly.Memory({initial: 60_000})",
        "'x'.repeat(2 ** 30)"}) {
    ScriptSource source = handler(std::string("try { ") + code +
                                  "; return new Response('allowed'); } catch (error) { return new "
                                  "Response(error.name) }");
    source.limits.cpu = 10s;
    auto worker = start(std::move(source));
    Call call = fetch(worker);
    bool stopped = call.failure && call.failure->outcome == Outcome::ExceededMemory;
    EXPECT_TRUE(stopped || call.body == "RangeError") << code << ": " << call.body << call.error();
  }
  EXPECT_EQ(text(handler("return new Response('alive')")), "alive");
}

TEST_F(MemoryLimit, GarbageIsNotHeldAgainstAScript) {
  for (const char* code :
       {"for (let i = 0; i < 600; i++) new ArrayBuffer(1_000_000);",
        "for (let i = 0; i < 60; i++) new Uint8Array(10_000_000).fill(1);",
        "for (let i = 0; i < 20; i++) new Uint8Array(40_000_000);",
        "for (let i = 0; i < 60; i++) { const b = new ArrayBuffer(0, {maxByteLength: 10e6}); "
        "b.resize(10e6); }",
        "for (let i = 0; i < 300; i++) Array.from({length: 10_000}, (_, i) => ({i}));",
        "let s = ''; for (let i = 0; i < 300; i++) s = 'x'.repeat(1_000_000) + i;",
        "for (let i = 0; i < 100; i++) JSON.parse(JSON.stringify(Array(5000).fill({text: 'text' + "
        "i})));",
        "for (let i = 0; i < 200; i++) new TextEncoder().encode('x'.repeat(1_000_000));",
        "for (let i = 0; i < 60; i++) structuredClone(new Uint8Array(10_000_000));"}) {
    ScriptSource source = handler(std::string(code) + " return new Response('fine')");
    source.limits.cpu = 10s;
    auto worker = start(std::move(source));
    EXPECT_EQ(text(worker), "fine") << code;
    EXPECT_EQ(text(worker), "fine") << code;
    EXPECT_FALSE(worker->condemned()) << code;
  }
}

TEST_F(MemoryLimit, WebAssemblyGarbageIsNotHeldAgainstAScript) {
  ScriptSource source = with_memory(
      "for (let i = 0; i < 100; i++) new WebAssembly.Instance(module).exports.m.grow(30);"
      "return new Response('fine')");
  source.limits.cpu = 10s;
  EXPECT_EQ(text(std::move(source)), "fine");
}

TEST_F(MemoryLimit, AWorkerMayUseMostOfItsMemory) {
  ScriptSource source = handler(
      "globalThis.kept \?\?= [new Uint8Array(20_000_000), Array.from({length: 300_000}, (_, i) => "
      "({i}))];"
      "return new Response(String(kept.length))");
  source.limits.cpu = 10s;
  auto worker = start(std::move(source));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(text(worker), "2");
  EXPECT_GT(worker->memory_bytes(), 20'000'000u);
}

TEST_F(MemoryLimit, MemoryThatGrowsOverManyRequestsIsLimited) {
  auto worker = start(handler(
      "globalThis.kept \?\?= []; for (let i = 0; i < 5; i++) kept.push(new Uint8Array(1_000_000));"
      "return new Response('kept')"));
  int answers = 0;
  while (answers < 100 && text(worker) == "kept") ++answers;
  EXPECT_GE(answers, 10);
  EXPECT_LT(answers, 14);
  EXPECT_TRUE(worker->condemned());
}

TEST_F(MemoryLimit, StartUpIsLimited) {
  for (const char* code :
       {"const a = []; for (;;) a.push(new ArrayBuffer(1e6));",
        "const a = []; for (;;) a.push('x'.repeat(1e6) + a.length + [1].join());",
        "const a = []; for (;;) a.push(new Array(100_000).fill(0.5));"}) {
    EXPECT_EQ(start_error(es_module(code)), "Script startup exceeded the memory limit.") << code;
  }
  EXPECT_EQ(text(handler("return new Response('alive')")), "alive");
}

TEST_F(MemoryLimit, TheAccountIsEmptyOnceABombIsGone) {
  std::shared_ptr<js::MemoryAccount> account;
  {
    auto fresh = new_isolate();
    account = fresh.account;
    auto worker = Worker::make(
        host_,
        make_script(with_memory(
            "const a = []; for (;;) { a.push(new Uint8Array(1e6));"
            "const i = new WebAssembly.Instance(module); i.exports.m.grow(5); a.push(i); }")),
        std::move(fresh));
    ASSERT_TRUE(worker->start());
    EXPECT_EQ(fetch(worker).failure->outcome, Outcome::ExceededMemory);
  }
  EXPECT_EQ(account->used(), 0u);
}

TEST_F(MemoryLimit, CompiledWebAssemblyMayOutliveTheIsolateThatCompiledItFirst) {
  ScriptSource source = with_memory(
      "return new Response(String(new WebAssembly.Instance(module).exports.m.buffer.byteLength))");
  auto first = start(ScriptSource(source));
  auto second = start(ScriptSource(source));
  EXPECT_EQ(text(first), "65536");
  first.reset();
  EXPECT_EQ(text(second), "65536");
  second.reset();
  EXPECT_EQ(text(std::move(source)), "65536");
}

}  // namespace
}  // namespace atoll::runtime
