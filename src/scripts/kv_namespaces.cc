#include "scripts/kv_namespaces.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/random.h"
#include "scripts/change.h"
#include "scripts/encoding.h"
#include "scripts/keys.h"
#include "scripts/load.h"

namespace atoll::scripts {
namespace {

Result<void> check_title(const std::string& title) {
  if (title.empty() || title.size() > kMaxKvTitleBytes || !is_valid_utf8(title)) {
    return fail(invalid_input("a namespace title has 1 to " + std::to_string(kMaxKvTitleBytes) +
                              " bytes of UTF-8 text"));
  }
  return {};
}

Error title_taken(const std::string& title) {
  return name_taken("a namespace with the title '" + title + "' exists already");
}

Error no_such_namespace() { return not_found("there is no such KV namespace"); }

std::string key_of(const std::string& account_id, const std::string& id) {
  return keys::kv_namespaces_of(account_id) + keys::escape(id);
}

}  // namespace

Task<Result<KvNamespace>> KvNamespaces::create(std::string account_id, std::string title) {
  auto fits = check_title(title);
  CO_CHECK(fits);
  KvNamespace fresh{random_hex(16), account_id, title};
  for (Attempts attempts; attempts.next();) {
    Change change(backing_.meta);
    auto owner = co_await change.read(keys::kv_title(account_id, title));
    CO_CHECK(owner);
    if (*owner) co_return fail(title_taken(title));
    change.put(keys::kv_title(account_id, title), fresh.id);
    change.put(key_of(account_id, fresh.id), encode(fresh));
    auto committed = co_await change.commit();
    CO_CHECK(committed);
    if (*committed) co_return fresh;
  }
  co_return fail(overtaken());
}

Task<Result<KvNamespace>> KvNamespaces::rename(std::string account_id, std::string id,
                                               std::string title) {
  auto fits = check_title(title);
  CO_CHECK(fits);
  for (Attempts attempts; attempts.next();) {
    Change change(backing_.meta);
    auto stored = co_await change.read(key_of(account_id, id));
    CO_CHECK(stored);
    if (!*stored) co_return fail(no_such_namespace());
    auto renamed = decode<KvNamespace>(**stored);
    CO_CHECK(renamed);
    auto owner = co_await change.read(keys::kv_title(account_id, title));
    CO_CHECK(owner);
    if (*owner && **owner != id) co_return fail(title_taken(title));
    change.remove(keys::kv_title(account_id, renamed->title));
    renamed->title = title;
    change.put(keys::kv_title(account_id, title), id);
    change.put(key_of(account_id, id), encode(*renamed));
    auto committed = co_await change.commit();
    CO_CHECK(committed);
    if (*committed) co_return renamed;
  }
  co_return fail(overtaken());
}

Task<Result<std::optional<KvNamespace>>> KvNamespaces::find(std::string account_id,
                                                            std::string id) {
  co_return co_await load_record<KvNamespace>(backing_.meta, key_of(account_id, id));
}

Task<Result<std::vector<KvNamespace>>> KvNamespaces::list(std::string account_id, Order order) {
  auto all = co_await load_all<KvNamespace>(backing_.meta, keys::kv_namespaces_of(account_id));
  CO_CHECK(all);
  if (order == Order::ByTitle) {
    std::sort(all->begin(), all->end(), [](const KvNamespace& left, const KvNamespace& right) {
      return left.title < right.title;
    });
  }
  co_return all;
}

Task<Result<void>> KvNamespaces::remove(std::string account_id, std::string id) {
  for (Attempts attempts; attempts.next();) {
    Change change(backing_.meta);
    auto stored = co_await change.read(key_of(account_id, id));
    CO_CHECK(stored);
    if (!*stored) co_return fail(no_such_namespace());
    auto removed = decode<KvNamespace>(**stored);
    CO_CHECK(removed);
    change.remove(key_of(account_id, id));
    change.remove(keys::kv_title(account_id, removed->title));
    change.put(keys::removed_kv_namespaces() + keys::escape(id), id);
    auto committed = co_await change.commit();
    CO_CHECK(committed);
    if (*committed) co_return co_await finish_removal(id);
  }
  co_return fail(overtaken());
}

Task<Result<void>> KvNamespaces::finish_removals() {
  auto unfinished = co_await scan_all(backing_.meta, keys::removed_kv_namespaces());
  CO_CHECK(unfinished);
  for (const auto& record : *unfinished) {
    auto finished = co_await finish_removal(record.value);
    CO_CHECK(finished);
  }
  co_return Result<void>();
}

Task<Result<void>> KvNamespaces::finish_removal(std::string id) {
  co_await backing_.events.on_kv_namespace_deleted(id);
  store::MetaStore::Transaction finished;
  finished.writes.push_back({keys::removed_kv_namespaces() + keys::escape(id), std::nullopt});
  auto committed = co_await backing_.meta.commit(std::move(finished));
  CO_CHECK(committed);
  co_return Result<void>();
}

}  // namespace atoll::scripts
