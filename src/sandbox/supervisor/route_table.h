// Which hostnames and paths lead to which script, for the whole platform: zone routes, custom
// domains, and a hostname for each account-level script that answers on the platform's domain.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "async/task.h"
#include "base/result.h"
#include "scripts/registry.h"

namespace atoll::sandbox {

struct PlatformRoute {
  std::string id;
  std::string pattern;
  std::string account_id;
  std::string script;  // empty: no Worker here
  bool operator==(const PlatformRoute&) const = default;
};

struct RouteChanges {
  std::vector<PlatformRoute> upserts;
  std::vector<std::string> removed;
  bool empty() const { return upserts.empty() && removed.empty(); }
};

class RouteTable {
 public:
  // `domain` is the platform's: scripts answer at <script>.<domain>, the oldest one where accounts
  // share a name, and always at <script>.<account's subdomain>.<domain>.
  RouteTable(scripts::Registry& registry, std::string domain);

  // Reads everything again and tells what is new. One at a time.
  Task<Result<RouteChanges>> refresh();

  const std::map<std::string, PlatformRoute>& routes() const { return routes_; }

 private:
  using Routes = std::map<std::string, PlatformRoute>;
  Task<Result<void>> add_zone_routes(Routes& routes);
  Task<Result<void>> add_custom_domains(Routes& routes);
  Task<Result<void>> add_hostnames(Routes& routes);

  scripts::Registry& registry_;
  const std::string domain_;
  Routes routes_;
};

}  // namespace atoll::sandbox
