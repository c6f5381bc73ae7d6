#include "dispatch/script_table.h"

#include <algorithm>
#include <random>

#include "js/platform.h"

namespace atoll::dispatch {
namespace {

constexpr std::size_t kMaxRememberedMissing = 10'000;
constexpr std::size_t kMaxReportedVersions = 1'000;
// How far over its budget memory may be estimated between two looks at one isolate.
constexpr std::chrono::seconds kRemeasureAfter{5};

runtime::Failure not_found() {
  return {runtime::Outcome::ScriptNotFound, "Error", "Worker not found.", "", false};
}

runtime::Failure held() {
  return {runtime::Outcome::InternalError, "Error",
          "This Worker ended the processes that ran it and is held back for a while.", "", false};
}

runtime::Failure overload_failure() {
  runtime::Failure failure{runtime::Outcome::LoadShed, "Error",
                           std::string(runtime::kOverloadMessage), "", false};
  failure.message.append("its host has too much to do (ingress.queue_delay_ms).");
  failure.retry_after_seconds = 1;
  return failure;
}

runtime::Failure internal(const Error& error) {
  return {runtime::Outcome::InternalError, "Error", error.message(), "", false};
}

}  // namespace

struct ScriptTable::Version {
  std::shared_ptr<const runtime::Script> script;
  double percentage = 100;
  std::shared_ptr<runtime::Worker> worker;  // null: scaled to zero
  std::string start_failure;                // why it cannot start; tried once per load
};

struct ScriptTable::Entry {
  enum class State { Loading, Ready, Missing, Held, Elsewhere };
  State state = State::Loading;
  std::uint64_t generation = 0;  // grows when the script changes while it is being loaded
  std::string script_key;
  std::chrono::steady_clock::time_point missing_since;
  std::chrono::steady_clock::time_point held_until;
  std::vector<std::shared_ptr<Version>> versions;
  std::unique_ptr<Remote> remote;  // elsewhere
  std::vector<Call> waiting;
  Admission admission;
  std::shared_ptr<runtime::ServiceTarget> inbound;  // of the namespace; null: none
};

ScriptTable::ScriptTable(runtime::Host& host, IsolatePool& pool, Settings settings, Load load,
                         StoreCodeCache store_code_cache)
    : host_(host),
      pool_(pool),
      settings_(settings),
      load_(std::move(load)),
      store_code_cache_(std::move(store_code_cache)) {}

ScriptTable::~ScriptTable() = default;

// A user Worker behind its namespace's inbound Worker.
class PastInbound final : public runtime::ServiceTarget {
 public:
  PastInbound(ScriptTable& table, ScriptTable::Key key, std::string entrypoint)
      : table_(table), key_(std::move(key)), entrypoint_(std::move(entrypoint)) {}
  void call(runtime::HttpRequest request, runtime::CallOptions options,
            std::unique_ptr<runtime::ResponseReceiver> receiver) override {
    deliver(runtime::fetch_event(std::move(request), std::move(options), std::move(receiver)));
  }
  void rpc(runtime::RpcCall call, runtime::CallOptions options,
           std::unique_ptr<runtime::RpcReturn> back) override {
    deliver(runtime::rpc_event(std::move(call), std::move(options), std::move(back)));
  }
  void connect(runtime::SocketRequest request, runtime::CallOptions options,
               net::Connector::ConnectDone done) override {
    deliver(runtime::connect_event(std::move(request), std::move(options), std::move(done)));
  }

 private:
  void deliver(std::unique_ptr<runtime::Event> event) {
    table_.deliver(key_, {entrypoint_, std::move(event), true});
  }

