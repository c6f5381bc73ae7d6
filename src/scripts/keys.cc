#include "scripts/keys.h"

#include <cstdio>
#include <initializer_list>

namespace atoll::scripts::keys {
namespace {

constexpr std::uint64_t kLast = 9'999'999'999;
constexpr unsigned kCountShards = 16;

// "kind/a/b/": the prefix of everything below.
std::string below(std::string_view kind, std::initializer_list<std::string_view> components) {
  std::string key(kind);
  key += '/';
  for (std::string_view component : components) {
    key += escape(component);
    key += '/';
  }
  return key;
}

std::string at(std::string_view kind, std::initializer_list<std::string_view> components) {
  std::string key = below(kind, components);
  key.pop_back();
  return key;
}

// FNV-1a: must give the same shard for ever, which std::hash does not promise.
std::uint32_t stable_hash(std::string_view text) {
  std::uint32_t hash = 2166136261u;
  for (unsigned char byte : text) hash = (hash ^ byte) * 16777619u;
  return hash;
}

std::string_view scope_kind(const Scope& scope) { return scope.account_level() ? "a" : "n"; }
std::string_view scope_id(const Scope& scope) {
  return scope.account_level() ? scope.account_id : scope.namespace_id;
}

}  // namespace

std::string escape(std::string_view component) {
  std::string escaped;
  escaped.reserve(component.size());
  for (char c : component) {
    if (c == '%') {
      escaped += "%25";
    } else if (c == '/') {
      escaped += "%2F";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string newest_first(std::uint64_t number) {
  char text[24];
  std::snprintf(text, sizeof text, "%010llu", static_cast<unsigned long long>(kLast - number));
  return text;
}

std::string account(std::string_view id) { return at("account", {id}); }
std::string accounts() { return below("account", {}); }
std::string account_subdomain(std::string_view subdomain) {
  return at("account_subdomain", {subdomain});
}

std::string token(std::string_view hash) { return at("token", {hash}); }
std::string tokens_of(std::string_view account_id) { return below("token_of", {account_id}); }

std::string trust_group(std::string_view account_id, std::string_view name) {
  return at("trust_group", {account_id, name});
}
std::string trust_groups_of(std::string_view account_id) {
  return below("trust_group", {account_id});
}
std::string trust_groups() { return below("trust_group", {}); }

std::string zone(std::string_view id) { return at("zone", {id}); }
std::string zone_name(std::string_view name) { return at("zone_name", {name}); }
std::string zones_of(std::string_view account_id) { return below("zone_of", {account_id}); }

std::string dispatch_namespaces_of(std::string_view account_id) {
  return below("dispatch", {account_id});
}
std::string dispatch_namespace(std::string_view account_id, std::string_view name) {
  return at("dispatch", {account_id, name});
}
std::string dispatch_namespace_id(std::string_view id) { return at("dispatch_id", {id}); }
std::string script_counts(std::string_view namespace_id) {
  return below("script_count", {namespace_id});
}
std::string script_count(std::string_view namespace_id, std::string_view script_name) {
  return script_counts(namespace_id) + std::to_string(stable_hash(script_name) % kCountShards);
}

std::vector<std::string> every_script_count(std::string_view namespace_id) {
  std::vector<std::string> counts;
  counts.reserve(kCountShards);
  for (unsigned shard = 0; shard < kCountShards; ++shard) {
    counts.push_back(script_counts(namespace_id) + std::to_string(shard));
  }
  return counts;
}

std::string scripts_in(const Scope& scope) {
  return below("script", {scope_kind(scope), scope_id(scope)});
}
std::string script(const Scope& scope, std::string_view name) {
  return scripts_in(scope) + escape(name);
}
std::string script_tag(std::string_view account_id, std::string_view tag) {
  return at("script_tag", {account_id, tag});
}
std::string scripts_tagged(const Scope& scope, std::string_view tag) {
  return below("tagged", {scope_kind(scope), scope_id(scope), tag});
}

std::string versions(std::string_view script_tag) { return below("version", {script_tag}); }
std::string version(std::string_view script_tag, std::string_view id) {
  return at("version", {script_tag, id});
}
std::string version_order(std::string_view script_tag) {
  return below("version_order", {script_tag});
}
std::string secrets(std::string_view script_tag, std::string_view version_id) {
  return at("secrets", {script_tag, version_id});
}
std::string deployments(std::string_view script_tag) { return below("deployment", {script_tag}); }
std::string deployment_ids(std::string_view script_tag) {
  return below("deployment_id", {script_tag});
}

std::string blob(std::string_view id) { return at("blob", {id}); }
std::string idle_blobs() { return below("blob_idle", {}); }
std::string blob_users(std::string_view id) { return below("blob_user", {id}); }

std::string kv_namespaces_of(std::string_view account_id) { return below("kv", {account_id}); }
std::string removed_kv_namespaces() { return below("kv_removed", {}); }
std::string kv_title(std::string_view account_id, std::string_view title) {
  return at("kv_title", {account_id, title});
}

std::string egress_policies() { return below("egress_policy", {}); }
std::string egress_policies_of(std::string_view account_id) {
  return below("egress_policy", {account_id});
}
std::string egress_policies_in(const Scope& scope) {
  return below("egress_policy", {scope.account_id, scope.namespace_id});
}
std::string egress_policy(const Scope& scope, std::string_view script) {
  return egress_policies_in(scope) + escape(script);
}

std::string routes() { return below("route", {}); }
std::string routes_of_zone(std::string_view zone_id) { return below("route", {zone_id}); }
std::string route_pattern(std::string_view zone_id, std::string_view pattern) {
  return at("route_pattern", {zone_id, pattern});
}
std::string routes_of_script(std::string_view account_id, std::string_view script) {
  return below("route_of", {account_id, script});
}

std::string domains() { return below("domain", {}); }
std::string domains_of(std::string_view account_id) { return below("domain", {account_id}); }
std::string domain_hostname(std::string_view hostname) { return at("domain_hostname", {hostname}); }
std::string domains_of_script(std::string_view account_id, std::string_view script) {
  return below("domain_of", {account_id, script});
}

}  // namespace atoll::scripts::keys
