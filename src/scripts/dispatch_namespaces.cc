#include "scripts/dispatch_namespaces.h"

#include <charconv>

#include "base/random.h"
#include "scripts/change.h"
#include "scripts/encoding.h"
#include "scripts/keys.h"
#include "scripts/load.h"

namespace atoll::scripts {
namespace {

Error no_such_namespace(const std::string& name) {
  return not_found("there is no dispatch namespace named '" + name + "'");
}

std::uint64_t count_of(std::string_view text) {
  std::uint64_t count = 0;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return count;
}

std::string pointer_to(const DispatchNamespace& it) {
  return encode(Pointer{{it.account_id, it.id}, it.name});
}

}  // namespace

Task<Result<DispatchNamespaces::Created>> DispatchNamespaces::create(std::string account_id,
                                                                     std::string name,
                                                                     Author author) {
  auto fits = check_dispatch_namespace_name(name);
  CO_CHECK(fits);
  WallTime now = wall_now();
  DispatchNamespace fresh{.id = random_uuid(),
                          .account_id = account_id,
                          .name = name,
                          .created_on = now,
                          .modified_on = now,
                          .created_by = author.id,
                          .modified_by = author.id};
  for (Attempts attempts; attempts.next();) {
    Change change(backing_.meta);
    std::string key = keys::dispatch_namespace(account_id, name);
    auto stored = co_await change.read(key);
    CO_CHECK(stored);
    if (*stored) {
      auto existing = decode<DispatchNamespace>(**stored);
      CO_CHECK(existing);
      co_return Created{std::move(*existing), true};
    }
    change.put(key, encode(fresh));
    change.put(keys::dispatch_namespace_id(fresh.id), pointer_to(fresh));
    auto committed = co_await change.commit();
    CO_CHECK(committed);
    if (*committed) co_return Created{fresh, false};
  }
  co_return fail(overtaken());
}

Task<Result<std::optional<DispatchNamespace>>> DispatchNamespaces::find(std::string account_id,
                                                                        std::string name) {
  co_return co_await load_record<DispatchNamespace>(backing_.meta,
                                                    keys::dispatch_namespace(account_id, name));
}

Task<Result<std::optional<DispatchNamespace>>> DispatchNamespaces::find_by_id(std::string id) {
  // Twice when a rename comes in between.
  for (Attempts attempts; attempts.next();) {
    auto pointer = co_await load_record<Pointer>(backing_.meta, keys::dispatch_namespace_id(id));
    CO_CHECK(pointer);
    if (!*pointer) co_return std::nullopt;
    auto found = co_await find((*pointer)->scope.account_id, (*pointer)->name);
    CO_CHECK(found);
    if (*found && (*found)->id == id) co_return found;
  }
  co_return fail(overtaken());
}

Task<Result<std::vector<DispatchNamespace>>> DispatchNamespaces::list(std::string account_id) {
  co_return co_await load_all<DispatchNamespace>(backing_.meta,
                                                 keys::dispatch_namespaces_of(account_id));
}

Task<Result<DispatchNamespace>> DispatchNamespaces::update(std::string account_id, std::string name,
                                                           Author author, Edit edit) {
  for (Attempts attempts; attempts.next();) {
    Change change(backing_.meta);
    std::string key = keys::dispatch_namespace(account_id, name);
    auto stored = co_await change.read(key);
    CO_CHECK(stored);
    if (!*stored) co_return fail(no_such_namespace(name));
    auto before = decode<DispatchNamespace>(**stored);
    CO_CHECK(before);
    DispatchNamespace wish = *before;
    auto edited = edit(wish);
    CO_CHECK(edited);
    DispatchNamespace after = *before;
    after.name = wish.name;
    after.trusted_workers = wish.trusted_workers;
    after.configuration = wish.configuration;
    after.modified_on = wall_now();
    after.modified_by = author.id;
    if (after.name != name) {
      auto fits = check_dispatch_namespace_name(after.name);
      CO_CHECK(fits);
      auto owner = co_await change.read(keys::dispatch_namespace(account_id, after.name));
      CO_CHECK(owner);
      if (*owner) {
        co_return fail(
            name_taken("a dispatch namespace named '" + after.name + "' exists already"));
      }
      change.remove(key);
      change.put(keys::dispatch_namespace_id(after.id), pointer_to(after));
    }
    change.put(keys::dispatch_namespace(account_id, after.name), encode(after));
    auto committed = co_await change.commit();
    CO_CHECK(committed);
    if (!*committed) continue;
    if (after.configuration != before->configuration) {
      co_await backing_.events.on_namespace_changed({account_id, after.id});
    }
    co_return after;
  }
  co_return fail(overtaken());
}

Task<Result<std::uint64_t>> DispatchNamespaces::count_scripts(std::string id) {
  auto counts = co_await scan_all(backing_.meta, keys::script_counts(id));
  CO_CHECK(counts);
  std::uint64_t sum = 0;
  for (const auto& record : *counts) sum += count_of(record.value);
  co_return sum;
}

Task<Result<void>> DispatchNamespaces::remove(std::string account_id, std::string name) {
  for (Attempts attempts; attempts.next();) {
    Change change(backing_.meta);
    std::string key = keys::dispatch_namespace(account_id, name);
    auto stored = co_await change.read(key);
    CO_CHECK(stored);
    if (!*stored) co_return fail(no_such_namespace(name));
    auto removed = decode<DispatchNamespace>(**stored);
    CO_CHECK(removed);
    // Whoever creates a script writes one of these, so none can appear meanwhile.
    for (const std::string& count_key : keys::every_script_count(removed->id)) {
      auto count = co_await change.read(count_key);
      CO_CHECK(count);
      if (!*count) continue;
      if (count_of(**count) > 0) {
        co_return fail(name_taken("the dispatch namespace '" + name + "' still has scripts"));
      }
      change.remove(count_key);
    }
    auto policies = co_await change.read_all(keys::egress_policies_in({account_id, removed->id}));
    CO_CHECK(policies);
    for (const auto& policy : *policies) change.remove(policy.key);
    change.remove(key);
    change.remove(keys::dispatch_namespace_id(removed->id));
    auto committed = co_await change.commit();
    CO_CHECK(committed);
    if (*committed) co_return Result<void>();
  }
  co_return fail(overtaken());
}

}  // namespace atoll::scripts
