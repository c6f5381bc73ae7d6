// The rules tenants rely on, and that keep them apart: what is refused where, and in which words.
#include "runtime/testing/worker_fixture.h"

namespace atoll::runtime {
namespace {

const std::string kGlobalScope =
    "Disallowed operation called within global scope. Asynchronous I/O (ex: fetch() or connect()), "
    "setting a timeout, and generating random values are not allowed within global scope. To fix "
    "this error, perform this operation within a handler.";

class Rules : public WorkerFixture {
 protected:
  // What `expression` throws or rejects with at the top level of a module.
  std::string at_start(std::string expression, std::string date = "2026-08-22") {
    ScriptSource source =
        es_module("let said; try { said = String(await (" + expression +
                  ")); } catch (error) { said = error.name + ': ' + error.message }"
                  "export default { fetch() { return new Response(said) } }");
    source.compatibility_date = date;
    return text(std::move(source));
  }
  std::string in_handler(std::string expression) {
    return text(
        handler("try { return new Response(String(await (" + expression +
                "))); } catch (error) { return new Response(error.name + ': ' + error.message) }"));
  }
};

TEST_F(Rules, GlobalScopeDoesNoIoSetsNoTimersAndKnowsNoRandomness) {
  for (const char* expression :
       {"fetch('https://a.test/')", "setTimeout(() => {}, 1)", "setInterval(() => {}, 1)",
        "scheduler.wait(1)", "crypto.randomUUID()", "crypto.getRandomValues(new Uint8Array(4))",
        "new Response('x')", "new Request('https://a.test/', {method: 'POST', body: 'x'})",
        "AbortSignal.timeout(10)"}) {
    EXPECT_EQ(at_start(expression), "Error: " + kGlobalScope) << expression;
  }
}

TEST_F(Rules, GlobalScopeBindingsCannotBeUsed) {
  border::Binding kv;
  kv.name = "KV";
  kv.type = "kv_namespace";
  kv.handle = 9;
  ScriptSource source = es_module(
      "import {env} from 'cloudflare:workers'; let said;"
      "try { await env.KV.get('x'); } catch (error) { said = error.message }"
      "export default { fetch() { return new Response(said) } }");
  source.bindings = {kv};
  EXPECT_EQ(text(std::move(source)), kGlobalScope);
}

TEST_F(Rules, GlobalScopeMayComputeEncodeAndDigestNothingSecret) {
  EXPECT_EQ(at_start("new URL('https://a.test/b').pathname"), "/b");
  EXPECT_EQ(at_start("new TextDecoder().decode(new TextEncoder().encode('ü'))"), "ü");
  EXPECT_EQ(at_start("new Headers({a: 'b'}).get('a')"), "b");
  EXPECT_EQ(at_start("structuredClone({a: [1]}).a[0]"), "1");
}

TEST_F(Rules, TheClockStandsAtZeroInGlobalScope) {
  EXPECT_EQ(at_start("Date.now() + ' ' + new Date().getTime() + ' ' + performance.now()"), "0 0 0");
}

TEST_F(Rules, TheClockStandsStillDuringATurnAndMovesAfterIo) {
  std::string answer = in_handler(R"((async () => {
    const first = Date.now(), precise = performance.now();
    let x = 0;
    for (let i = 0; i < 3e7; i++) x += i % 7;
    const still = Date.now() === first && performance.now() === precise && new Date().getTime() === first;
    await null;
    const stillAfterMicrotask = Date.now() === first;
    await scheduler.wait(20);
    const moved = Date.now() - first;
    return [still, stillAfterMicrotask, moved >= 15 && moved < 5000, first > 1.7e12].join();
  })())");
  EXPECT_EQ(answer, "true,true,true,true");
}

TEST_F(Rules, CodeFromStringsIsForStartUpOnly) {
  const std::string kRefused =
      "EvalError: Code generation from strings disallowed for this context";
  for (const char* expression :
       {"eval('1+1')", "new Function('return 1')()", "(0, eval)('2')",
        "new (async () => {}).constructor('return 1')()",
        "new (function*(){}).constructor('yield 1')", "(() => {}).constructor('return this')()",
        "setTimeout.constructor('return 1')()", "console.log.constructor('return 1')()",
        "Response.constructor('return 1')()"}) {
    EXPECT_EQ(in_handler(expression), kRefused) << expression;
  }
  EXPECT_EQ(at_start("eval('40 + 2')"), "42");
  EXPECT_EQ(at_start("new Function('return 42')()"), "42");
  EXPECT_EQ(at_start("new Function('return 42')()", "2025-06-01"), "42");
  EXPECT_EQ(at_start("eval('1')", "2025-05-31"), kRefused);
  EXPECT_EQ(at_start("new Function('return 1')()", "2024-01-01"), kRefused);
}

TEST_F(Rules, StringsAreNoTimerCallbacks) {
  EXPECT_NE(in_handler("setTimeout('globalThis.x = 1', 1)").find("TypeError"), std::string::npos);
}

TEST_F(Rules, WebAssemblyFromBytesIsRefusedEverywhere) {
  const char* bytes = "Uint8Array.of(0,97,115,109,1,0,0,0)";
  for (const char* form :
       {"new WebAssembly.Module(%)", "WebAssembly.compile(%)", "WebAssembly.instantiate(%)"}) {
    std::string expression = form;
    expression.replace(expression.find('%'), 1, bytes);
    std::string expected = "disallowed by embedder";
    EXPECT_NE(in_handler(expression).find(expected), std::string::npos) << in_handler(expression);
    EXPECT_NE(at_start(expression).find(expected), std::string::npos) << at_start(expression);
  }
}

