// A script version running in its own isolate: loads the modules once, then serves invocations,
// many at a time. Lives on the host's thread.
#pragma once

#include <v8.h>

#include <boost/unordered/unordered_flat_map.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "compatibility/flags.h"
#include "js/engine.h"
#include "net/connector.h"
#include "runtime/invocation.h"
#include "runtime/invocation_log.h"
#include "runtime/kv_access.h"
#include "runtime/loaded_worker.h"
#include "runtime/rpc.h"
#include "runtime/scheduler.h"
#include "runtime/script.h"
#include "runtime/service_target.h"
#include "runtime/timer_queue.h"
#include "runtime/watchdog.h"
#include "runtime/worker_start.h"
#include "sandbox/border/status_page.h"

namespace atoll::runtime {

class ModuleLoader;

// What all Workers of a host share. Outlives them.
struct Host {
  js::Engine& engine;
  Scheduler& scheduler;
  TimerQueue& timers;
  Watchdog& watchdog;
  KvAccess& kv;
  InvocationLog& log;
  ServiceDirectory& services;
  net::Connector& connector;
  std::chrono::milliseconds startup_cpu;
  std::uint64_t memory_bytes;                              // of one isolate, all kinds
  border::StatusPage* status = &border::unwatched_page();  // told what runs
};

class Worker : public std::enable_shared_from_this<Worker> {
 public:
  // `fresh` comes from Engine::new_isolate with Host::memory_bytes as its limits.
  static std::shared_ptr<Worker> make(Host& host, std::shared_ptr<const Script> script,
                                      js::FreshIsolate fresh);
  // One that another Worker loads: `setup` in the place of bindings.
  static std::shared_ptr<Worker> make_loaded(Host& host, std::shared_ptr<const Script> script,
                                             js::FreshIsolate fresh, LoadedSetup setup);
  ~Worker();

  // Evaluates the modules under the start-up limits; once, before anything else. On failure the
  // message is fit for the person who uploaded the code: JavaScript error, file, line, column.
  Result<void> start();

  // What the script exports; valid after start().
  const std::vector<std::string>& handlers() const { return handlers_; }
  const std::vector<NamedHandlers>& named_handlers() const { return named_handlers_; }
  // Bytes that make the next start() of this script cheaper; call after start().
  std::string make_code_cache();
  // Whether start() found the script's code cache missing or unusable.
  bool wants_code_cache() const;

  // Begins a fetch event. `entrypoint` empty: the default export. The number is for cancel().
  InvocationId fetch(HttpRequest request, std::string entrypoint, CallOptions options,
                     std::unique_ptr<ResponseReceiver> receiver);

  // Begins an event that is a call of a method of the entrypoint. The invocation goes on as long
  // as the caller holds objects that it got from it.
  InvocationId rpc(RpcCall call, std::string entrypoint, CallOptions options,
                   std::unique_ptr<RpcReturn> back);

  // Begins an event that is a connection for the entrypoint's `connect` handler, which then holds
  // the other end; or passes it on to the outside, if the script is flagged so.
  void connect(SocketRequest request, std::string entrypoint, CallOptions options,
               net::Connector::ConnectDone done);

  // The caller is gone: what only serves the response is stopped, waitUntil work goes on.
  void cancel(InvocationId id);
  // Cancels invocations that have run longer than their wall limit.
  void enforce_wall_time(std::chrono::steady_clock::time_point now);

  // True once the isolate must not be used for new invocations: it ran out of memory.
  bool condemned() const { return condemned_; }
  bool idle() const { return invocations_.empty(); }
  std::size_t invocation_count() const { return invocations_.size(); }
  std::chrono::steady_clock::time_point last_used() const { return last_used_; }
  // Heap, buffers and a share for V8's own structures; takes some microseconds.
  std::size_t memory_bytes();
  // CPU time that long turns took since the last call: those that keep others waiting.
  std::chrono::nanoseconds take_long_turns() {
    return std::exchange(long_turns_, std::chrono::nanoseconds(0));
  }
  const Script& script() const { return *script_; }
  const compatibility::FlagSet& flags() const { return flags_; }

  // ---- For natives and callbacks of this room -----------------------------------------------

  static Worker& of(v8::Isolate* isolate) { return *static_cast<Worker*>(isolate->GetData(0)); }
  // The invocation whose JavaScript runs now; null in global scope and when it has ended.
  Invocation* current();
  // Whether code of some invocation runs, be it one that has ended; false in global scope.
  bool has_frame();
  // V8 carries a frame along with each promise reaction: the invocation's number, or, once a script
  // uses AsyncLocalStorage, an array of that and of the storages' values. No script ever sees it.
  v8::Local<v8::Value> frame_owner();
  v8::Local<v8::Value> async_context();
  void set_async_context(v8::Local<v8::Value> values);
  Invocation* find(InvocationId id);

