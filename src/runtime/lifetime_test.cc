// What lives on after the answer, what ends with the client, and what belongs to whom.
#include "runtime/testing/worker_fixture.h"

namespace atoll::runtime {
namespace {

using namespace std::chrono_literals;

class Lifetime : public WorkerFixture {};

TEST_F(Lifetime, WaitUntilKeepsTheInvocationAfterItsAnswer) {
  auto worker = start(handler(R"(
    ctx.waitUntil((async () => { await scheduler.wait(20); console.log('done') })());
    ctx.waitUntil('no promise');
    return new Response('early');)"));

  EXPECT_EQ(text(worker), "early");
  EXPECT_FALSE(worker->idle());
  EXPECT_EQ(log_.console_text(), "");

  auto record = last_record(worker);
  EXPECT_EQ(log_.console_text(), "done\n");
  EXPECT_EQ(record.outcome, Outcome::Ok);
  EXPECT_GE(record.wall, 15ms);
}

TEST_F(Lifetime, AFailedWaitUntilTaskIsLoggedAndIsTheOutcome) {
  auto worker = start(handler(R"(
    ctx.waitUntil(scheduler.wait(1).then(() => { throw new TypeError('in the background') }));
    return new Response('fine');)"));

  EXPECT_EQ(text(worker), "fine");

  auto record = last_record(worker);
  EXPECT_EQ(record.outcome, Outcome::Exception);
  EXPECT_EQ(record.status, 200);
  ASSERT_EQ(log_.exceptions.size(), 1u);
  EXPECT_NE(log_.exceptions[0].find("TypeError: in the background"), std::string::npos);
}

TEST_F(Lifetime, AWaitUntilTaskThatWaitsForNothingDoesNotKeepTheInvocation) {
  auto worker = start(handler(R"(
    ctx.waitUntil(new Promise(() => {}));
    return new Response('fine');)"));
  EXPECT_EQ(text(worker), "fine");
  run_until([&] { return worker->idle(); });
}

TEST_F(Lifetime, AWaitUntilFailureBeforeTheAnswerDoesNotFailTheRequest) {
  auto worker = start(handler(R"(
    ctx.waitUntil(Promise.reject(new Error('aside')));
    await scheduler.wait(2);
    return new Response('fine');)"));
  EXPECT_EQ(text(worker), "fine");
  EXPECT_EQ(last_record(worker).outcome, Outcome::Exception);
}

TEST_F(Lifetime, TimersEndWithTheInvocation) {
  auto worker = start(handler(R"(
    setInterval(() => console.log('tick'), 1);
    await scheduler.wait(5);
    return new Response('fine');)"));
  EXPECT_EQ(text(worker), "fine");
  EXPECT_TRUE(worker->idle());
  std::size_t lines = log_.lines.size();
  run_for(10ms);
  EXPECT_EQ(log_.lines.size(), lines);
}

TEST_F(Lifetime, AClientThatLeavesCancelsTheHandler) {
  auto worker = start(handler("await scheduler.wait(60_000); return new Response('late')"));
  auto call = send(worker);
  run_for(5ms);
  EXPECT_FALSE(worker->idle());

  call->leave();

  run_until([&] { return worker->idle(); });
  EXPECT_EQ(log_.invocations.back().outcome, Outcome::Canceled);
}

TEST_F(Lifetime, WaitUntilWorkGoesOnAfterTheClientLeft) {
  auto worker = start(handler(R"(
    ctx.waitUntil(scheduler.wait(20).then(() => console.log('worked')));
    await scheduler.wait(60_000);)"));
  auto call = send(worker);
  run_for(5ms);
  call->leave();

  auto record = last_record(worker);
  EXPECT_EQ(log_.console_text(), "worked\n");
  EXPECT_EQ(record.outcome, Outcome::Canceled);
}

TEST_F(Lifetime, AStreamMadeForAClientThatLeftDoesNotKeepTheInvocation) {
  auto worker = start(handler(R"(
    ctx.waitUntil(scheduler.wait(5));
    await scheduler.wait(2);
    return new Response(new ReadableStream({
      pull(controller) { controller.enqueue(new Uint8Array(40_000)); },
    }));)"));
  auto call = send(worker);
  call->leave();
  run_until([&] { return worker->idle(); });
}

TEST_F(Lifetime, AClientThatLeavesABodyCancelsTheStream) {
  auto worker = start(handler(R"(
    return new Response(new ReadableStream({
      async pull(controller) { await scheduler.wait(1); controller.enqueue(new Uint8Array(10_000)); },
      cancel() { console.log('cancelled'); },
    }));)"));
  auto call = std::make_shared<Call>();
  call->reads_body = false;
  RequestSpec spec;
  worker->fetch(make_request(spec), "", {}, receiver(call));
  run_until([&] { return call->answered; });

  call->leave();

  run_until([&] { return worker->idle(); });
}

TEST_F(Lifetime, AnotherRequestsBodyIsRefused) {
  auto worker = start(es_module(R"(
    const kept = [];
    export default { async fetch(request) {
      if (request.url.endsWith('/keep')) {
        kept.push(request, request.clone());
        await scheduler.wait(50);
        return new Response('kept');
      }
      try { return new Response(await kept.pop().text()); }
      catch (error) { return new Response(error.message); }
    } })"));
  auto first = send(worker, {.path = "/keep", .method = "POST", .body = std::string("secret")});
  std::string refusal =
      "Cannot perform I/O on behalf of a different request. I/O objects (such as streams, "
      "request/response bodies, and others) created in the context of one request handler cannot "
      "be accessed from a different request's handler.";
  EXPECT_EQ(text(worker, {"/use"}), refusal);  // while the first one runs
  wait(first);
  EXPECT_EQ(text(worker, {"/use"}), refusal);  // and after its end
}

TEST_F(Lifetime, AnotherRequestsHeadersAndStreamsAreRefused) {
  auto worker = start(es_module(R"(
    let kept, reader;
    export default { async fetch(request) {
      if (request.url.endsWith('/keep')) {
        kept = request;
        reader = request.body.getReader();
        await scheduler.wait(50);
        return new Response('kept');
      }
      const tries = [() => kept.headers.get('x'), () => reader.read()];
      const found = [];
      for (const attempt of tries) {
        try { found.push(String(await attempt())); } catch (error) { found.push(error.message.slice(0, 54)); }
      }
      return Response.json(found);
    } })"));
  auto first = send(worker, {.path = "/keep",
                             .method = "POST",
                             .headers = {{"x", "private"}},
                             .body = std::string("secret")});
  std::string answer = text(worker, {"/use"});
  EXPECT_EQ(answer.find("private"), std::string::npos) << answer;
  EXPECT_NE(answer.find("Cannot perform I/O on behalf of a different request."), std::string::npos)
      << answer;
  wait(first);
}

TEST_F(Lifetime, CodeOfAnEndedInvocationCannotDoIo) {
  // The promise of the second request resumes code that belongs to the first.
  auto worker = start(es_module(R"(
    let wake, seen = 'nothing';
    export default { async fetch(request, env, ctx) {
      if (request.url.endsWith('/first')) {
        new Promise((resolve) => { wake = resolve; }).then(() => {
          try { setTimeout(() => {}, 1); seen = 'started a timer'; } catch (error) { seen = error.message; }
        });
        return new Response('answered');
      }
      wake();
      await null; await null; await null;
      return new Response(seen);
    } })"));
  EXPECT_EQ(text(worker, {"/first"}), "answered");
  EXPECT_TRUE(text(worker, {"/second"}).starts_with("Cannot perform I/O on behalf of a different"));
}

TEST_F(Lifetime, APromiseOfAnotherRequestMayBeAwaited) {
  auto worker = start(es_module(R"(
    let shared;
    export default { async fetch(request) {
      shared ??= scheduler.wait(20).then(() => 'shared');
      return new Response(await shared);
    } })"));
  auto first = send(worker);
  auto second = send(worker);
  wait(first);
  EXPECT_EQ(first->body, "shared");
  wait(second);
  // Either cancelled as hung or answered by the first one's timer, but never stuck.
  EXPECT_TRUE(worker->idle());
}

TEST_F(Lifetime, UnhandledRejectionsAreLoggedAndDoNotFailTheRequest) {
  auto worker =
      start(handler("Promise.reject(new Error('nobody cares')); return new Response('ok')"));
  EXPECT_EQ(text(worker), "ok");
  std::string all;
  for (auto& text : log_.exceptions) all += text;
  all += log_.console_text();
  EXPECT_NE(all.find("nobody cares"), std::string::npos);
}

TEST_F(Lifetime, AWorkerMayBeDestroyedWhileItsInvocationsRun) {
  auto worker = start(handler("await scheduler.wait(20); return new Response('never')"));
  auto call = send(worker);
  run_for(2ms);
  std::weak_ptr<Worker> weak = worker;
  worker.reset();
  EXPECT_TRUE(weak.expired());
  run_for(30ms);
  EXPECT_TRUE(call->failure);
}

}  // namespace
}  // namespace atoll::runtime
