// Isolates from the snapshot: what they hold, what they cost, what they leave behind.
#include "js/engine.h"

#include <fstream>

#include "js/platform.h"
#include "runtime/testing/worker_fixture.h"

namespace atoll::js {
namespace {

std::size_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t total = 0;
  std::size_t resident = 0;
  statm >> total >> resident;
  return resident * 4096;
}

class Isolates : public runtime::WorkerFixture {
 protected:
  // What `code` evaluates to in this isolate, as text.
  static std::string evaluate(FreshIsolate& fresh, std::string_view code) {
    v8::Isolate* isolate = fresh.isolate;
    v8::Isolate::Scope entered(isolate);
    v8::HandleScope handles(isolate);
    v8::Local<v8::Context> context = fresh.context.Get(isolate);
    v8::Context::Scope in_context(context);
    v8::TryCatch caught(isolate);
    v8::Local<v8::Script> script;
    v8::Local<v8::Value> value;
    if (!v8::Script::Compile(context, to_v8(isolate, code)).ToLocal(&script) ||
        !script->Run(context).ToLocal(&value)) {
      return *v8::String::Utf8Value(isolate, caught.Exception());
    }
    isolate->PerformMicrotaskCheckpoint();
    return *v8::String::Utf8Value(isolate, value);
  }
};

TEST_F(Isolates, HaveTheBuiltInsAndNotTheNames) {
  FreshIsolate fresh = new_isolate();
  EXPECT_EQ(evaluate(fresh, "typeof Response + typeof fetch + typeof crypto.subtle.digest"),
            "functionfunctionfunction");
  EXPECT_EQ(
      evaluate(fresh,
               "['window', 'document', 'process', 'require', 'natives', 'Temporal', 'gc',"
               " 'importScripts', 'XMLHttpRequest'].filter((name) => name in globalThis).join()"),
      "");
  engine().dispose(std::move(fresh));
}

TEST_F(Isolates, DoNotShareGlobals) {
  FreshIsolate one = new_isolate();
  FreshIsolate two = new_isolate();
  evaluate(one,
           "globalThis.secret = 1; Array.prototype.push = null; Response.prototype.text = null");
  EXPECT_EQ(evaluate(two, "typeof secret + typeof [].push + typeof Response.prototype.text"),
            "undefinedfunctionfunction");
  engine().dispose(std::move(one));
  engine().dispose(std::move(two));
}

TEST_F(Isolates, LazyPartsLookLikeDataPropertiesAndLoadOnce) {
  FreshIsolate fresh = new_isolate();
  for (const char* name :
       {"ReadableStream", "TransformStream", "FormData", "TextDecoderStream", "Response", "URL"}) {
    std::string code = "(() => { const d = Object.getOwnPropertyDescriptor(globalThis, '" +
                       std::string(name) +
                       "'); return [typeof d.value, d.writable, d.enumerable, d.configurable,"
                       " 'get' in d, d.value === " +
                       name + ", " + name + " === " + name + ", d.value.name].join() })()";
    EXPECT_EQ(evaluate(fresh, code),
              "function,true,false,true,false,true,true," + std::string(name));
  }
  engine().dispose(std::move(fresh));
}

TEST_F(Isolates, LazyPartsMayBeReplacedBeforeTheyLoad) {
  FreshIsolate fresh = new_isolate();
  EXPECT_EQ(evaluate(fresh,
                     "globalThis.ReadableStream = 1; delete globalThis.FormData;"
                     "[ReadableStream, typeof FormData, new Headers() instanceof Headers]"),
            "1,undefined,true");
  engine().dispose(std::move(fresh));
}

TEST_F(Isolates, GiveBackEveryByteTheyWereCharged) {
  FreshIsolate fresh = new_isolate();
  std::shared_ptr<MemoryAccount> account = fresh.account;
  set_charged_account(account.get());
  EXPECT_EQ(evaluate(fresh, R"(
    globalThis.kept = [new ArrayBuffer(1_000_000), new Uint8Array(500_000), new SharedArrayBuffer(1_000_000),
                       new ArrayBuffer(0, {maxByteLength: 4_000_000}), new WebAssembly.Memory({initial: 16})];
    kept[3].resize(2_000_000); kept[4].grow(16); 'kept')"),
            "kept");
  set_charged_account(nullptr);
  EXPECT_GE(account->used(), 1'000'000u + 500'000 + 1'000'000 + 2'000'000 + 2'097'152);
  EXPECT_LT(account->used(), 8'000'000u);

  engine().dispose(std::move(fresh));

  EXPECT_EQ(account->used(), 0u);
}

TEST_F(Isolates, AreRefusedBuffersBeyondTheirAccount) {
  FreshIsolate fresh = engine().new_isolate({kMemoryBytes, 2'000'000});
  EXPECT_EQ(evaluate(fresh,
                     "globalThis.kept = new ArrayBuffer(1_500_000);"
                     "try { new ArrayBuffer(1_000_000) } catch (error) { error.name }"),
            "RangeError");
  EXPECT_TRUE(fresh.account->exceeded());
  engine().dispose(std::move(fresh));
}

TEST_F(Isolates, BufferGarbageIsCollectedBeforeAnAllocationIsRefused) {
  FreshIsolate fresh = engine().new_isolate({kMemoryBytes, 8'000'000});
  EXPECT_EQ(evaluate(fresh, "for (let i = 0; i < 50; i++) new ArrayBuffer(3_000_000); 'all'"),
            "all");
  EXPECT_FALSE(fresh.account->exceeded());
  engine().dispose(std::move(fresh));
}

TEST_F(Isolates, AFrozenClockIsWhatScriptsSee) {
  FreshIsolate fresh = new_isolate();
  set_frozen_time(1'700'000'000'123);
  EXPECT_EQ(evaluate(fresh, "Date.now() + ' ' + new Date().toISOString()"),
            "1700000000123 2023-11-14T22:13:20.123Z");
  set_frozen_time(0);
  engine().dispose(std::move(fresh));
}

TEST_F(Isolates, StringsGoBothWaysUnharmed) {
  FreshIsolate fresh = new_isolate();
  {
    v8::Isolate::Scope entered(fresh.isolate);
    v8::HandleScope handles(fresh.isolate);
    for (std::string text : {"", "ascii", "grüße", "日本 😀"}) {
      EXPECT_EQ(to_utf8(fresh.isolate, to_v8(fresh.isolate, text)), text);
    }
    EXPECT_EQ(to_utf8(fresh.isolate, to_v8(fresh.isolate, std::string_view("a\0b", 3))),
              std::string("a\0b", 3));
    std::uint16_t lone[] = {0xD800, 'x'};
    auto broken = v8::String::NewFromTwoByte(fresh.isolate, lone, v8::NewStringType::kNormal, 2)
                      .ToLocalChecked();
    EXPECT_EQ(to_utf8(fresh.isolate, broken), "\xEF\xBF\xBDx");
    EXPECT_EQ(to_utf8(fresh.isolate, to_v8(fresh.isolate, "\xFF")), "\xEF\xBF\xBD");
    EXPECT_EQ(to_latin1(fresh.isolate, latin1_to_v8(fresh.isolate, "\xE9")), "\xE9");
  }
  engine().dispose(std::move(fresh));
}

TEST_F(Isolates, FiveHundredComeAndGoWithoutATrace) {
  auto round = [this](int count) {
    for (int i = 0; i < count; ++i) {
      FreshIsolate fresh = new_isolate();
      if (i % 10 == 0) evaluate(fresh, "globalThis.kept = new Uint8Array(100_000); new Headers()");
      engine().dispose(std::move(fresh));
    }
  };
  round(50);  // warm
  std::size_t before = resident_bytes();
  round(500);
  std::size_t after = resident_bytes();
  EXPECT_LT(after, before + (24u << 20));
}

TEST_F(Isolates, ManyLiveTogether) {
  std::vector<FreshIsolate> all;
  std::size_t before = resident_bytes();
  for (int i = 0; i < 100; ++i) all.push_back(new_isolate());
  EXPECT_LT(resident_bytes() - before, 100u * (2u << 20));
  EXPECT_EQ(evaluate(all[50], "40 + 2"), "42");
  for (FreshIsolate& fresh : all) engine().dispose(std::move(fresh));
}

TEST_F(Isolates, AForeignSnapshotIsRefused) {
  std::string path = testing::TempDir() + "not-a.snapshot";
  for (std::string content : {std::string(), std::string(10, 'x'), std::string(1000, 'x')}) {
    std::ofstream(path, std::ios::binary) << content;
    auto started = Engine::start(path, {});
    ASSERT_FALSE(started);
  }
  EXPECT_FALSE(Engine::start(path + ".missing", {}));
}

}  // namespace
}  // namespace atoll::js
