// Checks uploads in a process of their own: started when there is something to check, stopped when
// there has not been for a while, killed when a check takes too long.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <deque>
#include <memory>

#include "sandbox/border/conversation.h"
#include "sandbox/supervisor/child_output.h"
#include "sandbox/supervisor/child_process.h"
#include "sandbox/supervisor/event_log.h"
#include "sandbox/supervisor/host.h"
#include "scripts/script_checker.h"

namespace atoll::sandbox {

class Compiler final : public scripts::ScriptChecker, private border::Conversation::Handler {
 public:
  struct Options {
    HostOptions process;                             // welcome.role is filled in
    std::chrono::milliseconds check_within{10'000};  // one check, wall time
    std::chrono::milliseconds start_within{10'000};
    std::chrono::milliseconds idle_stop{60'000};
    std::size_t max_waiting = 256;  // checks; more are refused (Unavailable)
  };

  // `log` outlives this. Main thread only.
  Compiler(asio::io_context& loop, Options options, EventLog& log);
  ~Compiler() override;

  // One check at a time, in the order they came.
  Task<Result<Outcome>> check(Request request) override;

  bool running() const { return child_ != nullptr; }

 private:
  using OutcomeDone = std::move_only_function<void(Result<Outcome>)>;
  struct Job {
    border::CheckScript check;
    UniqueFd bundle;
    OutcomeDone done;
  };

  void enqueue(Job job);
  void run_next();
  Result<void> start_process();
  void stop_process();
  void send_first();
  void finish(Result<Outcome> outcome);
  void on_deadline();
  void on_exit(std::string how);
  void on_message(border::Channel::Message message) override;
  void on_closed(const Error& why) override;
  void set_deadline(std::chrono::milliseconds within);

  asio::io_context& loop_;
  Options options_;
  EventLog& log_;
  enum class State { Stopped, Starting, Idle, Checking } state_ = State::Stopped;
  std::deque<Job> jobs_;  // the first is the one being checked
  asio::steady_timer deadline_;
  std::unique_ptr<ChildProcess> child_;
  std::unique_ptr<ChildOutput> output_;
  std::unique_ptr<border::Conversation> conversation_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace atoll::sandbox
