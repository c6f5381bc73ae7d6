// Workers that a script loads itself through a worker_loader binding: code it has made or got,
// running in an isolate of its own under the script's account, with what the script gives it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runtime/event.h"
#include "runtime/rpc.h"
#include "runtime/scheduler.h"
#include "runtime/script.h"

namespace atoll::runtime {

// What a loaded Worker has beside its code.
struct LoadedSetup {
  enum class Outbound { OfParent, None, Service };

  RpcMessage env;  // of an object; its externals are services only
  Outbound outbound = Outbound::OfParent;
  RpcService service;                     // where the global fetch() goes
  std::shared_ptr<Scheduler::Line> line;  // of the parent: the more isolates, not the more turns
};

inline constexpr std::size_t kMaxLoadedCodeBytes = 64u << 20;
inline constexpr std::size_t kMaxLoadedEnvBytes = 1u << 20;
// Of one parent, in one host, known by name.
inline constexpr std::size_t kMaxNamedLoaded = 1'000;

// One of them, from the first look at it on. Its isolate comes and goes; whenever there is none, a
// call asks the script for the code again.
class LoadedWorker : public std::enable_shared_from_this<LoadedWorker> {
 public:
  LoadedWorker(Scheduler& scheduler, ServiceDirectory& services)
      : scheduler_(scheduler), services_(services) {}

  // `ask` makes the script provide the code, unless the Worker runs or has been asked for.
  void deliver(std::unique_ptr<Event> event, std::string entrypoint,
               const std::function<void()>& ask);

  // The answers; without a question they count for nothing.
  void provide(std::shared_ptr<const Script> script, LoadedSetup setup);
  void fail(Failure failure);

 private:
  struct Waiting {
    std::unique_ptr<Event> event;
    std::string entrypoint;
  };

  void start(std::shared_ptr<const Script> script, LoadedSetup setup);

  Scheduler& scheduler_;        // of the host
  ServiceDirectory& services_;  // of the host
  std::weak_ptr<Worker> worker_;
  std::vector<Waiting> waiting_;
  bool asked_ = false;
};

}  // namespace atoll::runtime
