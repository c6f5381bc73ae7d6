#include "scripts/accounts.h"

#include <algorithm>

#include "base/random.h"
#include "crypto/digest.h"
#include "scripts/change.h"
#include "scripts/encoding.h"
#include "scripts/keys.h"
#include "scripts/load.h"

namespace atoll::scripts {
namespace {

bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

Result<void> check_account(const Account& account) {
  bool id_fits = !account.id.empty() && account.id.size() <= 64 &&
                 std::all_of(account.id.begin(), account.id.end(), [](char c) {
                   return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
                 });
  if (!id_fits) {
    return fail(
        invalid_input("an account id has 1 to 64 letters, digits, hyphens and underscores"));
  }
  const std::string& subdomain = account.subdomain;
  bool subdomain_fits =
      subdomain.empty() || (subdomain.size() <= 63 && is_lower_or_digit(subdomain.front()) &&
                            is_lower_or_digit(subdomain.back()) &&
                            std::all_of(subdomain.begin(), subdomain.end(),
                                        [](char c) { return is_lower_or_digit(c) || c == '-'; }));
  if (!subdomain_fits) {
    return fail(
        invalid_input("a subdomain has 1 to 63 lower-case letters, digits and inner hyphens"));
  }
  return {};
}

Result<std::string> folded_zone_name(std::string name) {
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  bool fits = !name.empty() && name.size() <= 253 && name.front() != '.' && name.back() != '.' &&
              name.find("..") == name.npos && std::all_of(name.begin(), name.end(), [](char c) {
                return is_lower_or_digit(c) || c == '-' || c == '.' || c == '_';
              });
  if (!fits) return fail(invalid_input("the zone name '" + name + "' is not a hostname"));
  return name;
}

}  // namespace

Task<Result<Account>> Accounts::put_account(Account account) {
  auto fits = check_account(account);
  CO_CHECK(fits);
  for (Attempts attempts; attempts.next();) {
    Change change(backing_.meta);
    auto stored = co_await change.read(keys::account(account.id));
    CO_CHECK(stored);
    account.created_on = wall_now();
    if (*stored) {
      auto before = decode<Account>(**stored);
      CO_CHECK(before);
      account.created_on = before->created_on;
      if (before->subdomain != account.subdomain && !before->subdomain.empty()) {
        change.remove(keys::account_subdomain(before->subdomain));
      }
    }
    if (!account.subdomain.empty()) {
      auto owner = co_await change.read(keys::account_subdomain(account.subdomain));
      CO_CHECK(owner);
      if (*owner && **owner != account.id) {
        co_return fail(name_taken("the subdomain " + account.subdomain + " is taken"));
      }
      change.put(keys::account_subdomain(account.subdomain), account.id);
    }
    change.put(keys::account(account.id), encode(account));
    auto committed = co_await change.commit();
    CO_CHECK(committed);
    if (!*committed) continue;
    co_await backing_.events.on_routes_changed();
    co_return account;
  }
  co_return fail(overtaken());
}

Task<Result<std::optional<Account>>> Accounts::find_account(std::string id) {
  co_return co_await load_record<Account>(backing_.meta, keys::account(id));
}

Task<Result<std::optional<Account>>> Accounts::find_account_by_subdomain(std::string subdomain) {
  auto id = co_await load(backing_.meta, keys::account_subdomain(subdomain));
  CO_CHECK(id);
  if (!*id) co_return std::nullopt;
  co_return co_await find_account(**id);
}

Task<Result<std::vector<Account>>> Accounts::list_accounts() {
  co_return co_await load_all<Account>(backing_.meta, keys::accounts());
}

Task<Result<ApiToken>> Accounts::put_token(std::string secret, ApiToken token) {
  std::string hash = crypto::sha256_hex(secret);
  for (Attempts attempts; attempts.next();) {
    Change change(backing_.meta);
    auto account = co_await change.read(keys::account(token.account_id));
    CO_CHECK(account);
    if (!*account) co_return fail(not_found("there is no such account"));
    auto stored = co_await change.read(keys::token(hash));
    CO_CHECK(stored);
    ApiToken fresh = token;
    if (*stored) {
      auto before = decode<ApiToken>(**stored);
      CO_CHECK(before);
      if (fresh.id.empty()) fresh.id = before->id;
      change.remove(keys::tokens_of(before->account_id) + before->id);
    }
    if (fresh.id.empty()) fresh.id = random_hex(16);
    fresh.created_on = wall_now();
    std::string place = keys::tokens_of(fresh.account_id) + keys::escape(fresh.id);
    auto replaced = co_await change.read(place);  // the same id with another secret
    CO_CHECK(replaced);
    if (*replaced && **replaced != hash) change.remove(keys::token(**replaced));
    change.put(keys::token(hash), encode(fresh));
    change.put(place, hash);
    auto committed = co_await change.commit();
    CO_CHECK(committed);
    if (*committed) co_return fresh;
  }
  co_return fail(overtaken());
}

Task<Result<std::optional<ApiToken>>> Accounts::find_token(std::string secret) {
  auto token =
      co_await load_record<ApiToken>(backing_.meta, keys::token(crypto::sha256_hex(secret)));
  CO_CHECK(token);
  if (*token && (*token)->expires_on && *(*token)->expires_on <= wall_now()) {
    co_return std::nullopt;
  }
  co_return token;
}

Task<Result<std::vector<ApiToken>>> Accounts::list_tokens(std::string account_id) {
  auto places = co_await scan_all(backing_.meta, keys::tokens_of(account_id));
  CO_CHECK(places);
  std::vector<ApiToken> tokens;
  for (const auto& place : *places) {
    auto token = co_await load_record<ApiToken>(backing_.meta, keys::token(place.value));
    CO_CHECK(token);
    if (*token) tokens.push_back(std::move(**token));
  }
  co_return tokens;
}

Task<Result<void>> Accounts::delete_token(std::string account_id, std::string token_id) {
  std::string place = keys::tokens_of(account_id) + keys::escape(token_id);
  for (Attempts attempts; attempts.next();) {
    Change change(backing_.meta);
    auto hash = co_await change.read(place);
    CO_CHECK(hash);
    if (!*hash) co_return fail(not_found("there is no such token"));
    change.remove(place);
    change.remove(keys::token(**hash));
    auto committed = co_await change.commit();
    CO_CHECK(committed);
    if (*committed) co_return Result<void>();
  }
  co_return fail(overtaken());
}

Task<Result<Zone>> Accounts::put_zone(Zone zone) {
  auto name = folded_zone_name(zone.name);
  CO_CHECK(name);
  zone.name = *name;
  if (zone.id.empty()) zone.id = random_hex(16);
  for (Attempts attempts; attempts.next();) {
    Change change(backing_.meta);
    auto account = co_await change.read(keys::account(zone.account_id));
    CO_CHECK(account);
    if (!*account) co_return fail(not_found("there is no such account"));
    auto stored = co_await change.read(keys::zone(zone.id));
    CO_CHECK(stored);
    zone.created_on = wall_now();
    if (*stored) {
      auto before = decode<Zone>(**stored);
      CO_CHECK(before);
      zone.created_on = before->created_on;
      change.remove(keys::zone_name(before->name));
      change.remove(keys::zones_of(before->account_id) + before->id);
    }
    auto owner = co_await change.read(keys::zone_name(zone.name));
    CO_CHECK(owner);
    if (*owner && **owner != zone.id) {
      co_return fail(name_taken("the zone " + zone.name + " exists already"));
    }
    change.put(keys::zone(zone.id), encode(zone));
    change.put(keys::zone_name(zone.name), zone.id);
    change.put(keys::zones_of(zone.account_id) + zone.id, "");
    auto committed = co_await change.commit();
    CO_CHECK(committed);
    if (!*committed) continue;
    co_await backing_.events.on_routes_changed();
    co_return zone;
  }
  co_return fail(overtaken());
}

Task<Result<std::optional<Zone>>> Accounts::find_zone(std::string id) {
  co_return co_await load_record<Zone>(backing_.meta, keys::zone(id));
}

Task<Result<std::optional<Zone>>> Accounts::find_zone_by_name(std::string name) {
  auto id = co_await load(backing_.meta, keys::zone_name(name));
  CO_CHECK(id);
  if (!*id) co_return std::nullopt;
  co_return co_await find_zone(**id);
}

Task<Result<std::optional<Zone>>> Accounts::find_zone_of_hostname(std::string hostname) {
  std::string_view suffix = hostname;
  while (true) {
    auto zone = co_await find_zone_by_name(std::string(suffix));
    if (!zone || *zone) co_return zone;
    std::size_t dot = suffix.find('.');
    if (dot == suffix.npos) co_return std::nullopt;
    suffix.remove_prefix(dot + 1);
  }
}

Task<Result<std::vector<Zone>>> Accounts::list_zones(std::string account_id) {
  std::string prefix = keys::zones_of(account_id);
  auto places = co_await scan_all(backing_.meta, prefix);
  CO_CHECK(places);
  std::vector<Zone> zones;
  for (const auto& place : *places) {
    auto zone = co_await find_zone(place.key.substr(prefix.size()));
    CO_CHECK(zone);
    if (*zone) zones.push_back(std::move(**zone));
  }
  co_return zones;
}

Task<Result<void>> Accounts::delete_zone(std::string id) {
  for (Attempts attempts; attempts.next();) {
    Change change(backing_.meta);
    auto stored = co_await change.read(keys::zone(id));
    CO_CHECK(stored);
    if (!*stored) co_return fail(not_found("there is no such zone"));
    auto zone = decode<Zone>(**stored);
    CO_CHECK(zone);
    auto routes = co_await change.read_all(keys::routes_of_zone(id));
    CO_CHECK(routes);
    for (const auto& record : *routes) {
      auto route = decode<Route>(record.value);
      CO_CHECK(route);
      change.remove(record.key);
      change.remove(keys::route_pattern(id, route->pattern));
      if (!route->script.empty()) {
        change.remove(keys::routes_of_script(route->account_id, route->script) + route->id);
      }
    }
    change.remove(keys::zone(id));
    change.remove(keys::zone_name(zone->name));
    change.remove(keys::zones_of(zone->account_id) + id);
    auto committed = co_await change.commit();
    CO_CHECK(committed);
    if (!*committed) continue;
    co_await backing_.events.on_routes_changed();
    co_return Result<void>();
  }
  co_return fail(overtaken());
}

}  // namespace atoll::scripts
