#include "http/client/opening_queue.h"

namespace atoll::http {

bool OpeningQueue::enter(std::uint64_t asker, Turn turn) {
  Asker& entered = askers_[asker];
  if (entered.opening >= at_once_) {
    if (entered.waiting.size() >= most_waiting_) return false;
    entered.waiting.push_back(std::move(turn));
    return true;
  }
  ++entered.opening;
  if (!turn()) done(asker);
  return true;
}

void OpeningQueue::done(std::uint64_t asker) {
  auto found = askers_.find(asker);
  --found->second.opening;
  // A turn may call anything but done(): connections answer from the loop.
  while (!found->second.waiting.empty() && found->second.opening < at_once_) {
    Turn turn = std::move(found->second.waiting.front());
    found->second.waiting.pop_front();
    ++found->second.opening;
    bool began = turn();
    found = askers_.find(asker);
    if (!began) --found->second.opening;
  }
  if (found->second.opening == 0 && found->second.waiting.empty()) askers_.erase(found);
}

}  // namespace atoll::http
