// WebSockets as messages: between the hands of a test and of scripts.
#include "runtime/testing/worker_fixture.h"

namespace atoll::runtime {
namespace {

using namespace std::chrono_literals;
using Kind = WebSocketMessage::Kind;

constexpr std::string_view kOpen = R"(
    const [client, server] = Object.values(new WebSocketPair());
    server.accept();
    const answer = new Response(null, {status: 101, webSocket: client});
)";

class WebSockets : public WorkerFixture {
 protected:
  RequestSpec upgrade() { return {.headers = {{"upgrade", "websocket"}}}; }

  // The client's end of what the Worker answers.
  std::unique_ptr<WebSocketEnd> open(const std::shared_ptr<Worker>& worker) {
    auto call = send(worker, upgrade());
    wait(call);
    EXPECT_EQ(call->error(), "");
    EXPECT_EQ(call->status, 101);
    EXPECT_TRUE(call->web_socket);
    return std::move(call->web_socket);
  }

  std::shared_ptr<Worker> socket_handler(std::string_view code, Limits limits = {}) {
    ScriptSource source = handler(std::string(kOpen) + std::string(code) + "return answer;");
    source.limits = limits;
    return start(std::move(source));
  }

  WebSocketMessage next(WebSocketEnd& end) {
    run_until([&] { return end.has_message(); });
    return end.take().value_or(WebSocketMessage{});
  }

