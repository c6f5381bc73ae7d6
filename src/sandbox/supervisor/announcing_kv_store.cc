#include "sandbox/supervisor/announcing_kv_store.h"

namespace atoll::sandbox {
namespace {

// Beyond this it is cheaper for a host to forget the whole namespace.
constexpr std::size_t kMaxNamedKeys = 1000;

}  // namespace

Task<Result<void>> AnnouncingKvStore::write(std::string namespace_id, std::vector<Write> writes) {
  std::vector<std::string> keys;
  if (writes.size() <= kMaxNamedKeys) {
    for (const Write& write : writes) keys.push_back(write.key);
  }
  auto written = co_await store_.write(namespace_id, std::move(writes));
  // Also after a failure: what the store did before it failed is not known here.
  co_await fleet_.kv_changed(std::move(namespace_id), std::move(keys));
  co_return written;
}

Task<Result<void>> AnnouncingKvStore::drop_namespace(std::string namespace_id) {
  auto dropped = co_await store_.drop_namespace(namespace_id);
  co_await fleet_.kv_changed(std::move(namespace_id), {});
  co_return dropped;
}

}  // namespace atoll::sandbox
