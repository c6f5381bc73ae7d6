#include "dispatch/links/link_wire.h"

#include <boost/asio/post.hpp>

namespace atoll::dispatch {

LinkWire::LinkWire(runtime::Scheduler& scheduler, UniqueFd socket, LinkSide side,
                   border::Channel::Handler& handler)
    : scheduler_(scheduler), handler_(handler), last_number_(side == LinkSide::Caller ? 1 : 2) {
  border::Channel::Limits limits{.incoming = border::Channel::Descriptors::Refuse};
  channel_ =
      std::make_unique<border::Channel>(scheduler.loop(), std::move(socket), handler, limits);
}

void LinkWire::check(Result<void> sent) {
  if (sent || broken_) return;
  broken_ = true;
  boost::asio::post(scheduler_.loop(),
                    [this, alive = std::weak_ptr(alive_), why = std::move(sent.error())] {
                      if (!alive.expired() && channel_) handler_.on_closed(why);
                    });
}

}  // namespace atoll::dispatch