  void say(WebSocketEnd& end, std::string text, bool from_network = true) {
    end.send({.kind = Kind::Text, .from_network = from_network, .data = std::move(text)});
  }
};

TEST_F(WebSockets, KeepTheirInvocationUntilTheyAreClosed) {
  auto worker = socket_handler("server.onmessage = ({data}) => server.send(data + '!');");
  auto end = open(worker);
  run_for(20ms);
  EXPECT_TRUE(log_.invocations.empty());
  say(*end, "hello");
  EXPECT_EQ(next(*end).data, "hello!");
  end->send({.kind = Kind::Close, .code = 1000});
  WebSocketMessage answer = next(*end);
  EXPECT_EQ(answer.kind, Kind::Close);
  EXPECT_EQ(answer.code, 1000);
  EXPECT_EQ(last_record(worker).outcome, Outcome::Ok);
  EXPECT_EQ(last_record(worker).status, 101);
}

TEST_F(WebSockets, WhoseOtherEndVanishesAreDisconnected) {
  auto worker = socket_handler("server.onclose = ({code}) => console.log('closed ' + code);");
  open(worker).reset();
  EXPECT_EQ(last_record(worker).outcome, Outcome::Ok);
  EXPECT_EQ(log_.console_text(), "closed 1006\n");
}

TEST_F(WebSockets, TakeWhatWasSentBeforeTheInvocationEnded) {
  auto worker =
      socket_handler("server.send('one'); server.send('two'); server.close(4000, 'done');");
  auto end = open(worker);
  EXPECT_EQ(next(*end).data, "one");
  EXPECT_EQ(next(*end).data, "two");
  WebSocketMessage last = next(*end);
  EXPECT_EQ(last.code, 4000);
  EXPECT_EQ(last.data, "done");
}

TEST_F(WebSockets, WithBothEndsInOneRequestDoNotKeepItForEver) {
  auto worker = start(handler(R"(
    const [left, right] = Object.values(new WebSocketPair());
    left.accept(); right.accept();
    return new Response('over');)"));
  EXPECT_EQ(text(worker), "over");
  last_record(worker);
  auto hung = start(handler(R"(
    const [left, right] = Object.values(new WebSocketPair());
    left.accept(); right.accept();
    await new Promise((resolve) => { left.onmessage = resolve; });)"));
  EXPECT_NE(text(hung).find("had hung"), std::string::npos);
}

TEST_F(WebSockets, BelongToTheRequestThatMadeThem) {
  auto worker = start(es_module(R"(
    let kept;
    export default { fetch(request) {
      if (kept !== undefined) { kept.send('from another request'); return new Response('sent'); }
      const [client, server] = Object.values(new WebSocketPair());
      server.accept();
      kept = server;
      return new Response(null, {status: 101, webSocket: client});
    } })"));
  auto end = open(worker);
  EXPECT_NE(text(worker).find("Cannot perform I/O on behalf of a different request"),
            std::string::npos);
  EXPECT_FALSE(end->has_message());
}

TEST_F(WebSockets, MayUseTheCpuLimitAgainForEachMessageFromTheNetwork) {
  Limits limits;
  limits.cpu = 200ms;
  auto worker = socket_handler(
      "server.onmessage = () => { const end = 6e7; let n = 0; for (let i = 0; i < end; i++) n += i "
      "% 3;"
      " server.send(String(n)); };",
      limits);
  auto from_network = open(worker);
  auto from_worker = open(worker);
  int answered = 0;
  for (int i = 0; i < 12; ++i) {
    say(*from_network, "work");
    answered += next(*from_network).kind == Kind::Text;
  }
  EXPECT_EQ(answered, 12);
  WebSocketMessage last;
  for (int i = 0; i < 12 && last.kind == Kind::Text; ++i) {
    say(*from_worker, "work", false);
    last = next(*from_worker);
  }
  EXPECT_EQ(last.kind, Kind::Disconnect);
  EXPECT_EQ(log_.invocations.back().outcome, Outcome::ExceededCpu);
}

TEST_F(WebSockets, OutliveTheWallLimit) {
  Limits limits;
  limits.wall = 10ms;
  auto worker = socket_handler("server.onmessage = ({data}) => server.send(data);", limits);
  auto end = open(worker);
  run_for(30ms);
  worker->enforce_wall_time(std::chrono::steady_clock::now());
  say(*end, "still there");
  EXPECT_EQ(next(*end).data, "still there");
}

TEST_F(WebSockets, CountWhatIsNotTakenAgainstTheMemoryOfTheIsolate) {
  auto worker = socket_handler(R"(
    const part = 'x'.repeat(1 << 20);
    let sent = 0;
    try { for (; sent < 200;) { server.send(part); sent++; } } catch (error) { server.close(4000, `${error.name} ${sent}`); })");
  auto call = send(worker, upgrade());
  wait(call);
  if (call->failure) {  // it was at its limit when somebody looked
    EXPECT_EQ(call->error(), "Error: Worker exceeded memory limit.");
    return;
  }
  int parts = 0;
  while (next(*call->web_socket).kind == Kind::Text) ++parts;
  EXPECT_GT(parts, 16);
  EXPECT_LE(parts, 64);
}

TEST_F(WebSockets, ArePassedOnWithoutTheirProxy) {
  auto callee = socket_handler("server.onmessage = ({data}) => server.send(data.toUpperCase());");
  ScriptSource source = handler("return env.OTHER.fetch(request)");
  source.bindings.push_back(service("OTHER", callee));
  auto proxy = start(std::move(source));
  auto end = open(proxy);
  EXPECT_TRUE(proxy->idle());
  say(*end, "loud");
  EXPECT_EQ(next(*end).data, "LOUD");
}

TEST_F(WebSockets, CannotBeReturnedTwiceOrToWhoDidNotAsk) {
  auto worker = start(handler(R"(
    const [client, server] = Object.values(new WebSocketPair());
    const answer = new Response(null, {status: 101, webSocket: client});
    if (request.headers.get('x-accept')) client.accept();
    return answer;)"));
  EXPECT_NE(text(worker).find("did not contain the header \"Upgrade: websocket\""),
            std::string::npos);
  RequestSpec accepted = upgrade();
  accepted.headers.emplace_back("x-accept", "yes");
  EXPECT_NE(text(worker, std::move(accepted)).find("after calling accept()"), std::string::npos);
}

TEST_F(WebSockets, SurviveListenersThatCloseAndSendWithinThemselves) {
  auto worker = socket_handler(R"(
    server.onmessage = ({data}) => { server.send(data); server.close(1000); try { server.send('x') } catch (e) { console.log(e.name) } };
    server.onclose = () => { server.close(1000); server.send === undefined; };)");
  auto end = open(worker);
  say(*end, "a");
  say(*end, "b");
  EXPECT_EQ(next(*end).data, "a");
  EXPECT_EQ(next(*end).kind, Kind::Close);
  end.reset();
  EXPECT_EQ(last_record(worker).outcome, Outcome::Ok);
}

class Ends : public testing::Test {
 protected:
  boost::asio::io_context loop_{1};
  Scheduler scheduler_{loop_};
};

TEST_F(Ends, TellEachOtherAtOnceAndInOrder) {
  auto pair = WebSocketEnd::make_pair(scheduler_);
  int told = 0;
  pair.second->when_readable([&] { ++told; });
  pair.first->send({.data = "one"});
  pair.first->send({.data = "two"});
  EXPECT_GE(told, 1);
  EXPECT_EQ(pair.second->take()->data, "one");
  EXPECT_GT(pair.first->unread_bytes(), 3u);
  EXPECT_EQ(pair.second->take()->data, "two");
  EXPECT_EQ(pair.first->unread_bytes(), 0u);
  EXPECT_FALSE(pair.second->take());
}

TEST_F(Ends, DeliverWhatWasSentBeforeOneWentAway) {
  auto pair = WebSocketEnd::make_pair(scheduler_);
  pair.first->send({.data = "last words"});
  pair.first.reset();
  EXPECT_TRUE(pair.second->peer_gone());
  EXPECT_EQ(pair.second->take()->data, "last words");
  EXPECT_EQ(pair.second->take()->kind, Kind::Disconnect);
  EXPECT_FALSE(pair.second->take());
  pair.second->send({.data = "to nobody"});
}

TEST_F(Ends, GiveOneLastMessageOnly) {
  auto pair = WebSocketEnd::make_pair(scheduler_);
  pair.first->send({.kind = Kind::Close, .code = 1000});
  pair.first->send({.data = "too late"});
  pair.first.reset();
  EXPECT_EQ(pair.second->take()->kind, Kind::Close);
  EXPECT_FALSE(pair.second->take());
}

TEST_F(Ends, MayBeDestroyedByTheirOwnCallback) {
  auto pair = WebSocketEnd::make_pair(scheduler_);
  pair.second->when_readable([&] { pair.second.reset(); });
  pair.first->send({.data = "x"});
  EXPECT_TRUE(pair.first->peer_gone());
  EXPECT_EQ(pair.first->take()->kind, Kind::Disconnect);
}

}  // namespace
}  // namespace atoll::runtime
