// A started program that cannot outlive this process: the kernel kills it when the thread that
// started it ends, so start children from the main thread only.
#pragma once

#include <sys/types.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace atoll::sandbox {

class ChildProcess {
 public:
  enum class Isolation {
    None,
    OwnProcesses,  // a namespace in which it is the only process, where the kernel permits
  };

  // The child has descriptors 0 to 3 and no others: nothing to read, both outputs, its end of the
  // border. Its signals are at their defaults and it is its own session, so that a terminal's
  // Ctrl-C reaches the supervisor alone.
  struct Command {
    std::string executable;              // path
    std::vector<std::string> arguments;  // the first is its name
    std::vector<std::string> environment;
    int output = 2;   // becomes its 1 and 2
    int border = -1;  // becomes its 3
    Isolation isolation = Isolation::None;
    int niceness = 0;  // see nice(2); kYielding: runs when nobody else wants to
  };
  static constexpr int kYielding = 19;

  // Both borrowed for the call. Errors: the executable cannot be run (NotFound when it is absent),
  // or no process can be made.
  static Result<std::unique_ptr<ChildProcess>> start(boost::asio::io_context& loop,
                                                     const Command& command);

  // Kills it if it still runs, and waits for that.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }
  bool has_own_processes() const { return own_processes_; }
  void kill();

  // "exit code 1", "signal 9 (Killed)". Called once, from the loop; may destroy the child.
  using ExitDone = std::move_only_function<void(std::string how)>;
  void on_exit(ExitDone done);

 private:
  ChildProcess(boost::asio::io_context& loop, pid_t pid, UniqueFd pid_descriptor);

  pid_t pid_;
  bool running_ = true;
  bool own_processes_ = false;
  boost::asio::posix::stream_descriptor exited_;
  ExitDone done_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace atoll::sandbox
