#include "http/server/handover.h"

#include <sys/socket.h>

#include <cstring>

namespace atoll::http {

bool hand_over(int queue_in, int socket) {
  char byte = 0;
  iovec piece{&byte, 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* rights = CMSG_FIRSTHDR(&message);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(rights), &socket, sizeof socket);
  return ::sendmsg(queue_in, &message, MSG_DONTWAIT | MSG_NOSIGNAL) == 1;
}

UniqueFd take_over(int queue_out) {
  char byte = 0;
  iovec piece{&byte, 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))];
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  if (::recvmsg(queue_out, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) < 0) return {};
  cmsghdr* rights = CMSG_FIRSTHDR(&message);
  if (rights == nullptr || rights->cmsg_level != SOL_SOCKET || rights->cmsg_type != SCM_RIGHTS ||
      rights->cmsg_len != CMSG_LEN(sizeof(int))) {
    return {};
  }
  int socket = -1;
  std::memcpy(&socket, CMSG_DATA(rights), sizeof socket);
  return UniqueFd(socket);
}

}  // namespace atoll::http
