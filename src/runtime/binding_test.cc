// What a script reaches through env: other Workers, dispatched Workers, KV.
#include "runtime/testing/worker_fixture.h"

namespace atoll::runtime {
namespace {

using namespace std::chrono_literals;

class Bindings : public WorkerFixture {
 protected:
  static border::Binding binding(const char* name, const char* type, std::uint64_t handle) {
    border::Binding made;
    made.name = name;
    made.type = type;
    made.handle = handle;
    return made;
  }
  // A Worker with `code` as its handler, and DISPATCHER and KV bound.
  std::shared_ptr<Worker> bound(std::string_view code, std::vector<border::Binding> more = {}) {
    ScriptSource source = handler(code);
    source.bindings = std::move(more);
    source.bindings.push_back(binding("DISPATCHER", "dispatch_namespace", 3));
    source.bindings.push_back(binding("KV", "kv_namespace", 9));
    return start(std::move(source));
  }
};

TEST_F(Bindings, AServiceAnswersLikeTheNetwork) {
  auto callee = start(handler(R"(
    return new Response(`${request.method} ${request.url} ${request.headers.get('x-a')} ${await request.text()}`,
                        {status: 202, headers: {'x-b': 'b'}});)"));
  auto caller = bound(R"(
    const answer = await env.OTHER.fetch('https://other.test/path?q', {method: 'POST', body: 'body', headers: {'x-a': 'a'}});
    return new Response([answer.status, answer.headers.get('x-b'), await answer.text()].join('|'));)",
                      {service("OTHER", callee)});
  EXPECT_EQ(text(caller), "202|b|POST https://other.test/path?q a body");
  EXPECT_EQ(log_.invocations.size(), 2u);
}

TEST_F(Bindings, AServiceMayNameAnEntrypoint) {
  auto callee = start(es_module(R"(
    import {WorkerEntrypoint} from 'cloudflare:workers';
    export class Admin extends WorkerEntrypoint { fetch() { return new Response('admin'); } }
    export default { fetch() { return new Response('public'); } })"));
  auto caller = bound(
      "return new Response(await (await env.A.fetch('http://x.test/')).text() +"
      "  await (await env.B.fetch('http://x.test/')).text())",
      {service("A", callee), service("B", callee, "Admin")});
  EXPECT_EQ(text(caller), "publicadmin");
}

TEST_F(Bindings, AServicesPropsReachItsContext) {
  auto callee = start(handler("return Response.json(ctx.props)"));
  border::Binding with_props = service("A", callee);
  with_props.props = R"({"plan":"pro","list":[1,2]})";
  auto caller = bound(
      "return new Response(await (await env.A.fetch('http://x.test/')).text() +"
      "  await (await env.B.fetch('http://x.test/')).text())",
      {with_props, service("B", callee)});
  EXPECT_EQ(text(caller), R"({"plan":"pro","list":[1,2]}{})");
}

TEST_F(Bindings, ExceptionsTunnelToTheCaller) {
  auto callee = start(handler("throw new RangeError('from within')"));
  auto caller = bound(R"(
    try { await env.OTHER.fetch('http://x.test/'); }
    catch (error) { return new Response(`${error instanceof RangeError} ${error.name} ${error.message}`); })",
                      {service("OTHER", callee)});
  EXPECT_EQ(text(caller), "true RangeError from within");
  EXPECT_EQ(text(bound("return env.OTHER.fetch(request)", {service("OTHER", callee)})),
            "failure: RangeError: from within");
}

TEST_F(Bindings, StreamsFlowThroughAChainOfWorkers) {
  auto last = start(handler(R"(
    let n = 0;
    return new Response(new ReadableStream({async pull(c) {
      await scheduler.wait(1);
      if (++n > 20) c.close(); else c.enqueue(new TextEncoder().encode(n + ' '));
    }}));)"));
  auto middle = bound("return env.NEXT.fetch(request)", {service("NEXT", last)});
  auto first = bound(R"(
    const answer = await env.NEXT.fetch(request);
    let all = ''; for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) all += chunk;
    return new Response(all.length + ' ' + all.slice(-3));)",
                     {service("NEXT", middle)});
  EXPECT_EQ(text(first), "51 20 ");
}

TEST_F(Bindings, ACallToItselfIsServedByTheSameIsolate) {
  border::Binding self = service("SELF", nullptr);
  ScriptSource source = es_module(R"(
    let n = 0;
    export default { async fetch(request, env) {
      n++;
      if (request.url.endsWith('/inner')) return new Response('inner ' + n);
      return env.SELF.fetch('http://self.test/inner');
    } })");
  source.bindings = {self};
  // The directory answers when the binding is made, so the target must exist before the Worker.
  std::shared_ptr<Worker> worker;
  directory_.on_outside = [&](HttpRequest request, CallOptions options,
                              std::unique_ptr<ResponseReceiver> done) {
    worker->fetch(std::move(request), "", std::move(options), std::move(done));
  };
  source.modules[0].bytes.replace(source.modules[0].bytes.find("env.SELF.fetch"), 14, "fetch");
  worker = start(std::move(source));
  EXPECT_EQ(text(worker), "inner 2");
}

TEST_F(Bindings, ADispatcherReachesUserWorkersByName) {
  directory_.user_workers["ann"] = start(handler("return new Response('ann')"));
  directory_.user_workers["bob"] = start(handler("return new Response('bob')"));
  auto dispatcher =
      bound("return env.DISPATCHER.get(new URL(request.url).pathname.slice(1)).fetch(request)");
  EXPECT_EQ(text(dispatcher, {"/ann"}), "ann");
  EXPECT_EQ(text(dispatcher, {"/bob"}), "bob");
}

TEST_F(Bindings, AMissingUserWorkerRejectsTheFirstUseNotTheGet) {
  auto dispatcher = bound(R"(
    const worker = env.DISPATCHER.get('nobody');
    try { await worker.fetch('http://x.test/'); }
    catch (error) { return new Response(`${error.name}: ${error.message}`); })");
  EXPECT_EQ(text(dispatcher), "Error: Worker not found.");
}

TEST_F(Bindings, DispatchLimitsHoldForTheUserWorkerAndItsMessagesReachTheDispatcher) {
  directory_.user_workers["loop"] = start(handler("for (;;);"));
  directory_.user_workers["hungry"] = start(
      handler("for (let i = 0; i < 10; i++) await env.KV.get('a'); return new Response('fed')"));
  ScriptSource hungry = handler(
      "try { for (let i = 0; i < 10; i++) await env.KV.get('a'); return new Response('fed') }"
      "catch (error) { return new Response(error.message) }");
  hungry.bindings = {binding("KV", "kv_namespace", 9)};
  directory_.user_workers["hungry"] = start(std::move(hungry));
  auto dispatcher = bound(R"(
    const name = new URL(request.url).pathname.slice(1);
    const worker = env.DISPATCHER.get(name, {}, {limits: {cpuMs: 20, subRequests: 3}});
    try { return await worker.fetch(request); }
    catch (error) { return new Response('over limit: ' + error.message, {status: 429}); })");
  Call looped = fetch(dispatcher, {"/loop"});
  EXPECT_EQ(looped.status, 429);
  EXPECT_EQ(looped.body, "over limit: Worker exceeded CPU time limit.");
  EXPECT_EQ(text(dispatcher, {"/hungry"}), "Too many subrequests.");
}

TEST_F(Bindings, AUserWorkerThatRunsOutOfMemoryIsAnExceptionForItsDispatcher) {
  directory_.user_workers["bomb"] =
      start(handler("const a = []; for (;;) a.push(new ArrayBuffer(1e6))"));
  auto dispatcher = bound(R"(
    try { await env.DISPATCHER.get('bomb').fetch(request); }
    catch (error) { return new Response(error.message); })");
  EXPECT_EQ(text(dispatcher), "Worker exceeded memory limit.");
  EXPECT_FALSE(dispatcher->condemned());
}

TEST_F(Bindings, ArgumentsOfADispatchAreItsProps) {
  directory_.user_workers["ann"] = start(handler("return Response.json(ctx.props)"));
  auto dispatcher =
      bound("return env.DISPATCHER.get('ann', {plan: 'free', when: [1]}).fetch(request)");
  std::string answer = text(dispatcher);
  EXPECT_EQ(answer, R"({"plan":"free","when":[1]})");
}

TEST_F(Bindings, OneRequestIdRunsThroughTheWholeChain) {
  directory_.user_workers["ann"] =
      start(handler("console.log('here'); return new Response('ann')"));
  auto dispatcher = bound("return env.DISPATCHER.get('ann').fetch(request)");
  CallOptions options;
  options.request_id = "r-1";
  EXPECT_EQ(text(dispatcher, {.options = options}), "ann");
  for (auto& record : log_.invocations) EXPECT_EQ(record.request_id, "r-1");
  EXPECT_EQ(log_.lines[0].request_id, "r-1");
}

TEST_F(Bindings, AChannelOfOneRequestIsOfNoUseToAnother) {
  directory_.user_workers["ann"] = start(handler("return new Response('ann')"));
  ScriptSource source = es_module(R"(
    let kept;
    export default { async fetch(request, env) {
      if (!kept) { kept = env.DISPATCHER.get('ann'); return kept.fetch(request); }
      try { return await kept.fetch(request); } catch (error) { return new Response(error.message); }
    } })");
  source.bindings = {binding("DISPATCHER", "dispatch_namespace", 3)};
  auto dispatcher = start(std::move(source));
  EXPECT_EQ(text(dispatcher), "ann");
  EXPECT_TRUE(text(dispatcher).starts_with("Cannot perform I/O on behalf of a different request."));
}

TEST_F(Bindings, AbortingASubrequestCancelsTheCallee) {
  auto callee = start(handler("await scheduler.wait(60_000)"));
  auto caller = bound(R"(
    try { await env.OTHER.fetch('http://x.test/', {signal: AbortSignal.timeout(10)}); }
    catch (error) { return new Response(error.name); })",
                      {service("OTHER", callee)});
  EXPECT_EQ(text(caller), "TimeoutError");
  run_until([&] { return callee->idle(); });
  bool cancelled = false;
  for (auto& record : log_.invocations) cancelled |= record.outcome == Outcome::Canceled;
  EXPECT_TRUE(cancelled);
}

