// The custom domain half of Routes.
#include <algorithm>

#include "base/random.h"
#include "scripts/change.h"
#include "scripts/encoding.h"
#include "scripts/keys.h"
#include "scripts/load.h"
#include "scripts/routes.h"
#include "scripts/script_store.h"

namespace atoll::scripts {
namespace {

Result<std::string> folded_hostname(std::string hostname) {
  for (char& c : hostname) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  bool fits =
      !hostname.empty() && hostname.size() <= 253 && hostname.front() != '.' &&
      hostname.back() != '.' && hostname.find("..") == hostname.npos &&
      std::all_of(hostname.begin(), hostname.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
      });
  if (!fits) return fail(invalid_input("'" + hostname + "' is not a hostname"));
  return hostname;
}

std::string key_of(const CustomDomain& domain) {
  return keys::domains_of(domain.account_id) + keys::escape(domain.id);
}

std::string script_index_of(const CustomDomain& domain) {
  return keys::domains_of_script(domain.account_id, domain.script) + keys::escape(domain.id);
}

void write_domain(Change& change, const CustomDomain& domain) {
  change.put(key_of(domain), encode(domain));
  change.put(keys::domain_hostname(domain.hostname),
             encode(Pointer{{domain.account_id, ""}, domain.id}));
  change.put(script_index_of(domain), "");
}

void erase_domain(Change& change, const CustomDomain& domain) {
  change.remove(key_of(domain));
  change.remove(keys::domain_hostname(domain.hostname));
  change.remove(script_index_of(domain));
}

// Who has the hostname now. Conflict when another account does.
Task<Result<std::optional<CustomDomain>>> owner_of(Change& change, std::string account_id,
                                                   std::string hostname) {
  auto text = co_await change.read(keys::domain_hostname(hostname));
  CO_CHECK(text);
  if (!*text) co_return std::nullopt;
  auto pointer = decode<Pointer>(**text);
  CO_CHECK(pointer);
  if (pointer->scope.account_id != account_id) {
    co_return fail(name_taken("the hostname " + hostname + " is taken"));
  }
  auto stored = co_await change.read(keys::domains_of(account_id) + keys::escape(pointer->name));
  CO_CHECK(stored);
  if (!*stored) co_return std::nullopt;  // overtaken: the commit will tell
  auto domain = decode<CustomDomain>(**stored);
  CO_CHECK(domain);
  co_return std::move(*domain);
}

Task<Result<std::vector<CustomDomain>>> domains_of(Change& change, std::string account_id,
                                                   std::string script) {
  std::string prefix = keys::domains_of_script(account_id, script);
  auto places = co_await change.read_all(prefix);
  CO_CHECK(places);
  std::vector<CustomDomain> domains;
  for (const auto& place : *places) {
    auto stored =
        co_await change.read(keys::domains_of(account_id) + place.key.substr(prefix.size()));
    CO_CHECK(stored);
    if (!*stored) continue;  // overtaken: the commit will tell
    auto domain = decode<CustomDomain>(**stored);
    CO_CHECK(domain);
    domains.push_back(std::move(*domain));
  }
  co_return domains;
}

bool same_settings(const CustomDomain& left, const CustomDomain& right) {
  return left.script == right.script && left.environment == right.environment &&
         left.zone_id == right.zone_id && left.zone_name == right.zone_name &&
         left.enabled == right.enabled && left.previews_enabled == right.previews_enabled;
}

}  // namespace

Task<Result<CustomDomain>> Routes::put_domain(CustomDomain domain) {
  auto hostname = folded_hostname(domain.hostname);
  CO_CHECK(hostname);
  domain.hostname = *hostname;
  const std::string wanted_id = domain.id.empty() ? random_uuid() : domain.id;
  for (Attempts attempts; attempts.next();) {
    Change change(backing_.meta);
    auto exists = co_await require_script(change, domain.account_id, domain.script);
    CO_CHECK(exists);
    auto before = co_await owner_of(change, domain.account_id, domain.hostname);
    CO_CHECK(before);
    domain.id = wanted_id;
    if (*before) {
      domain.id = (*before)->id;
      erase_domain(change, **before);
    }
    write_domain(change, domain);
    auto committed = co_await change.commit();
    CO_CHECK(committed);
    if (!*committed) continue;
    co_await backing_.events.on_routes_changed();
    co_return domain;
  }
  co_return fail(overtaken());
}

