// Remote procedure calls: what travels between the Worker that calls and the one that is called.
// Everything here is plain values that move, so that a call may cross to another isolate of this
// process as it is; a channel to another process writes the same values as bytes and keeps a table
// of the capabilities on each of its sides. All on the host's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "async/byte_source.h"
#include "net/stream.h"
#include "runtime/body_pipe.h"
#include "runtime/outcome.h"
#include "runtime/service_target.h"

namespace atoll::runtime {

class RpcCapability;

// The end of a pipe that the receiver of a message is to write to. If nobody takes it, the pipe's
// reader learns that nothing will come.
class RpcWriter {
 public:
  explicit RpcWriter(std::shared_ptr<BodyPipe> pipe) : pipe_(std::move(pipe)) {}
  RpcWriter(RpcWriter&&) = default;
  RpcWriter& operator=(RpcWriter&&) = default;
  ~RpcWriter();

  std::shared_ptr<BodyPipe> take() { return std::move(pipe_); }

 private:
  std::shared_ptr<BodyPipe> pipe_;
};

// A way to another Worker.
struct RpcService {
  std::shared_ptr<ServiceTarget> target;
  CallOptions options;
};

// What a message refers to and bytes cannot carry.
using RpcExternal = std::variant<std::shared_ptr<RpcCapability>, std::unique_ptr<ByteSource>,
                                 RpcWriter, RpcService, std::unique_ptr<net::Stream>>;

// A value in the wire form of structured clone; the objects in it name externals by their place.
struct RpcMessage {
  std::string bytes;
  std::vector<RpcExternal> externals;
};

inline constexpr std::size_t kMaxRpcMessageBytes = 32u << 20;

struct RpcCall {
  std::vector<std::string> path;  // property names, from the target on; empty: the target itself
  bool reads_property = false;    // wants the value at the path instead of calling it
  bool in_background = false;     // nobody waits for the answer
  std::optional<RpcMessage> arguments;  // of a list
};

struct RpcResult {
  RpcMessage value;
  // What calls on the result go to before the caller has seen it; null: it has no methods.
  std::shared_ptr<RpcCapability> pipeline;
  // The value wants to be told when it is no longer needed: hold `pipeline` until then.
  bool has_disposer = false;
};

// Gets the answer to one call: exactly one of the two is called, on the host's thread, never from
// inside the call. One that is destroyed without an answer must see to it itself.
class RpcReturn {
 public:
  virtual ~RpcReturn() = default;
  virtual void on_result(RpcResult result) = 0;
  virtual void on_failure(Failure failure) = 0;
  // The invocation that will answer has begun; who may lose interest can cancel it.
  virtual void on_started(std::weak_ptr<Worker> worker, std::int32_t invocation) {}
  // The same where the work is done by another process.
  virtual void on_begun(std::move_only_function<void()> cancel) {}
};

// An object, somewhere, that can be called. Whoever holds it keeps that object; it is told when the
// last holder has gone.
class RpcCapability {
 public:
  virtual ~RpcCapability() = default;
  // Calls reach the object in the order in which they were made.
  virtual void call(RpcCall call, std::unique_ptr<RpcReturn> back) = 0;
};

// The result of a call that is still under way: calls made on it wait, then go where the result
// says.
class PromisedCapability final : public RpcCapability {
 public:
  void call(RpcCall call, std::unique_ptr<RpcReturn> back) override;

  void resolve(std::shared_ptr<RpcCapability> target);  // null: calls fail, there are no methods
  void reject(const Failure& failure);

 private:
  struct Waiting {
    RpcCall call;
    std::unique_ptr<RpcReturn> back;
  };
  std::vector<Waiting> waiting_;
  std::shared_ptr<RpcCapability> target_;
  std::optional<Failure> failure_;
  bool resolved_ = false;
};

// Passes an answer on, and tells `promised` of it first.
class PipeliningReturn final : public RpcReturn {
 public:
  PipeliningReturn(std::unique_ptr<RpcReturn> back, std::shared_ptr<PromisedCapability> promised)
      : back_(std::move(back)), promised_(std::move(promised)) {}
  ~PipeliningReturn() override;
  void on_result(RpcResult result) override;
  void on_failure(Failure failure) override;
  void on_started(std::weak_ptr<Worker> worker, std::int32_t invocation) override {
    back_->on_started(std::move(worker), invocation);
  }
  void on_begun(std::move_only_function<void()> cancel) override {
    back_->on_begun(std::move(cancel));
  }

 private:
  std::unique_ptr<RpcReturn> back_;
  std::shared_ptr<PromisedCapability> promised_;
};

// "The RPC receiver does not implement …": a value has no such method.
Failure no_such_method(const RpcCall& call);

}  // namespace atoll::runtime
