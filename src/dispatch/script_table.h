// The scripts this host knows and the Workers that run them. Scripts are loaded from the supervisor
// when first asked for, forgotten when they change, and their Workers evicted when memory or time
// says so: scale to zero is eviction.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "dispatch/admission.h"
#include "dispatch/isolate_pool.h"
#include "runtime/event.h"
#include "runtime/worker.h"
#include "sandbox/border/memory_table.h"
#include "sandbox/border/supervisor_link.h"

namespace atoll::dispatch {

class ScriptTable {
 public:
  struct Settings {
    runtime::Limits limits;
    border::AdmissionLimits admission;          // of a user Worker
    border::AdmissionLimits account_admission;  // of a Worker of the account itself
    std::size_t max_isolates = 10'000;
    std::uint64_t memory_budget_bytes = std::uint64_t{1} << 30;
    std::chrono::milliseconds idle{600'000};
    // A namespace made anew under an old name has other keys, so no change tells of its scripts.
    std::chrono::milliseconds remember_missing{5'000};
  };

  // Loads scripts; SupervisorLink::load_script in a running host.
  using Load =
      std::function<void(border::Handle, std::string,
                         border::SupervisorLink::ReplyDone<border::SupervisorLink::Loaded>)>;
  using StoreCodeCache = std::function<void(border::Handle, std::string)>;

  ScriptTable(runtime::Host& host, IsolatePool& pool, Settings settings, Load load,
              StoreCodeCache store_code_cache);
  ~ScriptTable();

  // What is to be called: `name` is empty for a script target, a user Worker's for a namespace.
  struct Key {
    border::Handle handle = 0;
    std::string name;
    bool operator==(const Key&) const = default;
  };

  // Calls to a script that another lane's hosts run.
  class Remote {
   public:
    virtual ~Remote() = default;
    // False: the script has to be looked for again.
    virtual bool usable() const = 0;
    virtual void deliver(std::string entrypoint, runtime::Event& event) = 0;
  };
  // Makes one of the answer that a script is elsewhere. Without it there is no elsewhere.
  using Reach =
      std::function<Result<std::unique_ptr<Remote>>(border::SupervisorLink::Loaded loaded)>;
  void reach_others_by(Reach reach) { reach_ = std::move(reach); }

  // Begins the event on that script, loading it first if need be. Failures, a missing script among
  // them, reach the event.
  void deliver(const Key& key, std::string entrypoint, std::unique_ptr<runtime::Event> event) {
    deliver(key, Call{std::move(entrypoint), std::move(event)});
  }
  void call(const Key& key, std::string entrypoint, runtime::HttpRequest request,
            runtime::CallOptions options, std::unique_ptr<runtime::ResponseReceiver> receiver) {
    deliver(key, std::move(entrypoint),
            runtime::fetch_event(std::move(request), std::move(options), std::move(receiver)));
  }

  // Starts a Worker that another one loads; it is evicted like any other.
  Result<std::shared_ptr<runtime::Worker>> start_loaded(
      std::shared_ptr<const runtime::Script> script, runtime::LoadedSetup setup);

  // `script_key` with a '/' at its end: all scripts whose keys begin so.
  // From now on calls see the script's new version; running invocations finish on the old one.
  void on_script_changed(const std::string& script_key);

  // Evicts what is idle for long or over budget, enforces wall time. Call about once a second.
  void sweep();

  // Of each version that had long turns since the last call. A Worker that was evicted in between
  // is left out.
  std::vector<border::LongTurns> take_long_turns();

  // The isolates that take up most, as of the last sweep; those of loaded Workers left out.
  std::vector<border::IsolateMemory> largest(std::size_t count);

  std::size_t isolate_count() const { return workers_.size(); }
  std::uint64_t isolate_bytes() const { return isolate_bytes_; }
  std::uint64_t evictions() const { return evictions_; }
  // Calls that were refused because the host has too much to do.
  std::uint64_t shed() const { return shed_; }

 private:
  friend class PastInbound;
  struct Version;
  struct Entry;
  struct Call {
    std::string entrypoint;
    std::unique_ptr<runtime::Event> event;
    bool is_past_inbound = false;  // it comes from the namespace's inbound Worker
  };
  void deliver(const Key& key, Call call);
  struct KeyHash {
    std::size_t operator()(const Key& key) const {
      return std::hash<std::string>()(key.name) ^ (key.handle * 0x9E3779B97F4A7C15ull);
    }
  };
  // A running Worker and the version it belongs to, while that version is current.
  struct Running {
    std::shared_ptr<runtime::Worker> worker;
    std::weak_ptr<Version> version;
    std::size_t bytes = 0;
    bool is_loaded = false;  // by another Worker: there is no version
  };

  void start_loading(const Key& key, std::shared_ptr<Entry> entry);
  void loaded(const Key& key, const std::shared_ptr<Entry>& entry, std::uint64_t generation,
              Result<border::SupervisorLink::Loaded> answer);
  Result<void> adopt(Entry& entry, border::SupervisorLink::Loaded loaded);
  void run(const Key& key, Entry& entry, Call call);
  void pass_on(Entry& entry, Call call);
  // Refuses what is beyond the limits of `key`'s script.
  bool may_wait(const Key& key, Entry& entry, Call& call);
  bool may_begin(Entry& entry, Call& call);
  void report_refused(Entry& entry, bool all);
  const border::AdmissionLimits& limits_of(bool is_user_worker) const {
    return is_user_worker ? settings_.admission : settings_.account_admission;
  }
  Result<std::shared_ptr<runtime::Worker>> worker_of(const std::shared_ptr<Version>& version);
  std::shared_ptr<Version> choose_version(Entry& entry);
  void evict(std::list<Running>::iterator running);
  void forget_oldest_missing();

  runtime::Host& host_;
  IsolatePool& pool_;
  Settings settings_;
  Load load_;
  StoreCodeCache store_code_cache_;
  Reach reach_;
  boost::unordered_flat_map<Key, std::shared_ptr<Entry>, KeyHash> entries_;
  boost::unordered_flat_map<std::string, std::vector<Key>> keys_of_script_;
  std::vector<Key> missing_;  // known not to exist, oldest first
  std::list<Running> workers_;
  std::uint64_t isolate_bytes_ = 0;
  std::uint64_t evictions_ = 0;
  std::uint64_t shed_ = 0;
  bool refusing_ = false;  // some calls since the last sweep
};

// A script as the target of service calls.
class ScriptTarget final : public runtime::ServiceTarget {
 public:
  ScriptTarget(ScriptTable& table, ScriptTable::Key key, std::string entrypoint)
      : table_(table), key_(std::move(key)), entrypoint_(std::move(entrypoint)) {}
  void call(runtime::HttpRequest request, runtime::CallOptions options,
            std::unique_ptr<runtime::ResponseReceiver> receiver) override {
    table_.call(key_, entrypoint_, std::move(request), std::move(options), std::move(receiver));
  }
  void rpc(runtime::RpcCall call, runtime::CallOptions options,
           std::unique_ptr<runtime::RpcReturn> back) override {
    table_.deliver(key_, entrypoint_,
                   runtime::rpc_event(std::move(call), std::move(options), std::move(back)));
  }
  void connect(runtime::SocketRequest request, runtime::CallOptions options,
               net::Connector::ConnectDone done) override {
    table_.deliver(key_, entrypoint_,
                   runtime::connect_event(std::move(request), std::move(options), std::move(done)));
  }

 private:
  ScriptTable& table_;
  ScriptTable::Key key_;
  std::string entrypoint_;
};

}  // namespace atoll::dispatch
