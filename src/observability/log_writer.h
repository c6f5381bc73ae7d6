// Puts log lines where the owner wants them, from a thread of its own: a reader that is slow or a
// disk that is full never holds the event loop up.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "base/result.h"
#include "base/unique_fd.h"
#include "observability/log_line.h"

namespace atoll::observability {

// For appending; made, for its owner only, when it does not exist. Errors name the path.
Result<UniqueFd> open_log_file(const std::string& path);

class LogWriter {
 public:
  // `target` is written to and, being borrowed or owned by the caller, outlives this.
  LogWriter(int target, LogFormat format, LogLevel least);
  // Writes what is queued, for a second at most.
  ~LogWriter();
  LogWriter(const LogWriter&) = delete;

  LogFormat format() const { return format_; }
  LogLevel least() const { return least_; }

  // Whole lines, already formatted. May be called from any thread. When more than 16 MiB wait,
  // lines are dropped and counted in a line of their own once there is room.
  void write(std::string_view lines);

 private:
  void run();
  std::string take(std::unique_lock<std::mutex>& lock);
  bool write_all(std::string_view bytes);

  const int target_;
  const LogFormat format_;
  const LogLevel least_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string queue_;
  std::uint64_t dropped_ = 0;
  bool writing_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace atoll::observability
