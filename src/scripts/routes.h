// Zone routes and custom domains: which account-level script answers for a hostname and path.
// Patterns are text here; dispatch/ knows their grammar, callers check them first.
// Promises common to all registry classes are in registry.h.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scripts/backing.h"
#include "scripts/records.h"

namespace atoll::scripts {

class Routes {
 public:
  explicit Routes(Backing backing) : backing_(backing) {}

  // `route.id` is made up when empty, otherwise the route of that id is replaced (NotFound in
  // another zone or absent). Conflict when another route of the zone has the pattern; NotFound
  // without the zone; InvalidInput when script is not empty and does not exist.
  Task<Result<Route>> put(Route route);
  Task<Result<std::optional<Route>>> find(std::string zone_id, std::string id);
  Task<Result<std::vector<Route>>> list(std::string zone_id);
  Task<Result<std::vector<Route>>> list_for_script(std::string account_id, std::string script);
  Task<Result<std::vector<Route>>> list_all();  // of the whole platform, for the router
  Task<Result<void>> remove(std::string zone_id, std::string id);  // NotFound

  struct Target {
    std::string zone_id;
    std::string pattern;
  };
  // Makes `targets` the full set of the script's routes, in one transaction; unchanged ones keep
  // their ids. Conflict, naming the pattern, when another script has one.
  Task<Result<std::vector<Route>>> replace_for_script(std::string account_id, std::string script,
                                                      std::vector<Target> targets);

  // `domain.id` is made up when empty. A domain of the same hostname and account is replaced and
  // keeps its id; Conflict when the hostname belongs to another account; InvalidInput when the
  // script does not exist.
  Task<Result<CustomDomain>> put_domain(CustomDomain domain);
  Task<Result<std::optional<CustomDomain>>> find_domain(std::string account_id, std::string id);
  Task<Result<std::optional<CustomDomain>>> find_domain_by_hostname(std::string hostname);
  Task<Result<std::vector<CustomDomain>>> list_domains(std::string account_id);
  Task<Result<std::vector<CustomDomain>>> list_all_domains();  // of the platform, for the router
  Task<Result<void>> remove_domain(std::string account_id, std::string id);  // NotFound

  struct DomainChanges {
    std::vector<CustomDomain> added;
    std::vector<CustomDomain> removed;
    std::vector<CustomDomain> updated;
    std::vector<CustomDomain> conflicting;  // hostname now at another script; nothing was written
  };
  enum class Takeover { Refuse, Allow };  // of hostnames that another script of the account has
  // Makes `domains` the full set of the script's domains, in one transaction. With Takeover::Refuse
  // and a conflict nothing changes and `conflicting` is filled.
  Task<Result<DomainChanges>> replace_domains_for_script(std::string account_id, std::string script,
                                                         std::vector<CustomDomain> domains,
                                                         Takeover takeover);

 private:
  Backing backing_;
};

}  // namespace atoll::scripts
