#include "bindings/kv/cached_kv.h"

#include "base/time.h"

namespace atoll::bindings {
namespace {

using runtime::KvEntry;

// Larger values are read anew each time.
constexpr std::size_t kMaxCachedValue = 256 << 10;
constexpr std::size_t kEntryOverhead = 200;

bool expired(const std::optional<KvEntry>& entry) {
  if (!entry || !entry->expires_at_seconds) return false;
  return *entry->expires_at_seconds <= wall_now().time_since_epoch().count() / 1000;
}

std::optional<KvEntry> from_border(std::optional<border::KvEntry> entry) {
  if (!entry) return std::nullopt;
  return KvEntry{std::move(entry->value), std::move(entry->metadata), entry->expires_at};
}

}  // namespace

CachedKv::CachedKv(border::SupervisorLink& link, std::size_t capacity_bytes)
    : link_(link), capacity_bytes_(capacity_bytes) {}

void CachedKv::get(std::uint64_t handle, std::vector<std::string> keys,
                   Done<std::vector<std::optional<KvEntry>>> done) {
  std::vector<std::optional<KvEntry>> entries(keys.size());
  std::vector<std::string> absent;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (const Cached* cached = find({handle, keys[i]})) {
      entries[i] = cached->entry;
    } else {
      absent.push_back(keys[i]);
      places.push_back(i);
    }
  }
  if (absent.empty()) return done(std::move(entries));
  link_.kv_get(handle, absent,
               [this, handle, absent, places = std::move(places), entries = std::move(entries),
                done = std::move(done)](Result<border::KvValues> answer) mutable {
                 if (!answer) return done(fail(std::move(answer.error())));
                 if (answer->entries.size() != places.size()) {
                   return done(fail(internal_error("the store answered other keys")));
                 }
                 for (std::size_t i = 0; i < places.size(); ++i) {
                   std::optional<KvEntry> entry = from_border(std::move(answer->entries[i]));
                   if (answer->cacheable) remember({handle, std::move(absent[i])}, entry);
                   entries[places[i]] = std::move(entry);
                 }
                 done(std::move(entries));
               });
}

void CachedKv::write(std::uint64_t handle, std::string key, std::optional<KvEntry> entry,
                     Done<void> done) {
  std::optional<border::KvEntry> sent;
  if (entry) {
    sent = border::KvEntry{std::move(entry->value), std::move(entry->metadata),
                           entry->expires_at_seconds};
  }
  forget(handle, {key});
  link_.kv_write(handle, key, std::move(sent),
                 [this, handle, key, done = std::move(done)](Result<void> written) mutable {
                   forget(handle, {key});  // a read may have been cached meanwhile
                   done(std::move(written));
                 });
}

void CachedKv::list(std::uint64_t handle, std::string prefix, std::string after, unsigned limit,
                    Done<runtime::KvPage> done) {
  link_.kv_list(
      {handle, std::move(prefix), std::move(after), limit},
      [done = std::move(done)](Result<border::KvPage> answer) mutable {
        if (!answer) return done(fail(std::move(answer.error())));
        runtime::KvPage page;
        page.complete = answer->complete;
        for (border::KvListedKey& key : answer->keys) {
          page.keys.push_back({std::move(key.name), std::move(key.metadata), key.expires_at});
        }
        done(std::move(page));
      });
}

const CachedKv::Cached* CachedKv::find(const Key& key) {
  auto found = index_.find(key);
  if (found == index_.end()) return nullptr;
  if (expired(found->second->entry)) {
    drop(found->second);
    return nullptr;
  }
  order_.splice(order_.begin(), order_, found->second);
  return &*found->second;
}

void CachedKv::remember(Key key, std::optional<KvEntry> entry) {
  std::size_t bytes = kEntryOverhead + key.name.size();
  if (entry) bytes += entry->value.size() + entry->metadata.size();
  if (bytes > kMaxCachedValue) return;
  if (auto found = index_.find(key); found != index_.end()) drop(found->second);
  order_.push_front({key, std::move(entry), bytes});
  index_.emplace(std::move(key), order_.begin());
  used_bytes_ += bytes;
  while (used_bytes_ > capacity_bytes_) drop(std::prev(order_.end()));
}

void CachedKv::drop(Order::iterator cached) {
  used_bytes_ -= cached->bytes;
  index_.erase(cached->key);
  order_.erase(cached);
}

void CachedKv::forget(border::Handle handle, const std::vector<std::string>& keys) {
  for (const std::string& key : keys) {
    if (auto found = index_.find({handle, key}); found != index_.end()) drop(found->second);
  }
  if (!keys.empty()) return;
  for (auto cached = order_.begin(); cached != order_.end();) {
    auto next = std::next(cached);
    if (cached->key.handle == handle) drop(cached);
    cached = next;
  }
}

}  // namespace atoll::bindings
