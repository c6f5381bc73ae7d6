// A queue of client connections that processes share: who has no time for a client that has said
// something puts the socket in, whoever is free takes it out. What the client sent is still in the
// socket, so nothing is lost on the way.
#pragma once

#include "base/unique_fd.h"

namespace atoll::http {

struct HandoverQueue {
  UniqueFd in;
  UniqueFd out;
};

// False when the queue is full; the socket stays the caller's in any case. Any thread.
bool hand_over(int queue_in, int socket);
// Whatever descriptor somebody put in; none when the queue is empty.
UniqueFd take_over(int queue_out);

}  // namespace atoll::http
