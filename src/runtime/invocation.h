// One event handled by a Worker: its limits, what it holds, what it waits for. Owned by its Worker,
// destroyed when the response has been handed over and nothing keeps it alive.
#pragma once

#include <v8.h>

#include <boost/container/small_vector.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <memory>
#include <optional>
#include <string>

#include "http/coding/content_coding.h"
#include "runtime/body_pipe.h"
#include "runtime/http_message.h"
#include "runtime/limits.h"
#include "runtime/open_socket.h"
#include "runtime/rpc_state.h"
#include "runtime/service_target.h"
#include "runtime/timer_queue.h"

namespace atoll::runtime {

// A number that fits V8's small integers; never reused within an isolate.
using InvocationId = std::int32_t;
using MessageId = std::int32_t;
using WebSocketId = std::int32_t;

// A request or response that this invocation received.
struct Message {
  MessageId id;
  http::HeaderBlock headers;
  Body body;
  bool reading = false;
  // A response whose body came compressed: scripts read it decoded, others get it as it is.
  std::optional<http::Coding> coding = {};
};

// A WebSocket's end in the hands of this invocation's JavaScript.
struct HeldWebSocket {
  std::unique_ptr<WebSocketEnd> end;
  v8::Global<v8::Object> object;  // once accepted: what events are fired at
  bool turn_queued = false;
  bool received_last = false;

  bool accepted() const { return !object.IsEmpty(); }
};

class Invocation {
 public:
  Invocation(InvocationId invocation_id, std::uint32_t hop_count, Limits invocation_limits,
             std::chrono::steady_clock::time_point now)
      : id(invocation_id), hops(hop_count), limits(invocation_limits), started(now) {}

  Message* find_message(MessageId message_id);
  HeldWebSocket* find_web_socket(WebSocketId web_socket);

  // Whether a WebSocket can still bring something from outside of this invocation.
  bool has_open_web_socket() const;

  RpcState& rpc_state() {
    if (rpc == nullptr) rpc = std::make_unique<RpcState>();
    return *rpc;
  }

  // Somebody waits for what this invocation is to answer.
  bool owes_answer() const { return receiver != nullptr || (rpc && rpc->session_calls > 0); }
  // Others hold objects of it that they got by calling it.
  bool is_held() const { return rpc && rpc->held > 0; }

  // The options of a call that it makes through a service which has `own`.
  CallOptions options_of_call(CallOptions own) const;
  bool reaches_hop_limit() const { return hops + 1 >= limits.hops; }

  OpenSockets& sockets() {
    if (!open_sockets) open_sockets = std::make_unique<OpenSockets>();
    return *open_sockets;
  }

  // The first answer or failure counts.
  bool decided() const { return receiver == nullptr || ready_response || ready_failure; }

  // Nothing can ever wake this invocation again unless one of these is above zero.
  bool waits_for_anything() const {
    return pending > 0 || !timers.empty() || queued_turns > 0 || has_open_web_socket();
  }

  // Each message of a WebSocket that comes over the network may use the whole limit again.
  std::chrono::nanoseconds cpu_left() const { return limits.cpu - (cpu - cpu_before_event); }

  const InvocationId id;
  const std::uint32_t hops;
  const Limits limits;
  const std::chrono::steady_clock::time_point started;
  CallOptions options;
  std::string method;
  std::string url;
  const char* handler = "fetch";  // which kind of event this is: fetch, rpc
  std::string rpc_method;  // of an event that is a remote procedure call; then there is no url
  std::string entrypoint;
  std::unique_ptr<ResponseReceiver> receiver;  // null once answered

  // Filled in by natives during a turn, acted upon when the turn has ended.
  std::optional<HttpResponse> ready_response;
  std::optional<Failure> ready_failure;
  std::optional<Failure> aborted;  // ctx.abort() was called

  boost::container::small_vector<Message, 2> messages;
  // Ways to other Workers that only this invocation knows, by channel number.
  boost::container::small_vector<std::pair<std::int32_t, RpcService>, 2> channels;
  std::unique_ptr<RpcState> rpc;  // null until there is something in it
  boost::unordered_flat_map<std::int32_t, std::shared_ptr<BodyPipe>> sinks;
  boost::unordered_flat_map<std::int32_t, TimerQueue::Key> timers;
  std::uint64_t started_timers = 0;
  boost::unordered_flat_map<WebSocketId, HeldWebSocket> web_sockets;
  std::unique_ptr<OpenSockets> open_sockets;  // null until the first is asked for

  // Background operations that end when whoever sent the request goes away.
  boost::container::small_vector<std::int32_t, 1> client_watches;

  std::uint32_t pending = 0;       // started operations whose promise is unsettled
  std::uint32_t queued_turns = 0;  // turns in the scheduler's queue
  std::uint32_t wait_until = 0;    // tasks given to waitUntil and not settled
  std::uint32_t subrequests = 0;
  std::uint32_t log_bytes = 0;
  std::chrono::nanoseconds cpu{0};
  std::chrono::nanoseconds cpu_before_event{0};  // of `cpu`, used up before what is handled now
  bool hop_limit_hit = false;  // a call failed because the chain of Workers is too long
  // Of the last call that failed because its callee has too much to do.
  std::uint32_t retry_after_seconds = 0;
  Outcome outcome = Outcome::Ok;
  int status = 0;
  std::string exception;
};

}  // namespace atoll::runtime
