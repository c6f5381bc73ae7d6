#include "http/server/output_buffer.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>

namespace atoll::http {
namespace {

constexpr std::size_t kCopyBelow = 4096;     // cheaper to copy than to carry
constexpr std::size_t kKeepCapacity = 1024;  // what a quiet connection may hold on to

}  // namespace

void OutputBuffer::carry(std::string bytes) {
  if (bytes.size() < kCopyBelow || !large_.empty()) {
    tail().append(bytes);
  } else {
    large_ = std::move(bytes);
  }
}

OutputBuffer::Flush OutputBuffer::flush(int fd) {
  if (empty()) return {Outcome::Drained, 0};
  iovec pieces[3];
  std::size_t count = 0;
  std::size_t skip = sent_;
  for (std::string* piece : {&front_, &large_, &back_}) {
    if (skip >= piece->size()) {
      skip -= piece->size();
      continue;
    }
    pieces[count++] = {piece->data() + skip, piece->size() - skip};
    skip = 0;
  }
  ssize_t sent;
  do {
    if (count == 1) {
      sent = ::send(fd, pieces[0].iov_base, pieces[0].iov_len, MSG_DONTWAIT | MSG_NOSIGNAL);
    } else {
      msghdr message{};
      message.msg_iov = pieces;
      message.msg_iovlen = count;
      sent = ::sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    }
  } while (sent < 0 && errno == EINTR);
  if (sent < 0) {
    bool full = errno == EAGAIN || errno == EWOULDBLOCK;
    return {full ? Outcome::Blocked : Outcome::Broken, 0};
  }
  sent_ += static_cast<std::size_t>(sent);
  if (!empty()) return {Outcome::Blocked, static_cast<std::size_t>(sent)};
  clear();
  return {Outcome::Drained, static_cast<std::size_t>(sent)};
}

void OutputBuffer::clear() {
  if (front_.capacity() > kKeepCapacity) front_ = std::string();
  front_.clear();
  if (!large_.empty()) large_ = std::string();
  if (!back_.empty()) back_ = std::string();
  sent_ = 0;
}

}  // namespace atoll::http