  // Runs `body` inside the isolate for that invocation, then the microtasks, then acts on what
  // happened. Queued behind a running turn. Does nothing if the invocation has ended by then.
  using TurnBody = std::move_only_function<void(v8::Local<v8::Context>, Invocation&)>;
  void run_turn(InvocationId id, TurnBody body);

  // An operation whose promise JavaScript holds. Plain values: may outlive the Worker.
  struct Pending {
    std::weak_ptr<Worker> worker;
    InvocationId invocation = 0;
    std::int32_t operation = 0;
  };
  struct Started {
    Pending pending;
    v8::Local<v8::Promise> promise;
  };
  // Counts the operation; nothing, with an exception pending, when V8 refuses.
  // In the background, it does not count as something the invocation waits for.
  std::optional<Started> start_pending(Invocation& invocation, bool in_background = false);
  // Settles with what `value` returns, or rejects with what it throws, in a turn of its own. Does
  // nothing once the invocation has ended.
  using MakeValue =
      std::move_only_function<v8::MaybeLocal<v8::Value>(v8::Local<v8::Context>, Invocation&)>;
  static void settle(const Pending& pending, MakeValue value);

  // Which invocation works on a pending call, so that abandon() can cancel it.
  void remember_callee(const Pending& pending, std::weak_ptr<Worker> callee, InvocationId id);
  // How else abandon() stops the work behind a pending call.
  void remember_cancel(const Pending& pending, std::move_only_function<void()> cancel);
  // Gives up the operation behind this promise; it stays unsettled.
  void abandon(Invocation& invocation, v8::Local<v8::Promise> promise);

  // The invocation has a response, a failure or fewer things to wait for: look at it after the
  // turn.
  void touch(Invocation& invocation) { touched_.push_back(invocation.id); }

  MessageId add_message(Invocation& invocation, http::HeaderBlock headers, Body body);
  WebSocketId add_web_socket(Invocation& invocation, std::unique_ptr<WebSocketEnd> end);
  // From now on what arrives is given to `object`, one turn a message.
  void accept_web_socket(Invocation& invocation, WebSocketId id, v8::Local<v8::Object> object);
  v8::MaybeLocal<v8::Value> make_response(v8::Local<v8::Context> context, Invocation& invocation,
                                          HttpResponse response, std::string_view url);
  // An Error of the standard class of that name.
  v8::Local<v8::Value> make_error(v8::Local<v8::Context> context, std::string_view name,
                                  std::string_view message);
  // Nothing for a number this invocation was not given. The numbers of the isolate are positive.
  std::optional<RpcService> service(Invocation& invocation, std::int32_t channel);
  std::int32_t add_channel(Invocation& invocation, RpcService service);
  std::int32_t add_channel(RpcService service);

  // ---- Remote procedure calls: worker_rpc.cc --------------------------------------------------

  // An entrypoint of this very Worker; empty: the default one.
  std::shared_ptr<ServiceTarget> self_target(std::string entrypoint);
  // A capability for calls on `entry`, which the invocation keeps until nobody holds it.
  std::shared_ptr<RpcCapability> add_export(Invocation& invocation, v8::Local<v8::Object> entry,
                                            bool wants_release, bool of_session);
  void call_export(InvocationId id, std::int32_t number, RpcCall call,
                   std::unique_ptr<RpcReturn> back);
  void release_export(InvocationId id, std::int32_t number);
  // The flat array [kind, value, …] for JavaScript, which then owns what is in it; see
  // natives/rpc_natives.cc. Empty when V8 refuses.
  v8::MaybeLocal<v8::Value> take_externals(Invocation& invocation, RpcMessage& message);
  static constexpr int kServiceExternal = 3;
  // A message as [bytes, externals].
  v8::MaybeLocal<v8::Value> take_message(v8::Local<v8::Context> context, Invocation& invocation,
                                         RpcMessage message);
  // Makes the script provide the code of that dynamic Worker; false if the invocation has ended.
  bool ask_for_code(InvocationId id, std::int32_t number);
  // The dynamic Worker of that name; null when there are too many.
  std::shared_ptr<LoadedWorker> loaded_by_name(const std::string& name);
  // Where a Worker loaded by this one sends its fetch().
  void inherit_outbound(LoadedSetup& setup) const;
  // Whether the Worker may reach the outside itself.
  bool reaches_outside() const;
  // The script has given up this invocation.
  void abort_invocation(Invocation& invocation, Failure failure);
  Host& host() { return host_; }
  // Where its turns wait, and what it asks others for. A loaded Worker shares its parent's.
  const std::shared_ptr<Scheduler::Line>& line() const { return line_; }
  v8::Isolate* isolate() { return fresh_.isolate; }
  js::MemoryAccount& memory_account() { return *fresh_.account; }
  std::int32_t next_id() { return next_id_++; }
  const std::shared_ptr<js::MemoryAccount>& account() { return fresh_.account; }
  void start_timer(Invocation& invocation, std::int32_t timer, std::chrono::milliseconds delay,
                   bool repeat);

