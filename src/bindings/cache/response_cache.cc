#include "bindings/cache/response_cache.h"

namespace atoll::bindings {
namespace {

constexpr std::size_t kOverhead = 400;  // of an entry, beside its bytes

}  // namespace

void ResponseCache::put(std::string owner, std::string key, CachedResponse response) {
  erase(key);
  std::size_t bytes = kOverhead + 2 * key.size() + owner.size() + response.status_text.size() +
                      response.headers.raw().size() + response.body->size();
  if (bytes > budget_ / 2) return;
  make_room(owner, bytes);
  bytes_ += bytes;
  bytes_of_[owner] += bytes;
  entries_.push_front({std::move(owner), std::move(key), std::move(response), bytes});
  by_key_.emplace(entries_.front().key, entries_.begin());
}

const CachedResponse* ResponseCache::find(const std::string& key,
                                          std::chrono::steady_clock::time_point now) {
  auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  if (now >= found->second->response.stale_at) {
    remove(found->second);
    return nullptr;
  }
  entries_.splice(entries_.begin(), entries_, found->second);
  return &entries_.front().response;
}

bool ResponseCache::erase(const std::string& key) {
  auto found = by_key_.find(key);
  if (found == by_key_.end()) return false;
  remove(found->second);
  return true;
}

void ResponseCache::make_room(const std::string& owner, std::size_t bytes) {
  while (!entries_.empty() && bytes_ + bytes > budget_) remove(std::prev(entries_.end()));
  for (auto entry = entries_.end(); entry != entries_.begin();) {
    auto owned = bytes_of_.find(owner);
    if (owned == bytes_of_.end() || owned->second + bytes <= budget_ / 2) return;
    --entry;
    if (entry->owner == owner) remove(entry++);
  }
}

void ResponseCache::remove(Entries::iterator entry) {
  bytes_ -= entry->bytes;
  auto owned = bytes_of_.find(entry->owner);
  owned->second -= entry->bytes;
  if (owned->second == 0) bytes_of_.erase(owned);
  by_key_.erase(entry->key);
  entries_.erase(entry);
}

}  // namespace atoll::bindings
