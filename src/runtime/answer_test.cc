// How a request becomes an answer: what handlers return, how they fail, which of them is called.
#include "runtime/testing/worker_fixture.h"

namespace atoll::runtime {
namespace {

using namespace std::chrono_literals;

class Answer : public WorkerFixture {};

TEST_F(Answer, HandlersAnswerAtOnceOrLater) {
  auto worker = start(es_module(R"(
    export default {
      fetch(request) {
        if (request.url.endsWith('/now')) return new Response('now');
        if (request.url.endsWith('/promise')) return Promise.resolve(new Response('promise'));
        return new Promise((resolve) => setTimeout(() => resolve(new Response('later')), 5));
      },
    })"));

  EXPECT_EQ(text(worker, {"/now"}), "now");
  EXPECT_EQ(text(worker, {"/promise"}), "promise");
  EXPECT_EQ(text(worker, {"/later"}), "later");
  EXPECT_EQ(log_.invocations.size(), 3u);
}

TEST_F(Answer, StatusStatusTextAndHeadersArrive) {
  auto worker = start(handler(R"(
    const headers = new Headers({'X-One': '1', 'content-type': 'text/x'});
    headers.append('Set-Cookie', 'a=1');
    headers.append('Set-Cookie', 'b=2');
    return new Response('made', {status: 201, statusText: 'Made', headers});)"));

  Call call = fetch(worker);

  EXPECT_EQ(call.status, 201);
  EXPECT_EQ(call.status_text, "Made");
  EXPECT_EQ(call.header("x-one"), "1");
  EXPECT_EQ(call.header("content-type"), "text/x");
  int cookies = 0;
  for (auto [name, value] : call.headers) cookies += name == "set-cookie";
  EXPECT_EQ(cookies, 2);
}

TEST_F(Answer, StringBodiesGetAContentTypeAndJsonIsWritten) {
  EXPECT_EQ(fetch(start(handler("return new Response('x')"))).header("content-type"),
            "text/plain;charset=UTF-8");
  Call json = fetch(start(handler("return Response.json({a: [1, 'ü']})")));
  EXPECT_EQ(json.body, "{\"a\":[1,\"ü\"]}");
  EXPECT_EQ(json.header("content-type"), "application/json");
  EXPECT_EQ(
      fetch(start(handler("return new Response(new Uint8Array([1]))"))).header("content-type"), "");
}

TEST_F(Answer, ResponsesWithoutABodyHaveNone) {
  Call call = fetch(start(handler("return new Response(null, {status: 204})")));

  EXPECT_EQ(call.status, 204);
  EXPECT_EQ(call.body, "");
  EXPECT_FALSE(call.body_was_stream);
}

TEST_F(Answer, TheRequestIsWhatWasSent) {
  auto worker = start(handler(R"(
    return Response.json({
      method: request.method, url: request.url, one: request.headers.get('X-ONE'),
      two: request.headers.get('x-two'), names: [...request.headers.keys()],
      body: await request.text(),
    });)"));

  Call call = fetch(worker, {.path = "/a/b?c=d",
                             .method = "POST",
                             .headers = {{"X-One", "1"}, {"x-two", "a"}, {"X-Two", "b"}},
                             .body = std::string("grüße")});

  EXPECT_EQ(call.body,
            R"({"method":"POST","url":"http://worker.test/a/b?c=d","one":"1","two":"a, b",)"
            R"("names":["x-one","x-two"],"body":"grüße"})");
}

TEST_F(Answer, ClonesCanBothBeRead) {
  auto worker = start(handler(R"(
    const copy = request.clone();
    return new Response(await request.text() + '+' + await copy.text());)"));
  EXPECT_EQ(text(worker, {.method = "POST", .body = std::string("b")}), "b+b");

  auto control = std::make_shared<ScriptedSource::Control>();
  auto call = send(worker, {.method = "POST", .body = std::make_unique<ScriptedSource>(control)});
  for (const char* chunk : {"one ", "two"}) {
    run_until([&] { return control->waiting != nullptr; });
    control->give(chunk);
  }
  run_until([&] { return control->waiting != nullptr; });
  control->end();
  wait(call);
  EXPECT_EQ(call->body, "one two+one two");
}

TEST_F(Answer, AnExceptionBecomesAFailureWithNameMessageAndStack) {
  Call thrown = fetch(start(handler("throw new RangeError('too far')")));
  EXPECT_EQ(thrown.error(), "RangeError: too far");
  EXPECT_EQ(thrown.failure->outcome, Outcome::Exception);
  EXPECT_NE(thrown.failure->stack.find("worker.js:2"), std::string::npos) << thrown.failure->stack;

  EXPECT_EQ(fetch(start(handler("throw 'a string'"))).failure->message, "a string");
  EXPECT_EQ(fetch(start(handler("await scheduler.wait(1); null.x"))).failure->name, "TypeError");
  EXPECT_EQ(log_.invocations.back().outcome, Outcome::Exception);
  EXPECT_NE(log_.invocations.back().exception.find("TypeError"), std::string::npos);
}

TEST_F(Answer, AHugeExceptionIsShortened) {
  const std::string shortened = std::string(32768, 'x') + "...";
  Call error = fetch(start(handler("throw new Error('x'.repeat(2 ** 24))")));
  ASSERT_TRUE(error.failure);
  EXPECT_EQ(error.failure->message, shortened);
  EXPECT_LT(log_.invocations.back().exception.size(), 40'000u);
  Call text = fetch(start(handler("throw 'x'.repeat(2 ** 24)")));
  ASSERT_TRUE(text.failure);
  EXPECT_EQ(text.failure->message, shortened);
}

TEST_F(Answer, WhatIsNoResponseIsATypeError) {
  for (const char* code : {"return 'text'", "return {status: 200}", "", "return null"}) {
    EXPECT_EQ(fetch(start(handler(code))).error(),
              "TypeError: Incorrect type for Promise: the Promise did not resolve to 'Response'.")
        << code;
  }
}

TEST_F(Answer, WithoutAFetchHandlerEveryRequestFails) {
  EXPECT_EQ(fetch(start(es_module("export default {}"))).failure->message,
            "Handler does not export a fetch() function.");
  EXPECT_EQ(fetch(start(es_module("export const x = 1"))).failure->message,
            "Handler does not export a fetch() function.");
}

TEST_F(Answer, AHandlerThatWaitsForNothingIsCancelledAtOnce) {
  auto worker = start(handler("await new Promise(() => {})"));
  auto begun = std::chrono::steady_clock::now();

  Call call = fetch(worker);

  EXPECT_LT(std::chrono::steady_clock::now() - begun, 500ms);
  EXPECT_NE(call.failure->message.find("would never generate a response"), std::string::npos);
  EXPECT_TRUE(worker->idle());
}

TEST_F(Answer, AHandlerThatLosesItsTimerIsCancelledWhenTheTimerEnds) {
  auto worker = start(handler("setTimeout(() => {}, 5); await new Promise(() => {})"));
  EXPECT_NE(fetch(worker).failure->message.find("code had hung"), std::string::npos);
}

TEST_F(Answer, ServiceWorkerScriptsFindTheirBindingsAsGlobals) {
  border::Binding greeting;
  greeting.name = "GREETING";
  greeting.type = "plain_text";
  greeting.text = "hello";
  ScriptSource source{{{"worker.js", bundle::ModuleKind::ServiceWorker, R"(
    addEventListener('fetch', (event) => {
      event.respondWith(new Response(GREETING + ' ' + new URL(event.request.url).pathname));
    });)"}}};
  source.bindings = {greeting};

  auto worker = start(std::move(source));

  EXPECT_EQ(text(worker, {"/there"}), "hello /there");
  EXPECT_EQ(worker->handlers(), std::vector<std::string>{"fetch"});
}

TEST_F(Answer, ServiceWorkerListenersThatThrowFailTheRequest) {
  ScriptSource source{{{"worker.js", bundle::ModuleKind::ServiceWorker,
                        "addEventListener('fetch', (event) => { throw new Error('no') })"}}};
  EXPECT_EQ(fetch(start(std::move(source))).error(), "Error: no");
}

TEST_F(Answer, NamedEntrypointsAnswerUnderTheirNames) {
  auto worker = start(es_module(R"(
    import {WorkerEntrypoint} from 'cloudflare:workers';
    export default { fetch() { return new Response('default'); } };
    export const plain = { fetch() { return new Response('plain'); } };
    export class Classy extends WorkerEntrypoint {
      fetch(request) { return new Response('class ' + typeof this.env + typeof this.ctx.waitUntil); }
    }
    export class Other {}
  )"));

  EXPECT_EQ(text(worker), "default");
  EXPECT_EQ(text(worker, {.entrypoint = "plain"}), "plain");
  EXPECT_EQ(text(worker, {.entrypoint = "Classy"}), "class objectfunction");
  EXPECT_EQ(text(worker, {.entrypoint = "Missing"}),
            "failure: Error: Handler does not export a fetch() function.");
  EXPECT_EQ(text(worker, {.entrypoint = "toString"}),
            "failure: Error: Handler does not export a fetch() function.");
  EXPECT_NE(text(worker, {.entrypoint = "Other"}).find("does not extend WorkerEntrypoint"),
            std::string::npos);
  ASSERT_EQ(worker->named_handlers().size(), 3u);
}

TEST_F(Answer, TheDefaultExportMayBeAnEntrypointClass) {
  auto worker = start(es_module(R"(
    import {WorkerEntrypoint} from 'cloudflare:workers';
    export default class extends WorkerEntrypoint {
      async fetch() { return new Response('from a class'); }
    })"));

  EXPECT_EQ(text(worker), "from a class");
  EXPECT_EQ(worker->handlers(), std::vector<std::string>{"fetch"});
}

TEST_F(Answer, HandlersAreCalledAsMethods) {
  EXPECT_EQ(text(es_module(R"(export default {
              word: 'this', fetch() { return new Response(this.word); } })")),
            "this");
}

TEST_F(Answer, TheWorkersModuleGivesEnvAndWaitUntil) {
  border::Binding secret;
  secret.name = "SECRET";
  secret.type = "secret_text";
  secret.text = "s3";
  ScriptSource source = es_module(R"(
    import {env, waitUntil} from 'cloudflare:workers';
    const early = env.SECRET;
    export default { async fetch(request, handlerEnv) {
      waitUntil(scheduler.wait(5).then(() => console.log('waited')));
      return new Response(`${early} ${env.SECRET} ${env === handlerEnv}`);
    } })");
  source.bindings = {secret};
  auto worker = start(std::move(source));

  EXPECT_EQ(text(worker), "s3 s3 false");

  EXPECT_EQ(last_record(worker).outcome, Outcome::Ok);
  EXPECT_EQ(log_.console_text(), "waited\n");
}

TEST_F(Answer, BindingsOfEachKindArriveInEnv) {
  auto binding = [](const char* name, const char* type, const char* value) {
    border::Binding made;
    made.name = name;
    made.type = type;
    made.text = value;
    return made;
  };
  ScriptSource source = handler(R"(
    return Response.json([env.TEXT, env.JSON, env.SECRET, env.META.id, typeof env.META.timestamp,
                          env.DATA.byteLength, Object.keys(env)]);)");
  source.bindings = {binding("TEXT", "plain_text", "grüß"), binding("JSON", "json", "{\"a\":1}"),
                     binding("SECRET", "secret_text", "s"), binding("META", "version_metadata", ""),
                     binding("DATA", "data_blob", "1234")};

  EXPECT_EQ(
      text(std::move(source)),
      R"(["grüß",{"a":1},"s","version-1","string",4,["TEXT","JSON","SECRET","META","DATA"]])");
}

TEST_F(Answer, ManyRequestsAreServedAtOnce) {
  auto worker = start(handler(R"(
    const number = new URL(request.url).pathname;
    await scheduler.wait(Math.random() * 10);
    return new Response(number);)"));
  std::vector<std::shared_ptr<Call>> calls;
  for (int i = 0; i < 200; ++i) calls.push_back(send(worker, {"/" + std::to_string(i)}));
  for (auto& call : calls) wait(call);
  for (int i = 0; i < 200; ++i) EXPECT_EQ(calls[i]->body, "/" + std::to_string(i));
  EXPECT_TRUE(worker->idle());
}

}  // namespace
}  // namespace atoll::runtime
