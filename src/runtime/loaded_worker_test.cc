// Workers that a script loads itself.
#include "runtime/testing/worker_fixture.h"

namespace atoll::runtime {
namespace {

class Loader : public WorkerFixture {
 protected:
  void SetUp() override {
    directory_.on_load = [this](std::shared_ptr<const Script> script,
                                LoadedSetup setup) -> Result<std::shared_ptr<Worker>> {
      auto worker = Worker::make_loaded(host_, std::move(script), new_isolate(), std::move(setup));
      TRY_VOID(worker->start());
      loaded_.push_back(worker);
      return worker;
    };
    directory_.on_outside = [](HttpRequest, CallOptions, std::unique_ptr<ResponseReceiver> done) {
      HttpResponse response;
      response.body = std::string("outside");
      done->on_response(std::move(response));
    };
  }

  std::shared_ptr<Worker> parent(std::string_view code) {
    ScriptSource source = es_module(
        "import {WorkerEntrypoint} from 'cloudflare:workers';\n"
        "export class Helper extends WorkerEntrypoint { help(x) { return `helped ${x}`; }\n"
        "  fetch() { return new Response('through the helper'); } }\n"
        "const main = `import {WorkerEntrypoint} from 'cloudflare:workers'; import text from "
        "'a.txt';\n"
        "  export default class extends WorkerEntrypoint {\n"
        "    say(x) { return text + x; } whole() { return this.env; } props() { return "
        "this.ctx.props; }\n"
        "    help(x) { return this.env.HELPER.help(x); }\n"
        "    async out() { return await (await fetch('https://a.test/')).text(); }\n"
        "    fetch() { return new Response('loaded'); } }`;\n"
        "const code = (more) => ({compatibilityDate: '2026-01-01', mainModule: 'main.js',\n"
        "  modules: {'main.js': main, 'a.txt': {text: 'hello '}}, ...more});\n"
        "export default {async fetch(request, env, ctx) {\n" +
        std::string(code) + "\n}};");
    border::Binding loader;
    loader.name = "LOADER";
    loader.type = "worker_loader";
    source.bindings = {loader};
    return start(std::move(source));
  }

  std::vector<std::shared_ptr<Worker>> loaded_;
};

TEST_F(Loader, RunsCodeThatTheScriptProvides) {
  auto worker = parent(R"(
    const stub = env.LOADER.load(code({env: {a: 1}}));
    const e = stub.getEntrypoint(undefined, {props: {p: 2}});
    return new Response([await e.say('you'), JSON.stringify(await e.whole()), JSON.stringify(await e.props()),
      await (await e.fetch('http://x.test/')).text()].join(';'));)");
  EXPECT_EQ(text(worker), R"(hello you;{"a":1};{"p":2};loaded)");
  EXPECT_EQ(loaded_.size(), 1u);
}

TEST_F(Loader, KeepsANamedWorkerAcrossInvocations) {
  auto worker = parent(R"(
    globalThis.asked ??= 0;
    const stub = env.LOADER.get('one', async () => { globalThis.asked++; return code(); });
    return new Response(await stub.getEntrypoint().say(globalThis.asked));)");
  EXPECT_EQ(text(worker), "hello 0");
  EXPECT_EQ(text(worker), "hello 1");
  EXPECT_EQ(loaded_.size(), 1u);
  loaded_.clear();  // evicted: the code is asked for again
  EXPECT_EQ(text(worker), "hello 1");
  EXPECT_EQ(loaded_.size(), 1u);
}

TEST_F(Loader, TheParentDecidesWhereFetchGoes) {
  auto worker = parent(R"(
    const out = async (more) => { try { return await env.LOADER.load(code(more)).getEntrypoint().out(); } catch (e) { return e.message.slice(0, 30); } };
    return new Response([await out({}), await out({globalOutbound: null}), await out({globalOutbound: ctx.exports.Helper})].join(';'));)");
  EXPECT_EQ(text(worker), "outside;This worker is not permitted t;through the helper");
}

TEST_F(Loader, ServicesCanBeGivenAsEnv) {
  EXPECT_EQ(text(parent("return new Response(await env.LOADER.load(code({env: {HELPER: "
                        "ctx.exports.Helper}})).getEntrypoint().help('you'))")),
            "helped you");
}

TEST_F(Loader, SaysWhatIsWrongWithTheCode) {
  EXPECT_EQ(text(parent(R"(
    const errors = [];
    for (const get of [() => ({}), () => code({mainModule: 'no.js'}), () => code({modules: {}}), () => { throw new RangeError('mine'); },
                       () => code({modules: {'main.js': 'syntax error'}}), () => code({compatibilityFlags: ['no_such_flag']}),
                       () => code({env: {f() {}}})])
      try { await env.LOADER.get(null, get).getEntrypoint().say(1); } catch (e) { errors.push(e.message.split('\n')[0]); }
    return new Response(errors.join('\n'));)")),
            "The code of a dynamic Worker needs a 'compatibilityDate'.\n"
            "The main module \"no.js\" is not among the modules.\n"
            "Dynamic Worker code must contain at least one module.\n"
            "mine\n"
            "Uncaught SyntaxError: Unexpected identifier 'error'\n"
            "No such compatibility flag: no_such_flag\n"
            "Only plain values and services can be cloned here.");
}

}  // namespace
}  // namespace atoll::runtime
