// One place for an isolate host: starts the process, gives it what it needs, and, in the default
// lane, starts another when it dies.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sandbox/border/memory_table.h"
#include "sandbox/border/status_page.h"
#include "sandbox/supervisor/child_output.h"
#include "sandbox/supervisor/child_process.h"
#include "sandbox/supervisor/host_session.h"
#include "sandbox/supervisor/listening_socket.h"
#include "sandbox/supervisor/restart_delay.h"

namespace atoll::sandbox {

struct HostOptions {
  std::string executable;              // atoll-host
  std::vector<std::string> arguments;  // the first is its name; a label for people is appended
  std::vector<std::string> environment;
  border::Welcome welcome;   // host_index is filled in
  std::string ca_file = {};  // PEM: whom TLS connections to the outside trust
  ChildProcess::Isolation isolation = ChildProcess::Isolation::None;
  std::uint64_t max_resident_bytes = 4ull << 30;  // a host that takes more is ended
  // A host that takes so much more than its isolates account for has leaked: it is replaced.
  std::uint64_t leak_bytes = 1ull << 30;
  bool control_groups = false;  // where the system has them
};

class Host final : private HostSession::Observer {
 public:
  // What the hosts have in common; outlives them.
  struct Fleet {
    HostOptions options;
    HostServices& services;
    const RouteTable& routes;
    int listener;  // shared by all hosts; stays open here, so that no queued connection is lost
    std::function<void()> changed;  // a host became ready, died, or could not be started
    // A script belongs into another lane from now on, or is held back.
    std::function<void(const scripts::Scope& scope, const std::string& script)> moved;
    std::function<void(const std::string& namespace_id, const std::string& key,
                       HostSession& writer)>
        kv_written;
    std::function<void(HostSession& session, std::uint64_t link)> link_closed;
    ConnectionQueue shared_connections = {};  // of the default lane; empty if it is one host
  };

  Host(asio::io_context& loop, Fleet& fleet, std::uint32_t index,
       std::string lane = border::kDefaultLane);
  ~Host() override;

  void start();
  // Says good-bye; the process is killed when it has not ended by then, and not replaced.
  void drain(std::chrono::milliseconds within);
  void kill();

  bool running() const { return child_ != nullptr; }
  bool ready() const { return ready_; }  // accepts connections, or serves links
  bool draining() const { return draining_; }
  // It runs no more, and will not be started again.
  bool ended() const { return !child_ && ended_; }
  const std::string& lane() const { return lane_; }
  std::uint32_t index() const { return index_; }
  pid_t pid() const { return child_ ? child_->pid() : 0; }
  // Null before the host was given its routes: there is nothing yet that it must be told to forget.
  HostSession* informed_session() const { return welcomed_ ? session_.get() : nullptr; }
  std::shared_ptr<HostSession> session() const { return session_; }
  unsigned young_deaths() const { return delay_.young_deaths(); }
  const std::string& last_failure() const { return last_failure_; }
  // What its largest isolates take up, by its own word.
  std::vector<border::IsolateMemory> largest_isolates() const {
    return status_ ? border::MemoryTable::on(status_->page()).read()
                   : std::vector<border::IsolateMemory>();
  }
  bool has_leaked() const { return leak_seen_ >= kLeakSeen; }
  std::string_view state() const { return draining_ ? "draining" : ready_ ? "ready" : "starting"; }
  std::uint64_t resident_bytes() const { return resident_bytes_; }  // a fraction of a second ago

 private:
  Result<void> start_process();
  UniqueFd open_ca_file() const;
  void tell_routes();
  std::string walls() const;  // their names, for the log
  void watch_later();
  void watch();
  // Ends the process, for a reason that on_exit reports.
  void end_because(std::string reason);
  // Whose code ran when the process ended; adds to `fields` and tells the quarantine.
  bool blame_culprit(const std::string& how, Json& fields);
  void start_later();
  void on_exit(std::string how);
  void on_hello() override;
  void on_session_closed(const Error& why) override;
  void on_kv_written(const std::string& namespace_id, const std::string& key,
                     HostSession& writer) override;
  void on_lane_changed(const scripts::Scope& scope, const std::string& script) override;
  void on_link_closed(HostSession& session, std::uint64_t link) override;
  bool is_default() const { return lane_ == border::kDefaultLane; }

  asio::io_context& loop_;
  Fleet& fleet_;
  const std::uint32_t index_;
  const std::string lane_;
  RestartDelay delay_;
  asio::steady_timer restart_;
  std::chrono::steady_clock::time_point started_;
  bool draining_ = false;
  std::chrono::steady_clock::time_point drain_until_;
  bool ended_ = false;
  bool welcomed_ = false;
  bool ready_ = false;
  std::string last_failure_;
  asio::steady_timer watch_;
  std::optional<border::SharedStatusPage> status_;
  std::string end_reason_;  // why the supervisor ended it
  // The turn that was on when watch() looked first, and the process' CPU time then.
  std::uint64_t seen_turn_ = 0;
  std::chrono::nanoseconds seen_cpu_{0};
  std::uint64_t resident_bytes_ = 0;
  static constexpr unsigned kLeakSeen = 20;  // in a row
  unsigned leak_seen_ = 0;
  std::unique_ptr<ChildProcess> child_;
  std::unique_ptr<ChildOutput> output_;
  std::unique_ptr<ChildOutput> last_output_;  // of the dead one, until it is read to its end
  std::shared_ptr<HostSession> session_;
  std::shared_ptr<HostSession> last_session_;  // likewise
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace atoll::sandbox
