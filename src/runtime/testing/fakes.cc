#include "runtime/testing/fakes.h"

namespace atoll::runtime {

template <typename T>
void FakeKv::answer(Done<T> done, Result<T> value) {
  if (failure) value = fail(Error(*failure));
  if (!delay) return done(std::move(value));
  timers_.start(*delay, [done = std::move(done), value = std::move(value)]() mutable {
    done(std::move(value));
  });
}

void FakeKv::get(std::uint64_t handle, std::vector<std::string> keys,
                 Done<std::vector<std::optional<KvEntry>>> done) {
  std::vector<std::optional<KvEntry>> entries;
  for (const std::string& key : keys) {
    auto& kept = namespaces[handle];
    auto found = kept.find(key);
    entries.push_back(found == kept.end() ? std::nullopt : std::optional(found->second));
  }
  answer<std::vector<std::optional<KvEntry>>>(std::move(done), std::move(entries));
}

void FakeKv::write(std::uint64_t handle, std::string key, std::optional<KvEntry> entry,
                   Done<void> done) {
  if (entry) {
    namespaces[handle][key] = *std::move(entry);
  } else {
    namespaces[handle].erase(key);
  }
  answer<void>(std::move(done), {});
}

void FakeKv::list(std::uint64_t handle, std::string prefix, std::string after, unsigned limit,
                  Done<KvPage> done) {
  KvPage page;
  for (auto& [key, entry] : namespaces[handle]) {
    if (!key.starts_with(prefix) || key <= after) continue;
    if (page.keys.size() == limit) {
      page.complete = false;
      break;
    }
    page.keys.push_back({key, entry.metadata, entry.expires_at_seconds});
  }
  answer<KvPage>(std::move(done), std::move(page));
}

void WorkerTarget::call(HttpRequest request, CallOptions options,
                        std::unique_ptr<ResponseReceiver> receiver) {
  if (worker_ == nullptr) {
    return receiver->on_failure({Outcome::ScriptNotFound, "Error", "Worker not found.", "", false});
  }
  worker_->fetch(std::move(request), entrypoint_, std::move(options), std::move(receiver));
}

void WorkerTarget::rpc(RpcCall call, CallOptions options, std::unique_ptr<RpcReturn> back) {
  if (worker_ == nullptr) {
    return back->on_failure({Outcome::ScriptNotFound, "Error", "Worker not found.", "", false});
  }
  worker_->rpc(std::move(call), entrypoint_, std::move(options), std::move(back));
}

void WorkerTarget::connect(SocketRequest request, CallOptions options,
                           net::Connector::ConnectDone done) {
  if (worker_ == nullptr) {
    return done(fail(Error(ErrorKind::Unavailable, "Worker not found.")));
  }
  worker_->connect(std::move(request), entrypoint_, std::move(options), std::move(done));
}

std::shared_ptr<ServiceTarget> FakeDirectory::script(std::uint64_t handle, std::string entrypoint) {
  return std::make_shared<WorkerTarget>(scripts[handle], std::move(entrypoint));
}

std::shared_ptr<ServiceTarget> FakeDirectory::user_worker(std::uint64_t, std::string name) {
  return std::make_shared<WorkerTarget>(user_workers[name], "");
}

std::shared_ptr<ServiceTarget> FakeDirectory::outside(std::uint64_t) {
  if (!on_outside) return std::make_shared<WorkerTarget>(nullptr, "");
  return std::make_shared<FunctionTarget>(on_outside);
}

void RecordingLog::invocation(const InvocationRecord& record) {
  invocations.push_back({record.identity.script_name, std::string(record.request_id),
                         std::string(record.entrypoint), std::string(record.method),
                         std::string(record.rpc_method), record.outcome, record.status, record.cpu,
                         record.wall, record.subrequests, std::string(record.exception)});
}

void RecordingLog::console(const ScriptIdentity&, std::string_view, std::string_view request_id,
                           ConsoleLevel level, std::string_view text) {
  lines.push_back({level, std::string(text), std::string(request_id)});
}

void RecordingLog::exception(const ScriptIdentity&, std::string_view, std::string_view,
                             std::string_view text) {
  exceptions.emplace_back(text);
}

std::string RecordingLog::console_text() const {
  std::string all;
  for (const Line& line : lines) all += line.text + "\n";
  return all;
}

}  // namespace atoll::runtime
