#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "apps/isolate_host/testing/escape.h"

namespace atoll::host {
namespace {

template <typename... Arguments>
long ask(long call, Arguments... arguments) {
  long result = ::syscall(call, arguments...);
  return result < 0 ? -errno : result;
}

// The best that any open descriptor gives.
template <typename Try>
std::function<long()> on_every_descriptor(Try attempt) {
  return [attempt] {
    long best = -EBADF;
    for (int fd = 0; fd < 64; ++fd) best = std::max(best, attempt(fd));
    return best;
  };
}

sockaddr_in metadata_service() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(80);
  address.sin_addr.s_addr = htonl(0xA9FEA9FE);
  return address;
}

}  // namespace

std::vector<Attempt> socket_attempts() {
  std::vector<Attempt> all;
  for (int family = 0; family < AF_MAX; ++family) {
    for (int type : {SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET}) {
      all.push_back({"socket family " + std::to_string(family) + " type " + std::to_string(type),
                     [=] { return ask(SYS_socket, family, type, 0); }});
    }
  }
  auto add = [&all](const char* name, std::function<long()> run) {
    all.push_back({name, std::move(run)});
  };
  add("socketpair", [] {
    int ends[2];
    return ask(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, ends);
  });
  add("connect every descriptor", on_every_descriptor([](int fd) {
        sockaddr_in address = metadata_service();
        return ask(SYS_connect, fd, &address, sizeof address);
      }));
  add("disconnect every descriptor", on_every_descriptor([](int fd) {
        sockaddr address{};
        address.sa_family = AF_UNSPEC;
        return ask(SYS_connect, fd, &address, sizeof address);
      }));
  add("bind every descriptor", on_every_descriptor([](int fd) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        return ask(SYS_bind, fd, &address, sizeof address);
      }));
  add("listen on every descriptor",
      on_every_descriptor([](int fd) { return ask(SYS_listen, fd, 8); }));
  add("sendto an address", on_every_descriptor([](int fd) {
        sockaddr_in address = metadata_service();
        return ask(SYS_sendto, fd, "x", 1, MSG_NOSIGNAL, &address, sizeof address);
      }));
  add("sendto with fast open", on_every_descriptor([](int fd) {
        return ask(SYS_sendto, fd, "x", 1, MSG_FASTOPEN | MSG_NOSIGNAL, nullptr, 0);
      }));
  add("sendmsg with fast open", on_every_descriptor([](int fd) {
        sockaddr_in address = metadata_service();
        msghdr message{};
        message.msg_name = &address;
        message.msg_namelen = sizeof address;
        return ask(SYS_sendmsg, fd, &message, MSG_FASTOPEN | MSG_NOSIGNAL);
      }));
  add("sendmmsg", [] { return ask(SYS_sendmmsg, 3, nullptr, 0, 0); });
  add("accept, the old call",
      on_every_descriptor([](int fd) { return ask(SYS_accept, fd, nullptr, nullptr); }));
  struct Option {
    const char* name;
    int level;
    int number;
  };
  for (const Option& option :
       std::initializer_list<Option>{{"SO_BINDTODEVICE", SOL_SOCKET, SO_BINDTODEVICE},
                                     {"SO_MARK", SOL_SOCKET, SO_MARK},
                                     {"SO_ATTACH_FILTER", SOL_SOCKET, SO_ATTACH_FILTER},
                                     {"SO_ATTACH_BPF", SOL_SOCKET, SO_ATTACH_BPF},
                                     {"SO_PASSCRED", SOL_SOCKET, SO_PASSCRED},
                                     {"IP_TRANSPARENT", SOL_IP, IP_TRANSPARENT},
                                     {"IP_OPTIONS", SOL_IP, IP_OPTIONS},
                                     {"TCP_REPAIR", IPPROTO_TCP, 19},
                                     {"TCP_ULP", IPPROTO_TCP, 31},
                                     {"TCP_FASTOPEN_CONNECT", IPPROTO_TCP, 30},
                                     {"TCP_FASTOPEN", IPPROTO_TCP, TCP_FASTOPEN}}) {
    all.push_back({"setsockopt " + std::string(option.name),
                   on_every_descriptor([level = option.level, number = option.number](int fd) {
                     int on = 1;
                     return ask(SYS_setsockopt, fd, level, number, &on, sizeof on);
                   })});
  }
  add("fcntl F_SETOWN",
      on_every_descriptor([](int fd) { return ask(SYS_fcntl, fd, F_SETOWN, 1); }));
  add("fcntl F_SETSIG", on_every_descriptor([](int fd) { return ask(SYS_fcntl, fd, 10, 9); }));
  add("fcntl O_ASYNC",
      on_every_descriptor([](int fd) { return ask(SYS_fcntl, fd, F_SETFL, O_ASYNC); }));
  add("fcntl F_SETLEASE",
      on_every_descriptor([](int fd) { return ask(SYS_fcntl, fd, 1024, F_WRLCK); }));
  for (unsigned long request :
       {0x8912ul, 0x8933ul, 0x8927ul, 0x5412ul, 0x8902ul, 0x5452ul, 0x8901ul, 0x890Bul, 0x89E0ul}) {
    all.push_back({"ioctl " + std::to_string(request), on_every_descriptor([=](int fd) {
                     char space[256] = {};
                     return ask(SYS_ioctl, fd, request, space);
                   })});
  }
  return all;
}

}  // namespace atoll::host
