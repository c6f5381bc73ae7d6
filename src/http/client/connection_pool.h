// Connections that wait for another request. Internal to the client.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>

#include "http/client/client.h"

namespace atoll::http {

class ConnectionPool : public std::enable_shared_from_this<ConnectionPool> {
 public:
  using Clock = std::chrono::steady_clock;

  ConnectionPool(boost::asio::io_context& loop, const ClientLimits& limits)
      : limits_(limits), sweep_(loop) {}

  // What two requests must share to use one connection: who asks, where to, and how it is secured.
  // Connections are decided for each script version, so none may serve another's request.
  static std::string key_of(const net::Asker& asker, const net::Target& target);

  // The connection of that key that waits for the shortest time, if that is below `at_most`; null
  // when there is none.
  std::unique_ptr<net::Stream> take(const std::string& key, std::chrono::milliseconds at_most);

  // `stream` has no call under way and nothing unread. `idle`: when the origin will close it.
  void keep(std::string key, std::unique_ptr<net::Stream> stream, std::chrono::milliseconds idle);

  std::size_t size() const { return all_.size(); }

 private:
  struct Idle {
    std::string key;
    std::unique_ptr<net::Stream> stream;
    Clock::time_point since;
    Clock::time_point until;
  };
  using Place = std::list<Idle>::iterator;

  void drop(Place place);
  void sweep();
  void sweep_later();

  const ClientLimits limits_;
  boost::asio::steady_timer sweep_;
  bool sweeping_ = false;
  std::list<Idle> all_;  // the longest waiting first
  std::unordered_map<std::string, std::list<Place>> by_key_;
};

}  // namespace atoll::http