Task<Result<std::optional<CustomDomain>>> Routes::find_domain(std::string account_id,
                                                              std::string id) {
  co_return co_await load_record<CustomDomain>(backing_.meta,
                                               keys::domains_of(account_id) + keys::escape(id));
}

Task<Result<std::optional<CustomDomain>>> Routes::find_domain_by_hostname(std::string hostname) {
  auto pointer = co_await load_record<Pointer>(backing_.meta, keys::domain_hostname(hostname));
  CO_CHECK(pointer);
  if (!*pointer) co_return std::nullopt;
  co_return co_await find_domain((*pointer)->scope.account_id, (*pointer)->name);
}

Task<Result<std::vector<CustomDomain>>> Routes::list_domains(std::string account_id) {
  co_return co_await load_all<CustomDomain>(backing_.meta, keys::domains_of(account_id));
}

Task<Result<std::vector<CustomDomain>>> Routes::list_all_domains() {
  co_return co_await load_all<CustomDomain>(backing_.meta, keys::domains());
}

Task<Result<void>> Routes::remove_domain(std::string account_id, std::string id) {
  for (Attempts attempts; attempts.next();) {
    Change change(backing_.meta);
    auto stored = co_await change.read(keys::domains_of(account_id) + keys::escape(id));
    CO_CHECK(stored);
    if (!*stored) co_return fail(not_found("there is no such custom domain"));
    auto domain = decode<CustomDomain>(**stored);
    CO_CHECK(domain);
    erase_domain(change, *domain);
    auto committed = co_await change.commit();
    CO_CHECK(committed);
    if (!*committed) continue;
    co_await backing_.events.on_routes_changed();
    co_return Result<void>();
  }
  co_return fail(overtaken());
}

Task<Result<Routes::DomainChanges>> Routes::replace_domains_for_script(
    std::string account_id, std::string script, std::vector<CustomDomain> domains,
    Takeover takeover) {
  for (CustomDomain& domain : domains) {
    auto hostname = folded_hostname(domain.hostname);
    CO_CHECK(hostname);
    domain.hostname = *hostname;
    domain.account_id = account_id;
    domain.script = script;
  }
  for (Attempts attempts; attempts.next();) {
    Change change(backing_.meta);
    auto exists = co_await require_script(change, account_id, script);
    CO_CHECK(exists);
    auto before = co_await domains_of(change, account_id, script);
    CO_CHECK(before);

    DomainChanges changes;
    std::vector<std::string> kept;
    for (CustomDomain domain : domains) {
      if (std::find(kept.begin(), kept.end(), domain.hostname) != kept.end()) continue;
      kept.push_back(domain.hostname);
      auto owner = co_await owner_of(change, account_id, domain.hostname);
      CO_CHECK(owner);
      if (!*owner) {
        domain.id = random_uuid();
        changes.added.push_back(domain);
      } else {
        domain.id = (*owner)->id;
        if ((*owner)->script != script && takeover == Takeover::Refuse) {
          changes.conflicting.push_back(**owner);
          continue;
        }
        if (same_settings(**owner, domain)) continue;
        erase_domain(change, **owner);
        changes.updated.push_back(domain);
      }
      write_domain(change, domain);
    }
    for (const CustomDomain& domain : *before) {
      if (std::find(kept.begin(), kept.end(), domain.hostname) != kept.end()) continue;
      erase_domain(change, domain);
      changes.removed.push_back(domain);
    }
    if (!changes.conflicting.empty()) {
      DomainChanges nothing;
      nothing.conflicting = std::move(changes.conflicting);
      co_return nothing;
    }
    auto committed = co_await change.commit();
    CO_CHECK(committed);
    if (!*committed) continue;
    co_await backing_.events.on_routes_changed();
    co_return changes;
  }
  co_return fail(overtaken());
}

}  // namespace atoll::scripts