TEST_F(Bindings, ACalleeThatIsDestroyedIsALostConnection) {
  directory_.on_outside = [](HttpRequest, CallOptions, std::unique_ptr<ResponseReceiver>) {};
  auto caller = bound(
      "try { await fetch('http://x.test/') } catch (error) { return new Response(error.message) }");
  EXPECT_EQ(text(caller), "Network connection lost.");
}

TEST_F(Bindings, WhatNobodyWaitsForAnyMoreIsStopped) {
  std::unique_ptr<ResponseReceiver> waiting;
  int stopped = 0;
  directory_.on_outside = [&](HttpRequest, CallOptions, std::unique_ptr<ResponseReceiver> done) {
    done->on_begun([&] { ++stopped; });
    waiting = std::move(done);
  };
  auto caller = bound(R"(
    const wanted = request.url.endsWith('/abort');
    const promise = fetch('http://x.test/', wanted ? {signal: AbortSignal.timeout(10)} : {});
    try { if (wanted) await promise; } catch (error) { return new Response(error.name); }
    return new Response('not waited for');)");
  EXPECT_EQ(text(caller, {.path = "/abort"}), "TimeoutError");
  EXPECT_EQ(stopped, 1);
  EXPECT_EQ(text(caller), "not waited for");
  run_until([&] { return caller->idle(); });
  EXPECT_EQ(stopped, 2);
}

