#include "observability/log_writer.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

namespace atoll::observability {
namespace {

constexpr std::size_t kMaxQueueBytes = 16u << 20;
constexpr auto kLastWrites = std::chrono::seconds(1);

}  // namespace

Result<UniqueFd> open_log_file(const std::string& path) {
  UniqueFd file(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
  if (!file) return fail(errno_error("opening the log file " + path, errno));
  return file;
}

LogWriter::LogWriter(int target, LogFormat format, LogLevel least)
    : target_(target), format_(format), least_(least), thread_([this] { run(); }) {}

LogWriter::~LogWriter() {
  {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kLastWrites, [this] { return queue_.empty() && !writing_; });
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void LogWriter::write(std::string_view lines) {
  if (lines.empty()) return;
  {
    std::lock_guard lock(mutex_);
    if (queue_.size() + lines.size() > kMaxQueueBytes) {
      dropped_ += static_cast<std::uint64_t>(std::count(lines.begin(), lines.end(), '\n'));
      return;
    }
    queue_ += lines;
  }
  changed_.notify_all();
}

void LogWriter::run() {
  sigset_t all;  // signals belong to the event loop's thread
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (stopping_) return;
    std::string batch = take(lock);
    writing_ = true;
    lock.unlock();
    bool written = write_all(batch);
    lock.lock();
    writing_ = false;
    changed_.notify_all();
    if (!written) dropped_ += static_cast<std::uint64_t>(std::ranges::count(batch, '\n'));
  }
}

std::string LogWriter::take(std::unique_lock<std::mutex>&) {
  std::string batch = std::exchange(queue_, {});
  if (dropped_ > 0) {
    LogLine(format_, LogLevel::Warn, wall_now(), "log_lines_dropped", batch)
        .field("count", dropped_);
    dropped_ = 0;
  }
  return batch;
}

// Gives up on an error that will not pass (a closed pipe, a full disk) or when stopping.
bool LogWriter::write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t written = ::write(target_, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return false;
    pollfd writable{target_, POLLOUT, 0};
    ::poll(&writable, 1, 100);
    std::lock_guard lock(mutex_);
    if (stopping_) return false;
  }
  return true;
}

}  // namespace atoll::observability
