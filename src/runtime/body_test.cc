// Bodies on their way in, out and through.
#include "runtime/testing/worker_fixture.h"

namespace atoll::runtime {
namespace {

using namespace std::chrono_literals;

class Bodies : public WorkerFixture {
 protected:
  std::shared_ptr<ScriptedSource::Control> control_ = std::make_shared<ScriptedSource::Control>();
  std::unique_ptr<ByteSource> source() { return std::make_unique<ScriptedSource>(control_); }
  void give(std::string chunk) {
    run_until([&] { return control_->waiting != nullptr; });
    control_->give(std::move(chunk));
  }
};

TEST_F(Bodies, ARequestStreamIsReadChunkByChunk) {
  auto worker = start(handler(R"(
    let sizes = [];
    for await (const chunk of request.body) sizes.push(chunk.length);
    return Response.json(sizes);)"));
  auto call = send(worker, {.method = "POST", .body = source()});
  give("123");
  give("12345");
  give("");
  wait(call);
  EXPECT_EQ(call->body, "[3,5]");
}

TEST_F(Bodies, TextJsonAndBytesCollectAStream) {
  auto worker = start(handler(R"(
    switch (new URL(request.url).pathname) {
      case '/text': return new Response(await request.text());
      case '/json': return Response.json((await request.json()).a);
      case '/bytes': return Response.json([...await request.bytes()]);
      default: return Response.json((await request.arrayBuffer()).byteLength);
    })"));
  auto send_chunks = [&](std::string path, std::vector<std::string> chunks) {
    control_ = std::make_shared<ScriptedSource::Control>();
    auto call = send(worker, {.path = path, .method = "POST", .body = source()});
    for (std::string& chunk : chunks) give(chunk);
    give("");
    wait(call);
    return call->failure ? call->error() : call->body;
  };
  EXPECT_EQ(send_chunks("/text", {"gr\xC3", "\xBC\xC3\x9F"}), "grüß");
  EXPECT_EQ(send_chunks("/text", {"\xEF\xBB\xBF", "bom"}), "bom");
  EXPECT_EQ(send_chunks("/text", {}), "");
  EXPECT_EQ(send_chunks("/json", {"{\"a\":", "[1]}"}), "[1]");
  EXPECT_EQ(send_chunks("/bytes", {"\x01", "\x02\x03"}), "[1,2,3]");
  EXPECT_EQ(send_chunks("/buffer", {std::string(100'000, 'x'), std::string(5, 'y')}), "100005");
  EXPECT_TRUE(send_chunks("/json", {"{"}).starts_with("SyntaxError"));
}

TEST_F(Bodies, ABrokenRequestBodyRejectsTheRead) {
  auto worker = start(handler(R"(
    try { return new Response(await request.text()); }
    catch (error) { return new Response(error.name + ': ' + error.message); })"));
  auto call = send(worker, {.method = "POST", .body = source()});
  give("some");
  run_until([&] { return control_->waiting != nullptr; });
  control_->break_off("the client went away");
  wait(call);
  EXPECT_EQ(call->body, "Error: the client went away");
}

TEST_F(Bodies, AStreamIsSentWhileItIsMade) {
  auto worker = start(handler(R"(
    let n = 0;
    return new Response(new ReadableStream({
      async pull(controller) {
        await scheduler.wait(1);
        if (++n > 3) return controller.close();
        controller.enqueue(new TextEncoder().encode(`chunk ${n} `));
      },
    }));)"));
  Call call = fetch(worker);
  EXPECT_TRUE(call.body_was_stream);
  EXPECT_EQ(call.body, "chunk 1 chunk 2 chunk 3 ");
  run_until([&] { return worker->idle(); });
}

TEST_F(Bodies, AStreamThatFailsBreaksTheBodyOff) {
  auto worker = start(handler(R"(
    let n = 0;
    return new Response(new ReadableStream({
      async pull(controller) {
        await scheduler.wait(1);
        if (++n > 1) throw new Error('out of ink');
        controller.enqueue(new TextEncoder().encode('first'));
      },
    }));)"));
  Call call = fetch(worker);
  EXPECT_EQ(call.status, 200);
  EXPECT_EQ(call.body, "first");
  ASSERT_TRUE(call.body_error);
  run_until([&] { return worker->idle(); });
}

TEST_F(Bodies, AStreamThatNeverGoesOnIsBrokenOff) {
  auto worker = start(handler(R"(
    return new Response(new ReadableStream({
      start(controller) { controller.enqueue(new TextEncoder().encode('first')); },
      pull() { return new Promise(() => {}); },
    }));)"));
  Call call = fetch(worker);
  EXPECT_EQ(call.body, "first");
  EXPECT_TRUE(call.body_error);
  EXPECT_TRUE(worker->idle());
}

TEST_F(Bodies, AWriterWaitsForASlowReader) {
  auto worker = start(handler(R"(
    let made = 0;
    return new Response(new ReadableStream({
      async pull(controller) {
        await scheduler.wait(0);
        if (++made > 100) return controller.close();
        console.log('made');
        controller.enqueue(new Uint8Array(32_768));
      },
    }));)"));
  auto call = std::make_shared<Call>();
  call->reads_body = false;
  RequestSpec spec;
  worker->fetch(make_request(spec), "", {}, receiver(call));
  run_until([&] { return call->answered; });
  run_for(100ms);
  EXPECT_LT(log_.lines.size(), 20u);  // of a hundred
  std::size_t bytes = 0;
  bool ended = false;
  while (!ended) {
    bool got = false;
    call->source->read([&](Result<std::string> chunk) {
      ASSERT_TRUE(chunk);
      bytes += chunk->size();
      ended = chunk->empty();
      got = true;
    });
    run_until([&] { return got; });
  }
  EXPECT_EQ(bytes, 100u * 32'768);
}

TEST_F(Bodies, AnUntouchedRequestBodyPassesThroughWithoutJavaScript) {
  auto worker = start(handler("return new Response(request.body)"));
  auto call = std::make_shared<Call>();
  call->reads_body = false;
  RequestSpec spec{.method = "POST", .body = source()};
  ByteSource* passed = std::get<std::unique_ptr<ByteSource>>(spec.body).get();
  worker->fetch(make_request(spec), "", {}, receiver(call));
  run_until([&] { return call->answered; });

  EXPECT_EQ(call->source.get(), passed);
  EXPECT_TRUE(worker->idle());
}

TEST_F(Bodies, AnUntouchedSubresponsePassesThroughWithoutJavaScript) {
  ByteSource* passed = nullptr;
  directory_.on_outside = [&](HttpRequest, CallOptions, std::unique_ptr<ResponseReceiver> done) {
    HttpResponse response;
    response.status = 203;
    (void)response.headers.append("X-From", "outside");
    auto made = source();
    passed = made.get();
    response.body = std::move(made);
    done->on_response(std::move(response));
  };
  for (const char* code :
       {"return fetch('https://outside.test/')",
        "const r = await fetch('https://outside.test/'); return new Response(r.body, r)"}) {
    auto worker = start(handler(code));
    auto call = std::make_shared<Call>();
    call->reads_body = false;
    RequestSpec spec;
    worker->fetch(make_request(spec), "", {}, receiver(call));
    run_until([&] { return call->answered; });
    EXPECT_EQ(call->status, 203) << call->error();
    EXPECT_EQ(call->header("x-from"), "outside");
    EXPECT_EQ(call->source.get(), passed);
    EXPECT_TRUE(worker->idle());
  }
}

TEST_F(Bodies, ARequestIsForwardedWithItsBody) {
  std::string method;
  std::string kept;
  ByteSource* arrived = nullptr;
  std::unique_ptr<ByteSource> body;
  directory_.on_outside = [&](HttpRequest request, CallOptions,
                              std::unique_ptr<ResponseReceiver> done) {
    method = request.method;
    kept = request.headers.find("x-kept").value_or("");
    body = std::move(std::get<std::unique_ptr<ByteSource>>(request.body));
    arrived = body.get();
    done->on_response(HttpResponse{});
  };
  auto worker = start(handler("return fetch('https://outside.test/x', request)"));
  auto made = source();
  ByteSource* sent = made.get();
  Call call =
      fetch(worker, {.method = "PUT", .headers = {{"x-kept", "1"}}, .body = std::move(made)});
  EXPECT_EQ(call.status, 200) << call.error();
  EXPECT_EQ(method, "PUT");
  EXPECT_EQ(kept, "1");
  EXPECT_EQ(arrived, sent);
}

TEST_F(Bodies, AnUnreadRequestBodyIsGivenUpWithTheInvocation) {
  auto worker = start(handler("return new Response('no thanks')"));
  EXPECT_EQ(text(worker, {.method = "POST", .body = source()}), "no thanks");
  EXPECT_TRUE(control_->destroyed);
}

TEST_F(Bodies, AFixedLengthStreamPromisesItsLength) {
  auto worker = start(handler(R"(
    const {readable, writable} = new FixedLengthStream(5);
    const writer = writable.getWriter();
    ctx.waitUntil(writer.write(new TextEncoder().encode('12345')).then(() => writer.close()));
    return new Response(readable);)"));
  auto call = std::make_shared<Call>();
  call->reads_body = false;
  RequestSpec spec;
  worker->fetch(make_request(spec), "", {}, receiver(call));
  run_until([&] { return call->answered; });
  ASSERT_TRUE(call->source) << call->error();
  EXPECT_EQ(call->source->length(), 5u);
}

TEST_F(Bodies, ABodyLargerThanAllBuffersTravelsThroughATransform) {
  auto worker = start(handler(R"(
    const upper = new TransformStream({transform(chunk, controller) { controller.enqueue(chunk); }});
    return new Response(request.body.pipeThrough(upper));)"));
  auto call = send(worker, {.method = "POST", .body = source()});
  std::string chunk(50'000, 'x');
  for (int i = 0; i < 100; ++i) give(chunk);
  give("");
  wait(call);
  EXPECT_EQ(call->body.size(), 5'000'000u) << call->error();
}

}  // namespace
}  // namespace atoll::runtime
