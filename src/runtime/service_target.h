// Where a subrequest goes: another Worker, or the outside. `runtime` knows only this interface;
// dispatch/ and egress/ implement it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/connector.h"
#include "runtime/http_message.h"
#include "runtime/outcome.h"

namespace atoll::runtime {

class Worker;
struct ScriptIdentity;
class RpcReturn;
struct RpcService;
struct LoadedSetup;
struct RpcCall;
struct Script;

// Gets the answer to one call: exactly one of the two is called, on the host's thread, never from
// inside ServiceTarget::call. Destroying a receiver before that cancels interest.
class ResponseReceiver {
 public:
  virtual ~ResponseReceiver() = default;
  virtual void on_response(HttpResponse response) = 0;
  virtual void on_failure(Failure failure) = 0;
  // The invocation that will answer has begun; a receiver that may lose interest can cancel it.
  virtual void on_started(std::weak_ptr<Worker> worker, std::int32_t invocation) {}
  // The same of work that is no invocation.
  virtual void on_begun(std::move_only_function<void()> cancel) {}
};

class ServiceTarget;

// The Worker that takes what a user Worker fetches, instead of the outside. Who dispatches to the
// user Worker decides.
struct Outbound {
  std::shared_ptr<ServiceTarget> target;
  std::shared_ptr<const std::string> values;  // as CallOptions::env_values; may be null
  bool is_of_namespace = false;               // it is there for every user Worker of the namespace
};

struct Continuation;

struct CallOptions {
  std::string request_id;  // of the request at the ingress, the same along the whole chain
  std::uint32_t hops = 0;  // Workers that the request has passed
  const char* from = "";   // which kind of event the caller handles, as Invocation::handler
  std::string props;       // ctx.props as serialized by structured clone; may be empty
  // What the props name by its place; null: nothing, and their form is the plain one.
  std::shared_ptr<const std::vector<RpcService>> props_services;
  std::int64_t cpu_ms = -1;  // of the dispatch call; -1: none
  std::int64_t subrequests = -1;
  // In force for the invocation and for all that it calls, up to the next account-level Worker.
  std::shared_ptr<const Outbound> outbound;
  // Further members of `env`, an object serialized by structured clone; may be null.
  std::shared_ptr<const std::string> env_values;
  // Of an inbound Worker: where ctx.next() goes. Null for all others, and not passed on.
  std::shared_ptr<const Continuation> next;
};

// The user Worker that an inbound Worker stands before.
struct Continuation {
  std::shared_ptr<ServiceTarget> target;
  CallOptions options;  // of the call as it came
};

// What connect() asks for.
struct SocketRequest {
  net::Target target;
  std::string authority;  // host and port as the script wrote them
};

class ServiceTarget {
 public:
  virtual ~ServiceTarget() = default;
  virtual void call(HttpRequest request, CallOptions options,
                    std::unique_ptr<ResponseReceiver> receiver) = 0;
  // Calls a method of the entrypoint, in an invocation of its own. What is no Worker has none.
  virtual void rpc(RpcCall call, CallOptions options, std::unique_ptr<RpcReturn> back);
  // A connection: to the outside, or to the `connect` handler of a Worker, in an invocation of its
  // own. What is neither refuses.
  virtual void connect(SocketRequest request, CallOptions options,
                       net::Connector::ConnectDone done);
};

// Makes targets from what a Worker's bindings name.
class ServiceDirectory {
 public:
  virtual ~ServiceDirectory() = default;
  // `script_handle`: a script target of the border protocol. Never null; a script that is gone
  // fails at call.
  virtual std::shared_ptr<ServiceTarget> script(std::uint64_t script_handle,
                                                std::string entrypoint) = 0;
  // A user Worker of a dispatch namespace.
  virtual std::shared_ptr<ServiceTarget> user_worker(std::uint64_t namespace_handle,
                                                     std::string name) = 0;
  // Where the global fetch() of a Worker goes. `script_version`: the handle of who asks.
  virtual std::shared_ptr<ServiceTarget> outside(std::uint64_t script_version) = 0;
  // The caches of a script; see bindings/cache for what is sent there.
  virtual std::shared_ptr<ServiceTarget> caches(const ScriptIdentity& script) = 0;
  // Starts a Worker that another one loads, in an isolate of its own which the directory may evict
  // when it is idle. Not to be called during a turn.
  virtual Result<std::shared_ptr<Worker>> start_loaded(std::shared_ptr<const Script> script,
                                                       LoadedSetup setup);
};

}  // namespace atoll::runtime
