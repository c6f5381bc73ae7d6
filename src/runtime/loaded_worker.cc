#include "runtime/loaded_worker.h"

#include "runtime/worker.h"

namespace atoll::runtime {

void LoadedWorker::deliver(std::unique_ptr<Event> event, std::string entrypoint,
                           const std::function<void()>& ask) {
  std::shared_ptr<Worker> worker = worker_.lock();
  if (worker != nullptr && !worker->condemned()) {
    return event->begin(*worker, std::move(entrypoint));
  }
  waiting_.push_back({std::move(event), std::move(entrypoint)});
  if (std::exchange(asked_, true)) return;
  ask();
}

void LoadedWorker::provide(std::shared_ptr<const Script> script, LoadedSetup setup) {
  if (!asked_) return;
  // Not inside of the turn that provides it: the new isolate runs its global scope now.
  std::shared_ptr<Scheduler::Line> line = setup.line;
  auto start = [self = shared_from_this(), script = std::move(script),
                setup = std::move(setup)]() mutable {
    self->start(std::move(script), std::move(setup));
  };
  line ? scheduler_.later(*line, std::move(start)) : scheduler_.later(std::move(start));
}

void LoadedWorker::start(std::shared_ptr<const Script> script, LoadedSetup setup) {
  if (!asked_) return;
  Result<std::shared_ptr<Worker>> worker =
      services_.start_loaded(std::move(script), std::move(setup));
  if (!worker) {
    return fail({Outcome::Exception, "Error", worker.error().message(), "", false});
  }
  asked_ = false;
  worker_ = *worker;
  std::vector<Waiting> waiting = std::move(waiting_);
  waiting_.clear();
  for (Waiting& one : waiting) one.event->begin(**worker, std::move(one.entrypoint));
}

void LoadedWorker::fail(Failure failure) {
  asked_ = false;
  std::vector<Waiting> waiting = std::move(waiting_);
  waiting_.clear();
  for (Waiting& one : waiting) one.event->fail(failure);
}

}  // namespace atoll::runtime
