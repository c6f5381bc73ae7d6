// The socket of a link, as its parts see it: typed messages out, numbers for what is made here.
#pragma once

#include <memory>

#include "runtime/scheduler.h"
#include "sandbox/border/channel.h"
#include "sandbox/border/link_protocol.h"

namespace atoll::dispatch {

// Whose number is odd: the side that calls scripts of the other.
enum class LinkSide { Caller, Server };

class LinkWire {
 public:
  // `handler` outlives the open wire; it is told when too much waits to be sent, as of any failure.
  LinkWire(runtime::Scheduler& scheduler, UniqueFd socket, LinkSide side,
           border::Channel::Handler& handler);

  // What cannot be sent any more is dropped: the link is closing then.
  template <typename T>
  void send(const T& message) {
    if (channel_) check(channel_->send({T::kType, 0, 0, border::encode(message)}));
  }
  border::LinkNumber next_number() { return last_number_ += 2; }
  // Whether the other side may have made this number.
  bool is_of_other(border::LinkNumber number) const {
    return number != 0 && number % 2 != last_number_ % 2;
  }
  bool is_open() const { return channel_ != nullptr && !broken_; }
  // The handler hears nothing any more.
  void close() { channel_.reset(); }
  runtime::Scheduler& scheduler() { return scheduler_; }

 private:
  void check(Result<void> sent);

  runtime::Scheduler& scheduler_;
  border::Channel::Handler& handler_;
  border::LinkNumber last_number_;
  std::unique_ptr<border::Channel> channel_;
  bool broken_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace atoll::dispatch
