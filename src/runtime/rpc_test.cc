// Remote procedure calls between Workers.
#include "runtime/testing/worker_fixture.h"

namespace atoll::runtime {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kCallee = R"(
  import {WorkerEntrypoint, RpcTarget, RpcStub} from 'cloudflare:workers';
  class Counter extends RpcTarget {
    #n; #log;
    constructor(n) { super(); this.#n = n; this.own = () => 'no'; }
    increment(by) { return this.#n += by; }
    get value() { return this.#n; }
    fail() { throw new RangeError('out of range'); }
    [Symbol.dispose]() { console.log('counter disposed'); }
  }
  export default class extends WorkerEntrypoint {
    add(a, b) { return a + b; }
    counter(n) { return new Counter(n); }
    nested(n) { return {counter: new Counter(n), list: [1, 2]}; }
    apply(f, x) { return f(x); }
    echo(value) { return value; }
    props() { return this.ctx.props; }
    hang() { return new Promise(() => {}); }
    async keep(f) { this.kept = f.dup(); return {call: () => this.kept(1)}; }
    fetch() { return new Response('http'); }
    get text() { return 'a property'; }
    async text_of(stream) { return await new Response(stream).text(); }
    stream() { return new ReadableStream({start(c) { c.enqueue(new TextEncoder().encode('streamed')); c.close(); }}); }
    async fill(stream) { const w = stream.getWriter(); await w.write(new TextEncoder().encode('filled')); await w.close(); }
  })";

class Rpc : public WorkerFixture {
 protected:
  void SetUp() override { callee_ = start(es_module(kCallee)); }

  // What `code`, with `s` bound to the callee, returns as text.
  std::string run(std::string_view code) {
    ScriptSource source = es_module(
        "import {RpcStub, RpcTarget, RpcPromise, RpcProperty, ServiceStub} from "
        "'cloudflare:workers';\n"
        "export default {async fetch(request, env, ctx) { const s = env.S;\n" +
        std::string(code) + "\n}};");
    source.bindings = {service("S", callee_)};
    caller_ = start(std::move(source));
    return text(caller_);
  }

  std::shared_ptr<Worker> callee_;
  std::shared_ptr<Worker> caller_;
};

TEST_F(Rpc, AMethodIsCalledInAnInvocationOfItsOwn) {
  EXPECT_EQ(run("return new Response(await s.add(2, 3))"), "5");
  ASSERT_EQ(log_.invocations.size(), 2u);
  EXPECT_EQ(log_.invocations[0].rpc_method, "add");
  EXPECT_EQ(log_.invocations[1].subrequests, 1u);
  EXPECT_TRUE(callee_->idle());
}

TEST_F(Rpc, AnObjectThatIsReturnedLivesUntilItIsDisposedOf) {
  EXPECT_EQ(run(R"(
    const c = await s.counter(5);
    await c.increment(2);
    const value = await c.value;
    c[Symbol.dispose]();
    let after; try { await c.increment(1); } catch (e) { after = e.message; }
    return new Response(`${value} ${after}`);)"),
            "7 RPC stub used after being disposed.");
  run_until([&] { return callee_->idle(); });
  EXPECT_EQ(log_.console_text(), "counter disposed\n");
}

TEST_F(Rpc, WhatTheCallerForgetsGoesWithItsInvocation) {
  EXPECT_EQ(run("const c = await s.counter(5); return new Response(await c.increment(1))"), "6");
  run_until([&] { return callee_->idle(); });
  EXPECT_EQ(log_.console_text(), "counter disposed\n");
}

TEST_F(Rpc, CallsOnAResultNeedNotWaitForIt) {
  EXPECT_EQ(run(R"(
    const c = s.counter(1);
    const all = await Promise.all([c.increment(1), c.increment(2), s.nested(10).counter.increment(5), s.nested(1).list]);
    return new Response(JSON.stringify(all));)"),
            "[2,4,15,[1,2]]");
}

TEST_F(Rpc, FunctionsAndTargetsGoAsStubs) {
  EXPECT_EQ(run(R"(
    class T extends RpcTarget { up(x) { return x + 1; } }
    const f = await s.echo(x => x * 2);
    return new Response([await s.apply(x => x + 40, 2), await f(21), await (await s.echo(new T())).up(1)].join());)"),
            "42,42,2");
}

TEST_F(Rpc, ErrorsKeepTheirNameAndMessage) {
  EXPECT_EQ(run(R"(
    const c = await s.counter(1);
    try { await c.fail(); } catch (e) { return new Response(`${e instanceof RangeError} ${e.name} ${e.message} ${e.remote}`); })"),
            "true RangeError out of range true");
}

TEST_F(Rpc, WhatAnInstanceHoldsIsItsOwn) {
  EXPECT_EQ(run(R"(
    const c = await s.counter(1);
    const errors = [];
    for (const name of ['own', 'dup2', '__proto__x', 'nothing'])
      try { await c[name](); errors.push('called ' + name); } catch (e) { errors.push(e.message); }
    return new Response(errors.join('\n'));)"),
            "The RPC receiver does not implement the method \"own\".\n"
            "The RPC receiver does not implement the method \"dup2\".\n"
            "The RPC receiver does not implement the method \"__proto__x\".\n"
            "The RPC receiver does not implement the method \"nothing\".");
}

TEST_F(Rpc, AHungCallFailsItsCaller) {
  EXPECT_TRUE(run("try { await s.hang(); } catch (e) { return new Response(e.message); }")
                  .starts_with("The Workers runtime canceled this request"));
}

TEST_F(Rpc, StreamsPassBothWays) {
  EXPECT_EQ(run(R"(
    const {readable, writable} = new IdentityTransformStream();
    const filled = s.fill(writable);
    const text = await new Response(readable).text();
    await filled;
    const sent = new ReadableStream({start(c) { c.enqueue(new TextEncoder().encode('sent')); c.close(); }});
    return new Response([text, await new Response(await s.stream()).text(), await s.text_of(sent)].join());)"),
            "filled,streamed,sent");
}

TEST_F(Rpc, HttpTypesPass) {
  EXPECT_EQ(run(R"(
    const r = await s.echo(new Request('http://a.test/x', {method: 'POST', body: 'b', headers: {h: 'v'}}));
    const a = await s.echo(new Response('body', {status: 404, headers: {'set-cookie': 'c'}}));
    const h = await s.echo(new Headers({x: 'y'}));
    return new Response([r.url, r.method, r.headers.get('h'), await r.text(), a.status, await a.text(), h.get('x')].join());)"),
            "http://a.test/x,POST,v,b,404,body,y");
}

TEST_F(Rpc, AStubOfAnotherInvocationIsRefused) {
  EXPECT_EQ(run(R"(
    if (new URL(request.url).pathname === '/') globalThis.kept = await s.counter(1);
    try { return new Response(await globalThis.kept.increment(1)); } catch (e) { return new Response(e.message.slice(0, 53)); })"),
            "2");
  EXPECT_EQ(text(caller_, {.path = "/again"}),
            "Cannot perform I/O on behalf of a different request. ");
}

TEST_F(Rpc, AServiceStubTravels) {
  EXPECT_EQ(run("const t = await s.echo(s); return new Response(await t.add(1, 2) + await (await "
                "t.fetch('http://x.test/')).text())"),
            "3http");
}

TEST_F(Rpc, TheChainOfWorkersHasAnEnd) {
  EXPECT_EQ(text(es_module(R"(
    import {WorkerEntrypoint} from 'cloudflare:workers';
    export class Deep extends WorkerEntrypoint { down(n) { return this.ctx.exports.Deep.down(n + 1); } }
    export default {async fetch(request, env, ctx) {
      try { await ctx.exports.Deep.down(0); } catch (e) { return new Response(e.message.slice(0, 32)); }
    }})")),
            "Subrequest depth limit exceeded.");
}

TEST_F(Rpc, ExportsOfItsOwnCanBeGivenProps) {
  EXPECT_EQ(text(es_module(R"(
    import {WorkerEntrypoint, exports} from 'cloudflare:workers';
    export class Greeter extends WorkerEntrypoint { greet(name) { return `${this.ctx.props.greeting}, ${name}`; } }
    export class Factory extends WorkerEntrypoint { make(greeting) { return {greeter: this.ctx.exports.Greeter({props: {greeting}})}; } }
    export default {async fetch(request, env, ctx) {
      return new Response([Object.keys(ctx.exports), await ctx.exports.Greeter({props: {greeting: 'Hi'}}).greet('A'),
        await exports.Factory.make('Yo').greeter.greet('B')].join(';'));
    }})")),
            "Factory,Greeter,default;Hi, A;Yo, B");
}

TEST_F(Rpc, AnErrorsStackIsThatOfTheCaller) {
  EXPECT_EQ(run(R"(
    const c = await s.counter(1);
    async function outer() { await s.counter(1).fail(); }
    try { await outer(); } catch (e) { return new Response(e.stack); })"),
            "RangeError: out of range\n    at async outer (worker.js:5:30)\n"
            "    at async Object.fetch (worker.js:6:11)");
}

TEST_F(Rpc, SignalsPass) {
  EXPECT_EQ(run(R"(
    const controller = new AbortController();
    const waits = s.apply(async (signal) => 'unused', 1);
    const signal = await s.echo(controller.signal);
    const fired = new Promise((resolve) => signal.addEventListener('abort', () => resolve(signal.reason)));
    controller.abort('why');
    await waits;
    return new Response(await Promise.race([fired, scheduler.wait(500)]));)"),
            "why");
}

}  // namespace
}  // namespace atoll::runtime
