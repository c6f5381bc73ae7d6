#include "http/client/connection_pool.h"

#include <algorithm>

namespace atoll::http {

std::string ConnectionPool::key_of(const net::Asker& asker, const net::Target& target) {
  // None of the parts can hold a blank.
  std::string key = std::to_string(asker.script_version);
  key.append(" ").append(target.host).append(" ").append(std::to_string(target.port));
  if (target.tls) {
    key.append(" tls ").append(target.tls->server_name);
    for (const std::string& protocol : target.tls->protocols) key.append(" ").append(protocol);
  }
  return key;
}

std::unique_ptr<net::Stream> ConnectionPool::take(const std::string& key,
                                                  std::chrono::milliseconds at_most) {
  auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  Place place = found->second.back();
  if (Clock::now() - place->since > at_most) return nullptr;
  std::unique_ptr<net::Stream> stream = std::move(place->stream);
  drop(place);
  stream->cancel_read();
  return stream;
}

void ConnectionPool::keep(std::string key, std::unique_ptr<net::Stream> stream,
                          std::chrono::milliseconds idle) {
  idle = std::min(idle, limits_.idle);
  if (idle <= std::chrono::milliseconds(0) || limits_.idle_connections == 0) return;
  std::list<Place>& of_origin = by_key_[key];
  if (of_origin.size() >= limits_.idle_connections_of_origin) {
    drop(of_origin.front());
  } else if (all_.size() >= limits_.idle_connections) {
    drop(all_.begin());
  }
  auto now = Clock::now();
  Place place = all_.insert(all_.end(), {key, std::move(stream), now, now + idle});
  by_key_[std::move(key)].push_back(place);
  // Whatever arrives now, or the end, makes it worthless.
  place->stream->read([this, place](const Result<std::string>&) { drop(place); });
  sweep_later();
}

void ConnectionPool::drop(Place place) {
  auto found = by_key_.find(place->key);
  found->second.remove(place);
  if (found->second.empty()) by_key_.erase(found);
  all_.erase(place);
}

void ConnectionPool::sweep() {
  sweeping_ = false;
  auto now = Clock::now();
  for (Place place = all_.begin(); place != all_.end();) {
    Place next = std::next(place);
    if (place->until <= now) drop(place);
    place = next;
  }
  sweep_later();
}

void ConnectionPool::sweep_later() {
  if (sweeping_ || all_.empty()) return;
  sweeping_ = true;
  sweep_.expires_after(std::chrono::seconds(1));
  sweep_.async_wait([weak = weak_from_this()](const boost::system::error_code&) {
    if (auto pool = weak.lock()) pool->sweep();
  });
}

}  // namespace atoll::http