TEST_F(Rules, WaitingOnSharedMemoryIsRefused) {
  EXPECT_EQ(in_handler("Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)"),
            "TypeError: Atomics.wait cannot be called in this context");
}

TEST_F(Rules, TheRandomGeneratorOfOneWorkerSaysNothingAboutAnothers) {
  ScriptSource source = handler("return new Response(`${Math.random()} ${Math.random()}`)");
  EXPECT_NE(text(ScriptSource(source)), text(ScriptSource(source)));
}

TEST_F(Rules, WhatAScriptPatchesStaysInItsIsolate) {
  text(handler(R"(
    Object.prototype.polluted = 'yes'; Array.prototype[Symbol.iterator] = null;
    Promise.prototype.then = null; globalThis.Response = null; return null)"));
  EXPECT_EQ(text(handler("return new Response(String(({}).polluted) + [...[1]])")), "undefined1");
}

TEST_F(Rules, PatchedBuiltInsDoNotBreakThePlatformsOwnWork) {
  auto worker = start(es_module(R"(
    for (const name of ['push', 'slice', 'forEach', 'map', 'join'])
      Array.prototype[name] = () => { throw new Error('patched') };
    Array.prototype[Symbol.iterator] = () => { throw new Error('patched') };
    Promise.prototype.then = () => { throw new Error('patched') };
    Object.defineProperty(Object.prototype, 'then', {get() { throw new Error('patched') }, configurable: true});
    String.prototype.split = null; Map.prototype.get = null; Object.keys = null;
    JSON.parse = () => 'patched';
    export default { fetch(request) {
      delete Object.prototype.then;
      return new Response(request.headers.get('a'), {headers: {b: 'c'}}); } })"));
  Call call = fetch(worker, {.headers = {{"a", "fine"}}});
  EXPECT_EQ(call.body, "fine") << call.error();
  EXPECT_EQ(call.header("b"), "c");
}

TEST_F(Rules, AThenOnObjectPrototypeCannotMakeTheHostCallItTwice) {
  auto worker = start(handler(R"(
    Object.defineProperty(Object.prototype, 'then', {configurable: true, value(resolve) {
      delete Object.prototype.then; resolve(new Response('one')); resolve(new Response('two')); }});
    return new Response('real');)"));
  Call call = fetch(worker);
  EXPECT_TRUE(call.answered);
  EXPECT_TRUE(worker->idle());
}

TEST_F(Rules, WhatIsNestedWithoutEndIsRefusedNotFollowed) {
  for (const char* code :
       {"let o = {}; for (let i = 0; i < 2e5; i++) o = {o}; structuredClone(o)",
        "let o = {}; for (let i = 0; i < 2e5; i++) o = {o}; JSON.stringify(o)",
        "let o = {}; for (let i = 0; i < 2e5; i++) o = {o}; console.log(o)",
        "let a = []; for (let i = 0; i < 2e5; i++) a = [a]; String(a)",
        "let a = []; for (let i = 0; i < 2e5; i++) a = [a]; a.flat(Infinity)",
        "JSON.parse('['.repeat(1e6))", "JSON.parse('{\"a\":'.repeat(2e5))",
        "new RegExp('('.repeat(2e5))",
        "new RegExp('(?:a|'.repeat(5_000) + ')'.repeat(5_000)).test('a')",
        "let p = {}; for (let i = 0; i < 2e5; i++) p = new Proxy(p, {}); p.x",
        "let f = () => 1; for (let i = 0; i < 2e5; i++) f = f.bind(null); f()",
        "let e = new Error('x'); for (let i = 0; i < 1e4; i++) e = new Error('y', {cause: e});"
        "console.error(e)",
        "let s = 'x'; for (let i = 0; i < 2e5; i++) s = s + 'y' + i; s.charCodeAt(9)",
        "const f = () => { try { f() } finally { structuredClone({a: 1}) } }; f()",
        "const f = () => { new Response('x').headers.get('a'); f(); }; f()",
        "const f = () => { new URL('https://a.test/').href; f(); }; f()",
        "const f = () => { console.log({get a() { f() }}); f() }; f()",
        "const e = new EventTarget(), again = () => e.dispatchEvent(new Event('x'));"
        "e.addEventListener('x', again); again()"}) {
    ScriptSource source =
        handler("try { " + std::string(code) + " } catch (error) { } return new Response('fine')");
    source.limits.cpu = std::chrono::milliseconds(500);
    auto worker = start(std::move(source));
    auto call = fetch(worker);
    EXPECT_TRUE(call.body == "fine" || call.failure) << code;
  }
  EXPECT_EQ(in_handler("40 + 2"), "42");
}

TEST_F(Rules, FinalizersRunOutsideOfRequests) {
  auto worker = start(es_module(R"(
    let said = 'not run';
    const registry = new FinalizationRegistry(() => {
      try { setTimeout(() => {}, 1); said = 'timer'; } catch (error) { said = error.message; }
    });
    export default { async fetch(request) {
      if (request.url.endsWith('/say')) return new Response(said);
      for (let i = 0; i < 100; i++) registry.register({i}, i);
      const kept = [];
      for (let i = 0; i < 40; i++) { kept.length = 0; for (let j = 0; j < 20_000; j++) kept.push({j}); }
      return new Response('registered');
    } })"));
  EXPECT_EQ(text(worker), "registered");
  for (int i = 0; i < 20 && text(worker, {"/say"}) == "not run"; ++i) text(worker);
  EXPECT_EQ(text(worker, {"/say"}), kGlobalScope);
}

}  // namespace
}  // namespace atoll::runtime
