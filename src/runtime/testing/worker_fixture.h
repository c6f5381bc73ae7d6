// Workers without a supervisor and without HTTP: a test starts scripts from text, sends them
// requests and looks at what comes back and what the log says.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bundle/bundle.h"
#include "js/engine.h"
#include "net/testing/direct_connector.h"
#include "runtime/testing/fakes.h"
#include "runtime/worker.h"

namespace atoll::runtime {

struct SourceModule {
  std::string name;
  bundle::ModuleKind kind;
  std::string bytes;
};

struct ScriptSource {
  std::vector<SourceModule> modules;  // the entry first
  std::vector<border::Binding> bindings = {};
  Limits limits = {};
  std::string compatibility_date = "2026-08-22";
  std::string code_cache = {};
  std::string name = "script";
};

// The modules must be valid.
std::string encode_bundle(const std::vector<SourceModule>& modules);
// A descriptor whose whole content is `bytes`.
UniqueFd descriptor_of(std::string_view bytes);
std::shared_ptr<const Script> make_script(ScriptSource source);

// A script of one ES module, worker.js.
ScriptSource es_module(std::string_view code);
// The same, with `code` as the body of an async fetch(request, env, ctx).
ScriptSource handler(std::string_view code);

struct RequestSpec {
  std::string path = "/";
  std::string method = "GET";
  std::vector<std::pair<std::string, std::string>> headers = {};
  Body body = {};
  std::string entrypoint = {};
  CallOptions options = {};
};

// A request under way and what came back of it so far.
struct Call {
  int status = 0;
  std::string status_text;
  http::HeaderBlock headers;
  std::string body;
  bool body_was_stream = false;
  std::optional<Error> body_error;
  std::optional<Failure> failure;

  bool answered = false;  // head or failure is there
  bool body_done = false;
  bool reads_body = true;  // false: the test reads `source` itself
  std::unique_ptr<ByteSource> source;
  std::unique_ptr<WebSocketEnd> web_socket;
  std::weak_ptr<Worker> worker;
  InvocationId invocation = 0;

  bool done() const { return answered && (failure || body_done); }
  // The client goes away.
  void leave();
  std::string header(std::string_view name) const {
    return std::string(headers.find(name).value_or(""));
  }
  // "Error: message", empty without a failure.
  std::string error() const {
    return failure ? failure->name + ": " + failure->message : std::string();
  }
};

// Bytes that the test hands out piece by piece.
class ScriptedSource final : public ByteSource {
 public:
  // What the test keeps; outlives the source.
  struct Control {
    ReadDone waiting;
    int reads = 0;
    bool destroyed = false;
    void give(std::string chunk) { std::exchange(waiting, nullptr)(std::move(chunk)); }
    void end() { give({}); }
    void break_off(std::string why) {
      std::exchange(waiting, nullptr)(fail(Error(ErrorKind::Unavailable, std::move(why))));
    }
  };
  explicit ScriptedSource(std::shared_ptr<Control> control) : control_(std::move(control)) {}
  ~ScriptedSource() override {
    control_->destroyed = true;
    control_->waiting = nullptr;
  }
  void read(ReadDone done) override {
    ++control_->reads;
    control_->waiting = std::move(done);
  }

 private:
  std::shared_ptr<Control> control_;
};

class WorkerFixture : public testing::Test {
 public:
  // Before any test; `natives` as the snapshot was made with.
  static void use_snapshot(std::string path, std::vector<js::NativeTable> natives);

  static constexpr std::uint64_t kMemoryBytes = 64 << 20;  // of one isolate

 protected:
  WorkerFixture();
  ~WorkerFixture() override;

  static js::Engine& engine();
  js::FreshIsolate new_isolate();

  // A started Worker; the test fails if it does not start.
  std::shared_ptr<Worker> start(ScriptSource source);
  // The message of a start that must fail.
  std::string start_error(ScriptSource source);

  // Sends a request and waits for the answer with its whole body.
  Call fetch(const std::shared_ptr<Worker>& worker, RequestSpec request = {});
  // The body of such an answer, or "failure: " and the error.
  std::string text(const std::shared_ptr<Worker>& worker, RequestSpec request = {});
  // Starts that Worker and fetches its text.
  std::string text(ScriptSource source, RequestSpec request = {});

  // Sends a request and does not wait.
  std::shared_ptr<Call> send(const std::shared_ptr<Worker>& worker, RequestSpec request = {});
  // A receiver that fills `call`, for tests that call something else than a Worker.
  std::unique_ptr<ResponseReceiver> receiver(std::shared_ptr<Call> call);
  static HttpRequest make_request(RequestSpec& spec);
  // Runs the event loop until that is so; the test fails after ten seconds.
  void run_until(const std::function<bool()>& condition);
  void run_for(std::chrono::milliseconds time);
  void wait(const std::shared_ptr<Call>& call);
  // Runs until the Worker's invocations have all ended; the last one's record.
  RecordingLog::Invocation last_record(const std::shared_ptr<Worker>& worker);

  border::Binding service(std::string name, std::shared_ptr<Worker> worker,
                          std::string entrypoint = {});

  boost::asio::io_context loop_{1};
  Scheduler scheduler_{loop_};
  TimerQueue timers_{loop_};
  Watchdog watchdog_;
  FakeKv kv_{timers_};
  RecordingLog log_;
  FakeDirectory directory_;
  net::DirectConnector connector_{loop_};
  Host host_;
};

}  // namespace atoll::runtime