  ScriptTable& table_;
  ScriptTable::Key key_;
  std::string entrypoint_;
};

void ScriptTable::deliver(const Key& key, Call call) {
  auto found = entries_.find(key);
  if (found == entries_.end()) {
    auto entry = std::make_shared<Entry>();
    found = entries_.emplace(key, entry).first;
    entry->waiting.push_back(std::move(call));
    return start_loading(key, std::move(entry));
  }
  std::shared_ptr<Entry> entry = found->second;
  switch (entry->state) {
    case Entry::State::Ready:
      return run(key, *entry, std::move(call));
    case Entry::State::Missing:
      if (std::chrono::steady_clock::now() - entry->missing_since < settings_.remember_missing) {
        return call.event->fail(not_found());
      }
      entry->waiting.push_back(std::move(call));
      return start_loading(key, std::move(entry));
    case Entry::State::Held:
      if (std::chrono::steady_clock::now() < entry->held_until) return call.event->fail(held());
      entry->waiting.push_back(std::move(call));
      return start_loading(key, std::move(entry));
    case Entry::State::Elsewhere:
      if (entry->remote->usable()) return pass_on(*entry, std::move(call));
      entry->waiting.push_back(std::move(call));
      return start_loading(key, std::move(entry));
    case Entry::State::Loading:
      break;
  }
  if (may_wait(key, *entry, call)) entry->waiting.push_back(std::move(call));
}

void ScriptTable::start_loading(const Key& key, std::shared_ptr<Entry> entry) {
  entry->state = Entry::State::Loading;
  std::uint64_t generation = ++entry->generation;
  load_(key.handle, key.name,
        [this, key, entry, generation](Result<border::SupervisorLink::Loaded> answer) {
          loaded(key, entry, generation, std::move(answer));
        });
}

void ScriptTable::loaded(const Key& key, const std::shared_ptr<Entry>& entry,
                         std::uint64_t generation, Result<border::SupervisorLink::Loaded> answer) {
  if (generation != entry->generation) return;  // loaded again since
  host_.scheduler.run([this, key, entry, answer = std::move(answer)]() mutable {
    std::vector<Call> waiting = std::move(entry->waiting);
    entry->waiting.clear();
    Result<void> adopted;
    if (answer) {
      entry->script_key = answer->script.script_key;
      auto& keys = keys_of_script_[entry->script_key];
      if (std::ranges::find(keys, key) == keys.end()) keys.push_back(key);
      adopted = adopt(*entry, *std::move(answer));
    } else {
      adopted = fail(std::move(answer.error()));
    }
    if (!adopted) {
      entries_.erase(key);  // the next call tries again
      for (Call& call : waiting) call.event->fail(internal(adopted.error()));
      return;
    }
    if (entry->state == Entry::State::Missing) {
      entry->missing_since = std::chrono::steady_clock::now();
      missing_.push_back(key);
      forget_oldest_missing();
      for (Call& call : waiting) call.event->fail(not_found());
      return;
    }
    if (entry->state == Entry::State::Held) {
      for (Call& call : waiting) call.event->fail(held());
      return;
    }
    if (entry->state == Entry::State::Elsewhere) {
      for (Call& call : waiting) pass_on(*entry, std::move(call));
      return;
    }
    for (Call& call : waiting) run(key, *entry, std::move(call));
  });
}

Result<void> ScriptTable::adopt(Entry& entry, border::SupervisorLink::Loaded loaded) {
  border::LoadedScript& script = loaded.script;
  entry.versions.clear();
  entry.inbound = nullptr;
  if (script.status == border::LoadStatus::Held) {
    entry.state = Entry::State::Held;
    entry.held_until = std::chrono::steady_clock::now() + std::chrono::milliseconds(script.held_ms);
    return {};
  }
  if (script.status == border::LoadStatus::Elsewhere) {
    if (!reach_) return fail(Error(ErrorKind::Unavailable, "this Worker cannot be reached"));
    entry.remote = TRY(reach_(std::move(loaded)));
    entry.state = Entry::State::Elsewhere;
    return {};
  }
  if (script.status == border::LoadStatus::NotFound || script.versions.empty()) {
    entry.state = Entry::State::Missing;
    return {};
  }
  if (script.inbound != 0) {
    entry.inbound = host_.services.script(script.inbound, script.inbound_entrypoint);
  }
  std::shared_ptr<const runtime::Outbound> outbound;
  if (script.outbound != 0) {
    auto target = host_.services.script(script.outbound, script.outbound_entrypoint);
    outbound = std::make_shared<const runtime::Outbound>(std::move(target), nullptr, true);
  }
  for (border::ScriptVersion& version : script.versions) {
    auto made = std::make_shared<runtime::Script>(runtime::Script{
        {script.account_id, script.dispatch_namespace, script.script_name, script.trusted},
        {},
        {},
        settings_.limits});
    made->limits.lower(version.limits.cpu_ms,
                       version.limits.subrequests == 0 ? -1 : version.limits.subrequests);
    made->code.mapping =
        TRY(runtime::Mapping::of(std::move(loaded.descriptors[version.bundle_descriptor])));
    made->code.bundle = TRY(bundle::BundleView::parse(made->code.mapping->bytes()));
    if (version.code_cache_descriptor) {
      made->code.code_cache =
          TRY(runtime::Mapping::of(std::move(loaded.descriptors[*version.code_cache_descriptor])));
    }
    made->outbound = outbound;
    double percentage = version.percentage;
    made->version = std::move(version);
    auto kept = std::make_shared<Version>();
    kept->script = std::move(made);
    kept->percentage = percentage;
    entry.versions.push_back(std::move(kept));
  }
  entry.state = Entry::State::Ready;
  return {};
}

std::shared_ptr<ScriptTable::Version> ScriptTable::choose_version(Entry& entry) {
  if (entry.versions.size() == 1) return entry.versions.front();
  static std::minstd_rand random{std::random_device{}()};
  double point = std::uniform_real_distribution<double>(0, 100)(random);
  for (const auto& version : entry.versions) {
    if (point < version->percentage) return version;
    point -= version->percentage;
  }
  return entry.versions.back();
}

void ScriptTable::pass_on(Entry& entry, Call call) {
  entry.remote->deliver(std::move(call.entrypoint), *call.event);
}

// While a script is loaded only the queue counts: nothing of it runs.
bool ScriptTable::may_wait(const Key& key, Entry& entry, Call& call) {
  bool is_user_worker = !key.name.empty();
  std::uint32_t most = limits_of(is_user_worker).queue;
  if (most == 0 || entry.waiting.size() < most) return true;
  call.event->fail(refusal_failure({Admission::Limit::Queue, most, 1}, is_user_worker));
  return false;
}

bool ScriptTable::may_begin(Entry& entry, Call& call) {
  std::size_t running = 0;
  std::size_t waiting = 0;
  bool has_no_time = false;
  for (const auto& version : entry.versions) {
    if (!version->worker) continue;
    has_no_time |= host_.scheduler.has_no_time_for(*version->worker->line());
    running += version->worker->invocation_count();
    waiting += version->worker->line()->waiting();
  }
  if (has_no_time) {
    ++shed_;
    call.event->fail(overload_failure());
    return false;
  }
  bool is_user_worker = !entry.versions.front()->script->identity.dispatch_namespace.empty();
  const border::AdmissionLimits& limits = limits_of(is_user_worker);
  auto now = limits.rate > 0 ? std::chrono::steady_clock::now() : host_.scheduler.now();
  auto refusal = entry.admission.admit(limits, running, waiting, now);
  if (!refusal) return true;
  refusing_ = true;
  report_refused(entry, false);
  call.event->fail(refusal_failure(*refusal, is_user_worker));
  return false;
}

void ScriptTable::report_refused(Entry& entry, bool all) {
  if (!entry.admission.has_refused() || entry.versions.empty()) return;
  const runtime::Script& script = *entry.versions.front()->script;
  bool is_user_worker = !script.identity.dispatch_namespace.empty();
  for (std::size_t i = 0; i < Admission::kLimits; ++i) {
    auto limit = static_cast<Admission::Limit>(i);
    std::uint64_t count = entry.admission.take_refused(limit, host_.scheduler.now(), all);
    if (count == 0) continue;
    const border::AdmissionLimits& limits = limits_of(is_user_worker);
    std::uint32_t values[] = {limits.concurrency, limits.queue, limits.rate};
    std::string name = is_user_worker ? "limits." : "limits.account_";
    name.append(limit_name(limit));
    host_.log.refused(script.identity, script.version.version_id, name, values[i], count);
  }
}

void ScriptTable::run(const Key& key, Entry& entry, Call call) {
  if (entry.inbound && !call.is_past_inbound) {
    // Its own copy: the event may be answered, and the entry gone, before divert() returns.
    std::shared_ptr<runtime::ServiceTarget> inbound = entry.inbound;
    auto next = std::make_shared<PastInbound>(*this, key, std::move(call.entrypoint));
    return call.event->divert(*inbound, std::move(next));
  }
  if (!may_begin(entry, call)) return;
  auto worker = worker_of(choose_version(entry));
  if (!worker) {
    return call.event->fail(
        {runtime::Outcome::Exception, "Error", worker.error().message(), "", false});
  }
  call.event->begin(**worker, std::move(call.entrypoint));
}

Result<std::shared_ptr<runtime::Worker>> ScriptTable::worker_of(
    const std::shared_ptr<Version>& version) {
  if (version->worker && !version->worker->condemned()) return version->worker;
  if (!version->start_failure.empty()) return fail(invalid_input(version->start_failure));
  if (workers_.size() >= settings_.max_isolates) sweep();
  host_.scheduler.announce_turn(std::chrono::steady_clock::now(), true);
  auto worker = runtime::Worker::make(host_, version->script, pool_.take());
  Result<void> started = worker->start();
  if (!started) {
    version->start_failure = started.error().message();
    host_.log.exception(version->script->identity, version->script->version.version_id, "",
                        version->start_failure);
    return fail(std::move(started.error()));
  }
  if (worker->wants_code_cache()) {
    store_code_cache_(version->script->version.handle, worker->make_code_cache());
  }
  version->worker = worker;
  workers_.push_back({worker, version, 0});
  return worker;
}

Result<std::shared_ptr<runtime::Worker>> ScriptTable::start_loaded(
    std::shared_ptr<const runtime::Script> script, runtime::LoadedSetup setup) {
  if (workers_.size() >= settings_.max_isolates) sweep();
  auto worker =
      runtime::Worker::make_loaded(host_, std::move(script), pool_.take(), std::move(setup));
  TRY_VOID(worker->start());
  workers_.push_back({worker, {}, 0, true});
  return worker;
}

void ScriptTable::on_script_changed(const std::string& script_key) {
  std::vector<Key> keys;
  auto take = [&](std::vector<Key>& changed) {
    keys.insert(keys.end(), std::make_move_iterator(changed.begin()),
                std::make_move_iterator(changed.end()));
  };
  if (script_key.ends_with('/')) {
    erase_if(keys_of_script_, [&](auto& entry) {
      bool is_below = entry.first.starts_with(script_key);
      if (is_below) take(entry.second);
      return is_below;
    });
  } else if (auto found = keys_of_script_.find(script_key); found != keys_of_script_.end()) {
    take(found->second);
    keys_of_script_.erase(found);
  }
  for (const Key& key : keys) {
    auto entry = entries_.find(key);
    if (entry == entries_.end() || entry->second->state == Entry::State::Loading) continue;
    entries_.erase(entry);
  }
  // A load under way may have read the old version: its answer is dropped, the calls wait on.
  std::vector<std::pair<Key, std::shared_ptr<Entry>>> loading;
  for (auto& [key, entry] : entries_) {
    if (entry->state == Entry::State::Loading) loading.emplace_back(key, entry);
  }
  for (auto& [key, entry] : loading) start_loading(key, entry);
}

void ScriptTable::forget_oldest_missing() {
  if (missing_.size() <= kMaxRememberedMissing) return;
  auto half = missing_.begin() + static_cast<std::ptrdiff_t>(missing_.size() / 2);
  for (auto key = missing_.begin(); key != half; ++key) {
    auto found = entries_.find(*key);
    if (found == entries_.end() || found->second->state != Entry::State::Missing) continue;
    std::erase(keys_of_script_[found->second->script_key], *key);
    if (keys_of_script_[found->second->script_key].empty()) {
      keys_of_script_.erase(found->second->script_key);
    }
    entries_.erase(found);
  }
  missing_.erase(missing_.begin(), half);
}

void ScriptTable::evict(std::list<Running>::iterator running) {
  if (auto version = running->version.lock(); version && version->worker == running->worker) {
    version->worker.reset();
  }
  isolate_bytes_ -= std::min<std::uint64_t>(isolate_bytes_, running->bytes);
  workers_.erase(running);
  ++evictions_;
}

std::vector<border::LongTurns> ScriptTable::take_long_turns() {
  std::vector<border::LongTurns> all;
  for (const Running& running : workers_) {
    auto cpu =
        std::chrono::duration_cast<std::chrono::milliseconds>(running.worker->take_long_turns());
    if (cpu.count() == 0 || all.size() >= kMaxReportedVersions) continue;
    all.push_back(
        {running.worker->script().version.handle, static_cast<std::uint32_t>(cpu.count())});
  }
  return all;
}

std::vector<border::IsolateMemory> ScriptTable::largest(std::size_t count) {
  std::vector<const Running*> all;
  for (const Running& running : workers_) {
    if (!running.is_loaded) all.push_back(&running);
  }
  count = std::min(count, all.size());
  std::ranges::partial_sort(all, all.begin() + static_cast<std::ptrdiff_t>(count),
                            std::ranges::greater(), [](const Running* one) { return one->bytes; });
  std::vector<border::IsolateMemory> found;
  for (std::size_t i = 0; i < count; ++i) {
    runtime::Worker& worker = *all[i]->worker;
    v8::HeapStatistics heap;
    worker.isolate()->GetHeapStatistics(&heap);
    std::size_t pages = js::reserved_bytes(*worker.account());
    std::size_t used = worker.account()->used();
    found.push_back({worker.script().version.handle, heap.used_heap_size(),
                     used - std::min(used, pages) + heap.malloced_memory(), pages});
  }
  return found;
}

void ScriptTable::sweep() {
  auto now = std::chrono::steady_clock::now();
  if (std::exchange(refusing_, false)) {
    for (auto& [key, entry] : entries_) report_refused(*entry, true);
  }
  isolate_bytes_ = 0;
  for (auto running = workers_.begin(); running != workers_.end();) {
    auto current = running++;
    runtime::Worker& worker = *current->worker;
    worker.enforce_wall_time(now);
    auto version = current->version.lock();
    bool retired = worker.condemned() ||
                   (!current->is_loaded && (!version || version->worker != current->worker));
    bool old = now - worker.last_used() > settings_.idle;
    if (worker.idle() && (retired || old)) {
      evict(current);
      continue;
    }
    if (current->bytes == 0 || now - worker.last_used() < kRemeasureAfter) {
      current->bytes = worker.memory_bytes();
    }
    isolate_bytes_ += current->bytes;
  }
  bool over =
      isolate_bytes_ > settings_.memory_budget_bytes || workers_.size() >= settings_.max_isolates;
  if (!over) return;
  std::vector<std::list<Running>::iterator> oldest;
  for (auto running = workers_.begin(); running != workers_.end(); ++running) {
    if (running->worker->idle()) oldest.push_back(running);
  }
  std::ranges::sort(oldest, {}, [](auto running) { return running->worker->last_used(); });
  // Some more than needed, so that the next cold start does not begin with a sweep.
  std::uint64_t enough = settings_.memory_budget_bytes / 10 * 9;
  std::size_t few = settings_.max_isolates / 10 * 9;
  for (auto running : oldest) {
    if (isolate_bytes_ <= enough && workers_.size() <= few) break;
    evict(running);
  }
}

}  // namespace atoll::dispatch
