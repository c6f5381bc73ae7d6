// The modules of a script: found by name, evaluated once, refused with a useful message.
#include "runtime/testing/worker_fixture.h"

namespace atoll::runtime {
namespace {

using bundle::ModuleKind;

// (module (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add))
const std::string kAddWasm(
    "\0asm\1\0\0\0\1\7\1\x60\2\x7f\x7f\1\x7f\3\2\1\0\7\7\1\3add\0\0\x0a\x09\1\7\0\x20\0\x20\1\x6a"
    "\x0b",
    41);

class Modules : public WorkerFixture {
 protected:
  // The answer of a script whose entry exports `run`, with these other modules.
  std::string run(std::string entry, std::vector<SourceModule> others = {}) {
    std::vector<SourceModule> modules{
        {"worker.js", ModuleKind::EsModule,
         entry + "\nexport default { async fetch() { try {"
                 "  return new Response(String(await run()));"
                 "} catch (error) {"
                 "  return new Response(error.name + ': ' + error.message);"
                 "} } };"}};
    for (SourceModule& other : others) modules.push_back(std::move(other));
    return text(ScriptSource{std::move(modules)});
  }
  std::string error_of(std::vector<SourceModule> modules) {
    return start_error(ScriptSource{std::move(modules)});
  }
};

TEST_F(Modules, AreFoundByExactAndRelativeName) {
  EXPECT_EQ(
      run("import {a} from 'lib/a.js'; const run = () => a;",
          {{"lib/a.js", ModuleKind::EsModule,
            "import {b} from './b.js'; export const a = 'a' + b;"},
           {"lib/b.js", ModuleKind::EsModule, "import c from '../c.js'; export const b = 'b' + c;"},
           {"c.js", ModuleKind::EsModule, "export default 'c'"}}),
      "abc");
  EXPECT_EQ(run("import a from './a.js'; const run = () => a;",
                {{"./a.js", ModuleKind::EsModule, "export default 'dotted name'"}}),
            "dotted name");
}

TEST_F(Modules, MayImportOneAnotherInACircle) {
  EXPECT_EQ(
      run("import {a} from './a.js'; const run = () => a();",
          {{"a.js", ModuleKind::EsModule, "import {b} from './b.js'; export const a = () => b();"},
           {"b.js", ModuleKind::EsModule,
            "import {a} from './a.js'; export const b = () => typeof a;"}}),
      "function");
}

TEST_F(Modules, TextDataJsonAndWasmAreDefaultExports) {
  EXPECT_EQ(run("import t from './t.txt'; const run = () => t;",
                {{"t.txt", ModuleKind::Text, "schöner Text"}}),
            "schöner Text");
  EXPECT_EQ(
      run("import d from './d.bin'; const run = () => d.constructor.name + new Uint8Array(d);",
          {{"d.bin", ModuleKind::Data, std::string("\0\1\xff", 3)}}),
      "ArrayBuffer0,1,255");
  EXPECT_EQ(run("import j from './j.json'; const run = () => j.list[1];",
                {{"j.json", ModuleKind::Json, "{\"list\":[1,\"zwei\"]}"}}),
            "zwei");
  EXPECT_EQ(run("import w from './w.wasm';"
                "const run = async () => (w instanceof WebAssembly.Module) + ' ' +"
                "  new WebAssembly.Instance(w).exports.add(40, 2) + ' ' +"
                "  (await WebAssembly.instantiate(w)).exports.add(1, 2);",
                {{"w.wasm", ModuleKind::Wasm, kAddWasm}}),
            "true 42 3");
}

TEST_F(Modules, BrokenJsonAndWasmAreStartUpErrors) {
  EXPECT_NE(error_of({{"worker.js", ModuleKind::EsModule, "import j from './j.json';"},
                      {"j.json", ModuleKind::Json, "{"}})
                .find("SyntaxError"),
            std::string::npos);
  EXPECT_NE(error_of({{"worker.js", ModuleKind::EsModule, "import w from './w.wasm';"},
                      {"w.wasm", ModuleKind::Wasm, "no wasm"}})
                .find("CompileError"),
            std::string::npos);
}

TEST_F(Modules, CommonJsExportsArriveAsTheDefault) {
  EXPECT_EQ(run("import a from './a.cjs'; const run = () => a.x + a.y();",
                {{"a.cjs", ModuleKind::CommonJs, "exports.x = 1; exports.y = () => 2;"}}),
            "3");
  EXPECT_EQ(run("import a from './a.cjs'; const run = () => a();",
                {{"a.cjs", ModuleKind::CommonJs, "module.exports = () => 'replaced'"}}),
            "replaced");
}

TEST_F(Modules, CommonJsRequiresEveryKind) {
  EXPECT_EQ(run("import a from './a.cjs'; const run = () => a;",
                {{"a.cjs", ModuleKind::CommonJs,
                  "module.exports = [require('./b.cjs').name, require('t.txt'),"
                  "  new Uint8Array(require('./d.bin')).length, require('./j.json').a,"
                  "  require('./w.wasm') instanceof WebAssembly.Module,"
                  "  require('./e.js').named, require('./f.js')].join();"},
                 {"b.cjs", ModuleKind::CommonJs, "exports.name = 'b'"},
                 {"t.txt", ModuleKind::Text, "text"},
                 {"d.bin", ModuleKind::Data, "123"},
                 {"j.json", ModuleKind::Json, "{\"a\":1}"},
                 {"w.wasm", ModuleKind::Wasm, kAddWasm},
                 {"e.js", ModuleKind::EsModule, "export const named = 'n';"},
                 {"f.js", ModuleKind::EsModule, "export const named = 'n'; export default 'd';"}}),
            "b,text,3,1,true,n,d");
}

TEST_F(Modules, CommonJsCirclesSeeWhatIsExportedSoFar) {
  EXPECT_EQ(run("import a from './a.cjs'; const run = () => a.seen + a.late;",
                {{"a.cjs", ModuleKind::CommonJs,
                  "exports.early = 'early'; const b = require('./b.cjs');"
                  "exports.late = b.fromA(); exports.seen = b.seen; exports.word = 'word';"},
                 {"b.cjs", ModuleKind::CommonJs,
                  "const a = require('./a.cjs'); exports.seen = Object.keys(a).join();"
                  "exports.fromA = () => typeof a.word;"}}),
            "earlyundefined");
}

TEST_F(Modules, CommonJsMayBeTheEntry) {
  EXPECT_EQ(text(ScriptSource{{{"worker.cjs", ModuleKind::CommonJs,
                                "exports.default = null; module.exports = "
                                "{ fetch() { return new Response('cjs'); } };"}}}),
            "cjs");
}

TEST_F(Modules, CommonJsMayRequireAModuleThatIsBeingEvaluated) {
  EXPECT_EQ(run("import a from './a.cjs'; export const named = 1; const run = () => a;",
                {{"a.cjs", ModuleKind::CommonJs,
                  "try { require('./worker.js'); module.exports = 'required'; }"
                  "catch (error) { module.exports = error.message; }"}}),
            "Cannot require() the module \"worker.js\" while it is being evaluated.");
}

TEST_F(Modules, RequireOfATopLevelAwaitThatIsUnsettledThrows) {
  EXPECT_EQ(run("import a from './a.cjs'; const run = () => a;",
                {{"a.cjs", ModuleKind::CommonJs,
                  "try { require('./e.js'); module.exports = 'required'; }"
                  "catch (error) { module.exports = error.message; }"},
                 {"e.js", ModuleKind::EsModule, "await new Promise(() => {}); export default 1;"}}),
            "Top-level await in module is not permitted at this time.");
}

TEST_F(Modules, CommonJsErrorsSurfaceAndTheModuleMayBeTriedAgain) {
  EXPECT_EQ(run("import a from './a.cjs'; const run = () => a;",
                {{"a.cjs", ModuleKind::CommonJs,
                  "const said = [];"
                  "for (let i = 0; i < 2; i++) try { require('./b.cjs'); } catch (e) { "
                  "said.push(e.message); }"
                  "module.exports = said.join();"},
                 {"b.cjs", ModuleKind::CommonJs, "throw new Error('broken')"}}),
            "broken,broken");
  EXPECT_EQ(run("import a from './a.cjs'; const run = () => a;",
                {{"a.cjs", ModuleKind::CommonJs,
                  "try { require('./nowhere'); } catch (e) { module.exports = e.message; }"}}),
            "No such module \"./nowhere\".\n  imported from \"a.cjs\"");
}

TEST_F(Modules, AreImportedDynamicallyInHandlersAndAtStart) {
  std::vector<SourceModule> others{
      {"lazy.js", ModuleKind::EsModule,
       "globalThis.count = (globalThis.count ?? 0) + 1; export const n = count;"},
      {"lib/t.txt", ModuleKind::Text, "text"}};
  EXPECT_EQ(
      run("const run = async () => (await import('./lazy.js')).n + (await import('./lazy.js')).n;",
          others),
      "2");
  EXPECT_EQ(run("const lazy = await import('./lazy.js'); const run = () => lazy.n;", others), "1");
  EXPECT_EQ(run("const run = async () => (await import('./lib/t.txt')).default;", others), "text");
}

TEST_F(Modules, AModuleMayImportItselfDynamicallyWhileItIsEvaluated) {
  EXPECT_EQ(run("const self = import('./worker.js'); export const x = 'self';"
                "const run = async () => (await self).x;"),
            "self");
  EXPECT_EQ(run("import './a.js'; export const x = 'through'; const run = () => seen;",
                {{"a.js", ModuleKind::EsModule,
                  "globalThis.seen = import('./worker.js').then((entry) => entry.x);"}}),
            "through");
}

TEST_F(Modules, AFailedDynamicImportRejectsEachTime) {
  EXPECT_EQ(run("const run = async () => { const said = [];"
                "for (const name of ['./throws.js', './throws.js', './syntax.js', './missing.js', "
                "'./syntax.js'])"
                "  await import(name).catch((e) => said.push(e.name));"
                "return said; };",
                {{"throws.js", ModuleKind::EsModule, "throw new RangeError('x')"},
                 {"syntax.js", ModuleKind::EsModule, "let let = 1"},
                 {"missing.js", ModuleKind::EsModule, "import './nowhere.js'"}}),
            "RangeError,RangeError,SyntaxError,Error,SyntaxError");
  EXPECT_EQ(run("const run = () => import('nowhere');"), "Error: No such module \"nowhere\".");
}

TEST_F(Modules, DynamicImportTakesAnyValueAsAName) {
  EXPECT_EQ(run("const run = () => import({toString() { throw new TypeError('no name') }});"),
            "TypeError: no name");
  EXPECT_NE(run("const run = () => import(Symbol('x'));").find("TypeError"), std::string::npos);
}

TEST_F(Modules, AMissingModuleIsAStartUpErrorThatNamesIt) {
  std::string error = error_of({{"worker.js", ModuleKind::EsModule, "import x from './nope.js';"}});
  EXPECT_TRUE(error.starts_with(
      "Uncaught Error: No such module \"./nope.js\".\n  imported from \"worker.js\""))
      << error;
}

TEST_F(Modules, AMissingExportIsAStartUpErrorWithItsPlace) {
  std::string error = error_of({{"worker.js", ModuleKind::EsModule, "\nimport {x} from './a.js';"},
                                {"a.js", ModuleKind::EsModule, "export const y = 1"}});
  EXPECT_NE(error.find("does not provide an export named 'x'"), std::string::npos) << error;
  EXPECT_NE(error.find("worker.js:2:9"), std::string::npos) << error;
}

TEST_F(Modules, ASyntaxErrorNamesFileLineAndColumn) {
  std::string error = error_of({{"worker.js", ModuleKind::EsModule, "import './lib/a.js';"},
                                {"lib/a.js", ModuleKind::EsModule, "\n\n  let = ;\n"}});
  EXPECT_TRUE(error.starts_with("Uncaught SyntaxError: ")) << error;
  EXPECT_NE(error.find("lib/a.js:3:"), std::string::npos) << error;
}

TEST_F(Modules, AnExceptionAtTheTopLevelNamesItsPlace) {
  std::string error =
      error_of({{"worker.js", ModuleKind::EsModule, "import './a.js'"},
                {"a.js", ModuleKind::EsModule, "function f() {\n  null.x;\n}\nf();"}});
  EXPECT_TRUE(error.starts_with("Uncaught TypeError: Cannot read properties of null")) << error;
  EXPECT_NE(error.find("a.js:2:8"), std::string::npos) << error;
  EXPECT_EQ(error.find("atoll:builtins"), std::string::npos) << error;

  error = error_of({{"worker.js", ModuleKind::EsModule, "throw 'a string'"}});
  EXPECT_TRUE(error.starts_with("Uncaught a string")) << error;
  error = error_of({{"worker.js", ModuleKind::ServiceWorker, "\nnowhere();"}});
  EXPECT_TRUE(
      error.starts_with("Uncaught ReferenceError: nowhere is not defined\n  at worker.js:2:1"))
      << error;
}

TEST_F(Modules, TopLevelAwaitMaySettleButNotWait) {
  EXPECT_EQ(run("const x = await Promise.resolve().then(() => 'settled'); const run = () => x;"),
            "settled");
  EXPECT_EQ(error_of({{"worker.js", ModuleKind::EsModule, "await new Promise(() => {})"}}),
            "Uncaught Error: Top-level await in module is unsettled.");
  EXPECT_NE(
      error_of({{"worker.js", ModuleKind::EsModule, "await Promise.reject(new Error('later'))"}})
          .find("Uncaught Error: later"),
      std::string::npos);
}

TEST_F(Modules, AreEvaluatedOnce) {
  auto worker = start(
      ScriptSource{{{"worker.js", ModuleKind::EsModule,
                     "import './a.js'; globalThis.entry = (globalThis.entry ?? 0) + 1;"
                     "export default { fetch() { return new Response(`${entry} ${a}`); } }"},
                    {"a.js", ModuleKind::EsModule, "globalThis.a = (globalThis.a ?? 0) + 1"}}});
  EXPECT_EQ(text(worker), "1 1");
  EXPECT_EQ(text(worker), "1 1");
}

TEST_F(Modules, APatchedObjectPrototypeDoesNotReachTheLoader) {
  EXPECT_EQ(run("const a = (await import('./a.cjs')).default; const run = () => a.x;"
                "Object.defineProperty(Object.prototype, 'polluted', {value: 1});",
                {{"a.cjs", ModuleKind::CommonJs,
                  "for (const name of ['exports', 'default'])"
                  "  Object.defineProperty(Object.prototype, name, {configurable: true,"
                  "    set() { throw new Error('set ' + name) }, get() { return undefined }});"
                  "exports.x = require('./b.cjs').y + require('./t.txt').length;"},
                 {"b.cjs", ModuleKind::CommonJs, "exports.y = 1"},
                 {"t.txt", ModuleKind::Text, "text"}}),
            "5");
}

TEST_F(Modules, SourceMapsCannotBeImported) {
  EXPECT_TRUE(error_of({{"worker.js", ModuleKind::EsModule, "import './worker.js.map'"},
                        {"worker.js.map", ModuleKind::SourceMap, "{}"}})
                  .starts_with("Uncaught Error: No such module \"./worker.js.map\"."));
}

TEST_F(Modules, NonAsciiSourceIsUtf8) {
  std::string padding(300, ' ');
  EXPECT_EQ(run("const grüße = '日本 😀 ñ'; const run = () => grüße + grüße.length;"),
            "日本 😀 ñ7");
  EXPECT_EQ(run(padding + "import s from './s.js'; const run = () => s;",
                {{"s.js", ModuleKind::EsModule, "export default '日本'" + padding}}),
            "日本");
}

TEST_F(Modules, ASourceThatIsNotUtf8IsReplacedNotCrashed) {
  EXPECT_EQ(run("const run = () => '\xff\xfe'.length;"), "2");
}

TEST_F(Modules, TheHandlersOfAScriptAreKnownAfterTheStart) {
  auto worker =
      start(es_module("export default { fetch() {}, scheduled() {}, other() {} };"
                      "export class Room { fetch() {} alarm() {} }"));
  EXPECT_EQ(worker->handlers(), (std::vector<std::string>{"fetch", "scheduled"}));
  ASSERT_EQ(worker->named_handlers().size(), 1u);
  EXPECT_EQ(worker->named_handlers()[0].name, "Room");
  EXPECT_EQ(worker->named_handlers()[0].handlers, (std::vector<std::string>{"fetch", "alarm"}));
}

TEST_F(Modules, ADefaultExportThatIsNoObjectIsRefused) {
  EXPECT_EQ(start_error(es_module("export default 5")),
            "The default export of the main module is not an object or a class.");
}

}  // namespace
}  // namespace atoll::runtime