TEST_F(Bindings, KvKeepsTextBytesAndMetadata) {
  auto worker = bound(R"(
    await env.KV.put('text', 'grüße', {metadata: {a: 1}});
    await env.KV.put('bytes', new Uint8Array([0, 255]));
    const both = await env.KV.getWithMetadata('text');
    const listed = await env.KV.list({prefix: 't'});
    const result = [both.value, both.metadata.a, [...new Uint8Array(await env.KV.get('bytes', 'arrayBuffer'))],
                    await env.KV.get('none'), listed.keys.map((key) => key.name), listed.list_complete];
    await env.KV.delete('text');
    return Response.json([...result, await env.KV.get('text')]);)");
  EXPECT_EQ(text(worker), R"(["grüße",1,[0,255],null,["text"],true,null])");
}

TEST_F(Bindings, KvAnswersMayComeLater) {
  kv_.delay = 10ms;
  auto worker = bound(R"(
    await env.KV.put('a', '1');
    const [one, two] = await Promise.all([env.KV.get('a'), env.KV.get('b')]);
    return Response.json([one, two]);)");
  EXPECT_EQ(text(worker), R"(["1",null])");
}

TEST_F(Bindings, KvFailuresRejectWithTheReason) {
  kv_.failure = Error(ErrorKind::Unavailable, "the store is away");
  auto worker =
      bound("try { await env.KV.get('a') } catch (error) { return new Response(error.message) }");
  EXPECT_EQ(text(worker), "KV GET failed: the store is away");
}

TEST_F(Bindings, AKvAnswerForAnInvocationThatEndedIsDropped) {
  kv_.delay = 20ms;
  auto worker =
      bound("env.KV.get('a').then(() => console.log('too late')); return new Response('early')");
  EXPECT_EQ(text(worker), "early");
  run_for(40ms);
  EXPECT_EQ(log_.console_text(), "");
}

}  // namespace
}  // namespace atoll::runtime
