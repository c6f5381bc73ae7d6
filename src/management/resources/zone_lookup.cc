#include "management/resources/zone_lookup.h"

namespace atoll::management {

Task<Answer<scripts::Zone>> zone_for(scripts::Accounts& accounts, const Identity& identity,
                                     const Json& entry, std::string hostname) {
  std::string id = json_string(entry, "zone_id");
  std::string name = lower_case(json_string(entry, "zone_name"));
  std::string asked = !id.empty() ? id : !name.empty() ? name : hostname;
  Result<std::optional<scripts::Zone>> zone = std::nullopt;
  if (!id.empty()) {
    zone = co_await accounts.find_zone(id);
  } else if (!name.empty()) {
    zone = co_await accounts.find_zone_by_name(name);
  } else if (!hostname.empty()) {
    zone = co_await accounts.find_zone_of_hostname(hostname);
  }
  CO_CHECK(zone);
  if (!*zone || (*zone)->account_id != identity.account.id) {
    co_return fail(ApiError(400, codes::kZoneMissing,
                            "Could not find a zone for \"" + asked.substr(0, 253) +
                                "\" in this account; create it with POST /zones"));
  }
  co_return **std::move(zone);
}

}  // namespace atoll::management
