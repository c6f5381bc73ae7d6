#include "sandbox/supervisor/child_output.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace atoll::sandbox {

namespace asio = boost::asio;

namespace {
constexpr std::size_t kMaxLineBytes = 4096;
}

ChildOutput::ChildOutput(asio::io_context& loop, Line line) : line_(std::move(line)), pipe_(loop) {}

ChildOutput::~ChildOutput() { *alive_ = false; }

Result<UniqueFd> ChildOutput::open() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail(errno_error("making a pipe", errno));
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  boost::system::error_code error;
  (void)pipe_.assign(ends[0], error);
  if (error) {
    ::close(ends[0]);
    ::close(ends[1]);
    return fail(internal_error("watching a child's output: " + error.message()));
  }
  wait();
  return UniqueFd(ends[1]);
}

void ChildOutput::wait() {
  pipe_.async_wait(asio::posix::stream_descriptor::wait_read,
                   [this, alive = alive_](boost::system::error_code error) {
                     if (*alive && !error) on_readable();
                   });
}

void ChildOutput::on_readable() {
  std::array<char, kMaxLineBytes> bytes;
  ssize_t got = ::read(pipe_.native_handle(), bytes.data(), bytes.size());
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return wait();
  if (got <= 0) {
    if (!pending_.empty()) line_(std::exchange(pending_, {}));
    boost::system::error_code ignored;
    (void)pipe_.close(ignored);
    return;
  }
  pending_.append(bytes.data(), static_cast<std::size_t>(got));
  auto alive = alive_;
  take_lines();
  if (*alive) wait();
}

void ChildOutput::take_lines() {
  auto alive = alive_;
  while (*alive) {
    std::size_t end = pending_.find('\n');
    if (end == std::string::npos && pending_.size() < kMaxLineBytes) return;
    std::string line = pending_.substr(0, std::min(end, kMaxLineBytes));
    pending_.erase(0, end == std::string::npos ? kMaxLineBytes : end + 1);
    if (!line.empty()) line_(line);
  }
}

}  // namespace atoll::sandbox
