// Stand-ins for what surrounds Workers: KV, other scripts, the outside, the log.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/invocation_log.h"
#include "runtime/kv_access.h"
#include "runtime/service_target.h"
#include "runtime/timer_queue.h"
#include "runtime/worker.h"

namespace atoll::runtime {

// A store in memory. With a delay every answer comes later, from the event loop.
class FakeKv final : public KvAccess {
 public:
  explicit FakeKv(TimerQueue& timers) : timers_(timers) {}

  void get(std::uint64_t handle, std::vector<std::string> keys,
           Done<std::vector<std::optional<KvEntry>>> done) override;
  void write(std::uint64_t handle, std::string key, std::optional<KvEntry> entry,
             Done<void> done) override;
  void list(std::uint64_t handle, std::string prefix, std::string after, unsigned limit,
            Done<KvPage> done) override;

  std::optional<std::chrono::milliseconds> delay;
  std::optional<Error> failure;  // of every call from now on
  std::map<std::uint64_t, std::map<std::string, KvEntry>> namespaces;

 private:
  template <typename T>
  void answer(Done<T> done, Result<T> value);

  TimerQueue& timers_;
};

// A Worker under test as the target of calls.
class WorkerTarget final : public ServiceTarget {
 public:
  WorkerTarget(std::shared_ptr<Worker> worker, std::string entrypoint)
      : worker_(std::move(worker)), entrypoint_(std::move(entrypoint)) {}
  void call(HttpRequest request, CallOptions options,
            std::unique_ptr<ResponseReceiver> receiver) override;
  void rpc(RpcCall call, CallOptions options, std::unique_ptr<RpcReturn> back) override;
  void connect(SocketRequest request, CallOptions options,
               net::Connector::ConnectDone done) override;

 private:
  std::shared_ptr<Worker> worker_;
  std::string entrypoint_;
};

// A target that is a C++ function.
class FunctionTarget final : public ServiceTarget {
 public:
  using Answer = std::function<void(HttpRequest, CallOptions, std::unique_ptr<ResponseReceiver>)>;
  explicit FunctionTarget(Answer answer) : answer_(std::move(answer)) {}
  void call(HttpRequest request, CallOptions options,
            std::unique_ptr<ResponseReceiver> receiver) override {
    answer_(std::move(request), std::move(options), std::move(receiver));
  }

 private:
  Answer answer_;
};

// What is not listed fails with "Worker not found.".
class FakeDirectory final : public ServiceDirectory {
 public:
  std::shared_ptr<ServiceTarget> script(std::uint64_t handle, std::string entrypoint) override;
  std::shared_ptr<ServiceTarget> user_worker(std::uint64_t handle, std::string name) override;
  std::shared_ptr<ServiceTarget> outside(std::uint64_t script_version) override;
  std::shared_ptr<ServiceTarget> caches(const ScriptIdentity& script) override { return nullptr; }

  Result<std::shared_ptr<Worker>> start_loaded(std::shared_ptr<const Script> script,
                                               LoadedSetup setup) override {
    return on_load(std::move(script), std::move(setup));
  }

  std::function<Result<std::shared_ptr<Worker>>(std::shared_ptr<const Script>, LoadedSetup)>
      on_load;
  std::map<std::uint64_t, std::shared_ptr<Worker>> scripts;
  std::map<std::string, std::shared_ptr<Worker>> user_workers;
  FunctionTarget::Answer on_outside;  // null: not found
};

// Remembers everything.
class RecordingLog final : public InvocationLog {
 public:
  struct Invocation {
    std::string script;
    std::string request_id;
    std::string entrypoint;
    std::string method;
    std::string rpc_method;
    Outcome outcome;
    int status;
    std::chrono::nanoseconds cpu;
    std::chrono::nanoseconds wall;
    std::uint32_t subrequests;
    std::string exception;
  };
  struct Line {
    ConsoleLevel level;
    std::string text;
    std::string request_id;
  };

  void invocation(const InvocationRecord& record) override;
  void console(const ScriptIdentity& identity, std::string_view version_id,
               std::string_view request_id, ConsoleLevel level, std::string_view text) override;
  void exception(const ScriptIdentity& identity, std::string_view version_id,
                 std::string_view request_id, std::string_view text) override;

  // Console lines, one below the other.
  std::string console_text() const;

  std::vector<Invocation> invocations;
  std::vector<Line> lines;
  std::vector<std::string> exceptions;
};

}  // namespace atoll::runtime
