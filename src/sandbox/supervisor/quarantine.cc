#include "sandbox/supervisor/quarantine.h"

#include <algorithm>

#include "sandbox/supervisor/loaded_script.h"

namespace atoll::sandbox {

const Quarantine::Entry& Quarantine::blame(const scripts::Scope& scope, const std::string& script,
                                           std::string reason, std::string request_id,
                                           SteadyTime now) {
  forget_old(now);
  Entry& entry = entries_[script_key(scope, script)];
  entry.scope = scope;
  entry.script = script;
  ++entry.deaths;
  entry.reason = std::move(reason);
  entry.request_id = std::move(request_id);
  entry.last = now;
  entry.last_on = wall_now();
  entry.until = now;
  if (entry.deaths > settings_.forgiven_deaths) {
    unsigned doublings = std::min(entry.deaths - settings_.forgiven_deaths - 1, 20u);
    entry.until += std::min(settings_.first * (1u << doublings), settings_.longest);
  }
  return entry;
}

std::chrono::milliseconds Quarantine::held_for(const scripts::Scope& scope,
                                               const std::string& script, SteadyTime now) const {
  if (entries_.empty()) return {};
  auto found = entries_.find(script_key(scope, script));
  if (found == entries_.end() || found->second.until <= now) return {};
  return std::chrono::ceil<std::chrono::milliseconds>(found->second.until - now);
}

std::vector<Quarantine::Entry> Quarantine::list(const std::string& account_id) const {
  std::vector<Entry> found;
  for (const auto& [key, entry] : entries_) {
    if (entry.scope.account_id == account_id) found.push_back(entry);
  }
  return found;
}

bool Quarantine::release(const scripts::Scope& scope, const std::string& script) {
  return entries_.erase(script_key(scope, script)) > 0;
}

void Quarantine::forget_old(SteadyTime now) {
  std::erase_if(entries_, [&](const auto& entry) {
    return entry.second.until <= now && now - entry.second.last > settings_.forget_after;
  });
  if (entries_.size() < settings_.max_scripts) return;
  entries_.erase(
      std::ranges::min_element(entries_, {}, [](const auto& entry) { return entry.second.last; }));
}

}  // namespace atoll::sandbox
