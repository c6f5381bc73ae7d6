#include "runtime/rpc.h"

namespace atoll::runtime {

RpcWriter::~RpcWriter() {
  if (pipe_) pipe_->abort(Error(ErrorKind::Unavailable, "the message was not delivered"));
}

Failure no_such_method(const RpcCall& call) {
  std::string name = call.path.empty() ? "(this)" : call.path.front();
  return {Outcome::Exception, "TypeError",
          "The RPC receiver does not implement the method \"" + name + "\".", "", false};
}

void PromisedCapability::call(RpcCall call, std::unique_ptr<RpcReturn> back) {
  if (failure_) return back->on_failure(*failure_);
  if (!resolved_) return waiting_.push_back({std::move(call), std::move(back)});
  if (target_ == nullptr) return back->on_failure(no_such_method(call));
  target_->call(std::move(call), std::move(back));
}

void PromisedCapability::resolve(std::shared_ptr<RpcCapability> target) {
  resolved_ = true;
  target_ = std::move(target);
  std::vector<Waiting> waiting = std::move(waiting_);
  waiting_.clear();
  for (Waiting& one : waiting) call(std::move(one.call), std::move(one.back));
}

void PromisedCapability::reject(const Failure& failure) {
  resolved_ = true;
  failure_ = failure;
  std::vector<Waiting> waiting = std::move(waiting_);
  waiting_.clear();
  for (Waiting& one : waiting) one.back->on_failure(failure);
}

PipeliningReturn::~PipeliningReturn() {
  if (back_) {
    promised_->reject({Outcome::InternalError, "Error", "Network connection lost.", "", false});
  }
}

void PipeliningReturn::on_result(RpcResult result) {
  promised_->resolve(result.pipeline);
  std::exchange(back_, nullptr)->on_result(std::move(result));
}

void PipeliningReturn::on_failure(Failure failure) {
  promised_->reject(failure);
  std::exchange(back_, nullptr)->on_failure(std::move(failure));
}

}  // namespace atoll::runtime
