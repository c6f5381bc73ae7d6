// The keys under which records are kept in the MetaStore. Private to this room.
//
// A component that may hold any text is escaped, so that '/' separates components only. Numbers
// that order newest first are written as their distance from a constant.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scripts/scope.h"

namespace atoll::scripts::keys {

std::string escape(std::string_view component);
std::string newest_first(std::uint64_t number);  // 10 digits

std::string account(std::string_view id);
std::string accounts();
std::string account_subdomain(std::string_view subdomain);

std::string token(std::string_view hash);
std::string tokens_of(std::string_view account_id);  // + token id

std::string zone(std::string_view id);
std::string zone_name(std::string_view name);
std::string zones_of(std::string_view account_id);  // + zone id

std::string trust_group(std::string_view account_id, std::string_view name);
std::string trust_groups_of(std::string_view account_id);  // + name
std::string trust_groups();

std::string dispatch_namespaces_of(std::string_view account_id);  // + name
std::string dispatch_namespace(std::string_view account_id, std::string_view name);
std::string dispatch_namespace_id(std::string_view id);
// How many scripts a namespace has, spread over records so that uploads seldom meet in one.
std::string script_counts(std::string_view namespace_id);
std::string script_count(std::string_view namespace_id, std::string_view script_name);
std::vector<std::string> every_script_count(std::string_view namespace_id);

std::string scripts_in(const Scope& scope);  // + name
std::string script(const Scope& scope, std::string_view name);
std::string script_tag(std::string_view account_id, std::string_view tag);
std::string scripts_tagged(const Scope& scope, std::string_view tag);  // + name

// Everything of one script lies under its tag.
std::string versions(std::string_view script_tag);  // + id
std::string version(std::string_view script_tag, std::string_view id);
std::string version_order(std::string_view script_tag);  // + newest_first(number)
std::string secrets(std::string_view script_tag, std::string_view version_id);
std::string deployments(std::string_view script_tag);     // + newest_first(sequence)
std::string deployment_ids(std::string_view script_tag);  // + id

std::string blob(std::string_view id);
// + id: of blobs that no version uses, or did not at some time. What is not here is used.
std::string idle_blobs();
std::string blob_users(std::string_view id);  // + script tag / version id

std::string kv_namespaces_of(std::string_view account_id);  // + id
std::string removed_kv_namespaces();                        // + id: whose data may still be there
std::string kv_title(std::string_view account_id, std::string_view title);

std::string egress_policies();
std::string egress_policies_of(std::string_view account_id);
// `script` may be empty.
std::string egress_policy(const Scope& scope, std::string_view script);
// + script: of one scope
std::string egress_policies_in(const Scope& scope);

std::string routes();
std::string routes_of_zone(std::string_view zone_id);  // + id
std::string route_pattern(std::string_view zone_id, std::string_view pattern);
std::string routes_of_script(std::string_view account_id, std::string_view script);  // + id

std::string domains();
std::string domains_of(std::string_view account_id);  // + id
std::string domain_hostname(std::string_view hostname);
std::string domains_of_script(std::string_view account_id, std::string_view script);  // + id

}  // namespace atoll::scripts::keys