 private:
  Worker(Host& host, std::shared_ptr<const Script> script, js::FreshIsolate fresh);

  Invocation& begin_invocation(std::string entrypoint, CallOptions options);
  v8::Local<v8::Value> props_of(Invocation& invocation);
  void deliver_call(InvocationId id, std::int32_t number, std::int32_t target, RpcCall call);
  void deliver_returns(Invocation& invocation);
  static void fail_calls(Invocation& invocation, const Failure& failure);
  void enter_turn(InvocationId id, TurnBody& body);
  void serve_web_socket(InvocationId invocation_id, WebSocketId id);
  void give_web_socket_message(v8::Local<v8::Context> context, Invocation& invocation,
                               WebSocketId id);
  void run_with_microtasks(v8::Local<v8::Context> context, Invocation& invocation, TurnBody& body);
  // JavaScript runs only between the two: under the watchdog, its memory charged to this Worker.
  void begin_guarded(std::chrono::nanoseconds budget, std::string_view request_id = {});
  Watchdog::Used end_guarded();
  // Finalizers, collected memory: what a long turn leaves behind. Adds to what the turn used.
  void tidy_up(std::chrono::nanoseconds budget, Watchdog::Used& used);
  void after_turn(InvocationId id, Watchdog::Used used);
  void settle_accounts(InvocationId id);
  // Whether another invocation of this isolate goes on, which may settle a promise of this one.
  bool others_go_on(InvocationId id);
  // Whether anybody but the invocation itself holds objects of it.
  bool may_be_called(const Invocation& invocation);
  void settle_stuck();
  void deliver(Invocation& invocation);
  void fail_invocation(Invocation& invocation, Failure failure);
  void finish(InvocationId id);
  void call_builtin(v8::Local<v8::Context> context, v8::Global<v8::Function>& function,
                    v8::Local<v8::Value> argument);
  void condemn();
  RpcService outside();
  void abandon_loading(RpcState& state);
  v8::MaybeLocal<v8::Value> take_setup_env(v8::Local<v8::Context> context);
  Result<void> prepare_and_evaluate(v8::Local<v8::Context> context);
  static std::size_t on_near_heap_limit(void* data, std::size_t current, std::size_t initial);
  static void on_promise_reject(v8::PromiseRejectMessage message);

  Host& host_;
  std::shared_ptr<const Script> script_;
  const compatibility::FlagSet flags_;
  js::FreshIsolate fresh_;
  std::shared_ptr<Scheduler::Line> line_;
  std::unique_ptr<ModuleLoader> modules_;
  // Exports of the built-ins.
  struct Functions {
    v8::Global<v8::Function> start_fetch;
    v8::Global<v8::Function> fire_timer;
    v8::Global<v8::Function> forget_timer;
    v8::Global<v8::Function> make_incoming_response;
    v8::Global<v8::Function> make_error;
    v8::Global<v8::Function> promise_rejected;
    v8::Global<v8::Function> report_rejections;
    v8::Global<v8::Function> web_socket_event;
    v8::Global<v8::Function> deliver_call;
    v8::Global<v8::Function> release_export;
    v8::Global<v8::Function> provide_code;
  };
  Functions functions_;
  std::vector<RpcService> services_;  // channel - 1
  boost::unordered_flat_map<InvocationId, std::unique_ptr<Invocation>> invocations_;
  std::vector<std::string> handlers_;
  std::vector<NamedHandlers> named_handlers_;
  struct Operation {
    InvocationId invocation = 0;
    v8::Global<v8::Promise::Resolver> resolver;
    std::weak_ptr<Worker> callee;  // of a call to another Worker
    InvocationId callee_invocation = 0;
    bool in_background = false;
    std::move_only_function<void()> cancel;  // of a call to something else

    void stop();
  };
  boost::unordered_flat_map<std::int32_t, Operation> operations_;
  std::vector<InvocationId> touched_;
  std::int32_t next_id_ = 1;
  std::chrono::steady_clock::time_point last_used_ = std::chrono::steady_clock::now();
  Watchdog::Clock::time_point now_;  // of the last turn's beginning or end
  int quick_turns_ = 0;              // of late, in a row
  std::chrono::nanoseconds long_turns_{0};
  bool heap_exhausted_ = false;
  bool condemned_ = false;
  bool rejections_seen_ = false;
  std::unique_ptr<LoadedSetup> setup_;  // of a loaded Worker
  std::map<std::string, std::shared_ptr<LoadedWorker>> loaded_;
  std::vector<InvocationId> stuck_;  // have nothing to wait for, but others may wake them
};

}  // namespace atoll::runtime
