// Connections between Workers: service bindings, handlers, what becomes of either side.
#include "runtime/testing/worker_fixture.h"

namespace atoll::runtime {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kHandler = R"(
  import {WorkerEntrypoint} from 'cloudflare:workers';
  import {connect} from 'cloudflare:sockets';
  const text = new TextEncoder();
  export default {
    async connect(socket) {
      const writer = socket.writable.getWriter();
      for await (const chunk of socket.readable) await writer.write(chunk);
      await writer.close().catch(() => {});  // the end of the other side may have closed it
    },
  };
  export class Loop extends WorkerEntrypoint {
    async connect(socket) { await this.ctx.exports.Loop.connect('next:1').opened; }
  }
  export class Waits extends WorkerEntrypoint {
    async connect(socket) {
      this.ctx.waitUntil((async () => {
        await scheduler.wait(10);
        try {
          await socket.writable.getWriter().write(text.encode('late'));
          console.log('written');
        } catch (error) { console.log('late: ' + error.message); }
      })());
    }
  }
  export class Fails extends WorkerEntrypoint {
    connect(socket) { throw new RangeError('no sockets today'); }
  }
  export class Hangs extends WorkerEntrypoint {
    connect(socket) { return new Promise(() => {}); }
  }
  export class Fetches extends WorkerEntrypoint { fetch() { return new Response('http'); } })";

class Connect : public WorkerFixture {
 protected:
  void SetUp() override { callee_ = start(es_module(kHandler)); }

  // What `code`, with `s` bound to that entrypoint, returns as text.
  std::string run(std::string entrypoint, std::string_view code) {
    ScriptSource source = es_module(R"(
      const encode = (value) => new TextEncoder().encode(value);
      const read = async (socket) => await new Response(socket.readable).text();
      export default {async fetch(request, env) { const s = env.S;
    )" + std::string(code) + "\n}};");
    source.bindings = {service("S", callee_, std::move(entrypoint))};
    caller_ = start(std::move(source));
    return text(caller_);
  }

  // What the first invocation left that was begun by a connection, once it has ended.
  RecordingLog::Invocation record_of_handler() {
    run_until([&] { return callee_->idle(); });
    for (const auto& record : log_.invocations) {
      if (record.method == "CONNECT") return record;
    }
    ADD_FAILURE() << "no such invocation";
    return {};
  }

  std::shared_ptr<Worker> callee_;
  std::shared_ptr<Worker> caller_;
};

TEST_F(Connect, AHandlerRunsInAnInvocationOfItsOwn) {
  EXPECT_EQ(run("", R"(
    const socket = s.connect('echo:7', {allowHalfOpen: true});
    const writer = socket.writable.getWriter();
    await writer.write(encode('hello'));
    await writer.close();
    return new Response(await read(socket));)"),
            "hello");
  EXPECT_EQ(record_of_handler().outcome, Outcome::Ok);
  EXPECT_TRUE(callee_->idle());
}

TEST_F(Connect, AHandlerEndsWithTheCallersInvocation) {
  EXPECT_EQ(run("", R"(
    const socket = s.connect('echo:7');
    await socket.opened;
    return new Response('left it open');)"),
            "left it open");
  run_until([&] { return callee_->idle(); });
  EXPECT_EQ(record_of_handler().outcome, Outcome::Ok);
}

TEST_F(Connect, AfterTheHandlerTheSocketIsOfNoUse) {
  EXPECT_EQ(run("Waits", "return new Response(await read(s.connect('a:1')))"), "");
  run_until([&] { return callee_->idle(); });
  EXPECT_EQ(log_.console_text(), "late: This socket has been closed.\n");
}

TEST_F(Connect, AHandlerThatThrowsIsLogged) {
  EXPECT_EQ(run("Fails", R"(
    const socket = s.connect('a:1');
    await socket.opened;
    return new Response('end: ' + await read(socket));)"),
            "end: ");
  EXPECT_EQ(record_of_handler().outcome, Outcome::Exception);
  ASSERT_EQ(log_.exceptions.size(), 1u);
  EXPECT_NE(log_.exceptions[0].find("no sockets today"), std::string::npos);
}

TEST_F(Connect, AHandlerThatNothingCanWakeIsOver) {
  EXPECT_EQ(run("Hangs", "return new Response(await read(s.connect('a:1')))"), "");
  run_until([&] { return callee_->idle(); });
}

TEST_F(Connect, WithoutAHandlerItFails) {
  EXPECT_EQ(run("Fetches", R"(
    try { await s.connect('a:1').opened; } catch (error) { return new Response(error.cause.message); })"),
            "Handler does not export a connect() function.");
  EXPECT_EQ(record_of_handler().outcome, Outcome::Exception);
}

TEST_F(Connect, AConnectionCountsAsASubrequest) {
  EXPECT_EQ(run("", "await s.connect('a:1').opened; return new Response('ok')"), "ok");
  EXPECT_EQ(last_record(caller_).subrequests, 1u);
}

TEST_F(Connect, WorkersThatConnectInACircleAreStopped) {
  EXPECT_EQ(run("Loop", "await s.connect('a:1').opened; return new Response('ok')"), "ok");
  run_until([&] { return callee_->idle(); });
  bool stopped = false;
  for (const auto& record : log_.invocations) {
    stopped = stopped || record.exception.find("Subrequest depth limit") != std::string::npos;
  }
  EXPECT_TRUE(stopped);
  EXPECT_LE(log_.invocations.size(), 18u);
}

}  // namespace
}  // namespace atoll::runtime
