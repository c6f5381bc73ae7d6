// One connection to an isolate host: what it was granted, and the requests it makes with that. What
// a host sends is a tenant's word at worst: it is decoded strictly, checked against the grants, and
// a violation ends the connection.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "async/task.h"
#include "sandbox/border/allowance.h"
#include "sandbox/border/conversation.h"
#include "sandbox/supervisor/busy_scripts.h"
#include "sandbox/supervisor/event_log.h"
#include "sandbox/supervisor/grants.h"
#include "sandbox/supervisor/group_members.h"
#include "sandbox/supervisor/lanes.h"
#include "sandbox/supervisor/loaded_script.h"
#include "sandbox/supervisor/overtaking.h"
#include "sandbox/supervisor/quarantine.h"
#include "sandbox/supervisor/route_table.h"
#include "sandbox/supervisor/turnstile.h"
#include "sandbox/supervisor/way_out.h"
#include "sandbox/wall/layers.h"
#include "scripts/registry.h"
#include "store/kv_store.h"

namespace atoll::sandbox {

// What sessions share. Outlives them.
struct HostServices {
  scripts::Registry& registry;
  store::KvStore& kv;
  EventLog& log;
  Overtaking reads;            // all reads under way for hosts
  WayOut* way_out = nullptr;   // null: there is none
  Quarantine quarantine{{}};   // who brought hosts down
  std::uint64_t sessions = 0;  // begun so far
  BusyScripts busy{{}};        // who burns CPU time
  GroupMembers groups{};       // who is in which trust group
  LaneDoor* lanes = nullptr;   // null: there is only one lane

  // The lane whose hosts may run it.
  std::string lane_of(const scripts::Scope& scope, const std::string& script) const;
};

class HostSession final : public std::enable_shared_from_this<HostSession>,
                          private border::Conversation::Handler {
 public:
  // Told from the loop. Outlives the session or is dropped by end() or orphan().
  class Observer {
   public:
    virtual ~Observer() = default;
    virtual void on_hello() = 0;
    virtual void on_session_closed(const Error& why) = 0;
    // A host's write is durable; the others must hear of it before `writer` does.
    virtual void on_kv_written(const std::string& namespace_id, const std::string& key,
                               HostSession& writer) = 0;
    // A script belongs into another lane from now on.
    virtual void on_lane_changed(const scripts::Scope& scope, const std::string& script) = 0;
    virtual void on_link_closed(HostSession& session, std::uint64_t link) = 0;
  };

  static std::shared_ptr<HostSession> start(asio::io_context& loop, UniqueFd socket,
                                            HostServices& services, Observer& observer,
                                            std::uint32_t host_index,
                                            std::string lane = border::kDefaultLane);

  ~HostSession() override;

  // Closes the connection; the observer hears nothing any more. Answers under way are dropped.
  void end();

  // The process is dead: what it said last is still read, but the observer hears nothing any more.
  void orphan() { observer_ = nullptr; }

  using Acknowledged = std::move_only_function<void()>;

  // `listener`: of the default lane only.
  void welcome(const border::Welcome& welcome, UniqueFd listener, UniqueFd status_page,
               UniqueFd ca_certificates);
  // Grants the targets. `done` runs when the host acknowledged or cannot any more.
  void change_routes(const RouteChanges& changes, Acknowledged done);
  // `shared`: the ends of the queue in which hosts pass on connections, in and out; or nothing.
  void announce_ready(std::vector<UniqueFd> shared, Acknowledged done);
  void change_script(const std::string& script_key, Acknowledged done);
  // Nothing is sent when the host was never granted the namespace.
  void change_kv(const std::string& namespace_id, const std::vector<std::string>& keys,
                 Acknowledged done);
  void drain(std::chrono::milliseconds within);
  // The host serves calls that come on that socket, to scripts that allow_call() names.
  void serve_link(std::uint64_t link, UniqueFd socket);
  // What the script is called by on the link, once `done` has run.
  border::Handle allow_call(std::uint64_t link, LaneScriptGrant script, Acknowledged done);

  const std::string& lane() const { return lane_; }
  std::uint32_t host_index() const { return host_index_; }
  std::uint64_t number() const { return number_; }
  bool is_open() const { return conversation_ != nullptr; }
  const border::Stats& stats() const { return stats_; }
  // Null: not a version that this host was given.
  const VersionGrant* version(border::Handle handle) const {
    return grants_.find<VersionGrant>(handle);
  }
  // Whether it was given a script that, by trust groups, belongs elsewhere now.
  bool has_strays() const;
  // What the process said it gave up before it ran anything of a tenant's.
  wall::Layers walls() const { return walls_; }

 private:
  HostSession(asio::io_context& loop, HostServices& services, Observer& observer,
              std::uint32_t host_index, std::string lane);

  void on_message(border::Channel::Message message) override;
  void on_closed(const Error& why) override;

  Result<void> handle(border::Channel::Message& message);
  template <typename Request>
  Result<void> serve(const border::Frame& frame,
                     Task<void> (HostSession::*answer)(std::uint32_t, Request));
  template <typename Request>
  Task<void> answer_one(Task<void> (HostSession::*answer)(std::uint32_t, Request), std::uint32_t id,
                        Request request, std::size_t size);
  void account(std::ptrdiff_t request_bytes);

  Task<void> load_script(std::uint32_t id, border::LoadScript request);
  Task<Result<ScriptAnswer>> load_granted(border::LoadScript request);
  Task<Result<ScriptAnswer>> load_elsewhere(scripts::Scope scope, std::string name,
                                            std::string dispatch_namespace, std::string lane);
  Task<Result<ScriptAnswer>> load_consistent(scripts::Scope scope, std::string name);
  Task<void> kv_get(std::uint32_t id, border::KvGet request);
  Task<void> kv_write(std::uint32_t id, border::KvWrite request);
  Task<void> kv_list(std::uint32_t id, border::KvList request);
  Task<void> connect(std::uint32_t id, border::Connect request);
  Task<void> store_code_cache(std::uint32_t id, border::StoreCodeCache request);

  template <typename Grant>
  Result<Grant> granted(border::Handle handle, std::string_view what);
  template <typename T>
  void reply(std::uint32_t id, Result<T> answer, std::vector<UniqueFd> descriptors = {}) {
    (void)try_reply<T>(id, std::move(answer), std::move(descriptors));
  }
  // False when the host will not get it.
  template <typename T>
  bool try_reply(std::uint32_t id, Result<T> answer, std::vector<UniqueFd> descriptors);
  template <typename Change>
  void tell(const Change& change, Acknowledged done);
  void take_log(border::LogLines lines);
  void take_stats(border::Stats stats);
  void break_off(const Error& why);

  asio::io_context& loop_;
  HostServices& services_;
  Observer* observer_;
  const std::uint32_t host_index_;
  const std::string lane_;
  const std::uint64_t number_;  // as the owner of connections
  bool said_hello_ = false;
  std::size_t running_ = 0;              // requests
  std::size_t running_bytes_ = 0;        // of their content
  border::Allowance log_allowance_;      // bytes
  border::Allowance refusal_allowance_;  // events about what this host did wrong
  std::uint64_t log_lines_dropped_ = 0;  // and not yet told: by the host itself
  std::uint64_t log_bytes_dropped_ = 0;  // and here
  Turnstile kv_reads_;                   // values are large: few at a time
  Grants grants_;
  border::Stats stats_;
  wall::Layers walls_;
  std::unique_ptr<border::Conversation> conversation_;  // null: ended
};

}  // namespace atoll::sandbox
