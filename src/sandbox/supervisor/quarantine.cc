#include "sandbox/supervisor/quarantine.h"

#include <algorithm>

#include "sandbox/supervisor/loaded_script.h"

namespace atoll::sandbox {

const Quarantine::Entry& Quarantine::blame(const scripts::Scope& scope, const std::string& script,
                                           std::string reason, std::string request_id,
                                           SteadyTime now) {
  make_room(now);
  Entry& entry = entries_[script_key(scope, script)];
  if (is_old(entry, now)) entry.deaths = 0;
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

bool Quarantine::knows(const scripts::Scope& scope, const std::string& script,
                       SteadyTime now) const {
  if (entries_.empty()) return false;
  auto found = entries_.find(script_key(scope, script));
  return found != entries_.end() && !is_old(found->second, now);
}

std::vector<Quarantine::Entry> Quarantine::forget(SteadyTime now) {
  std::vector<Entry> forgotten;
  std::erase_if(entries_, [&](const auto& entry) {
    bool old = is_old(entry.second, now);
    if (old) forgotten.push_back(entry.second);
    return old;
  });
  return forgotten;
}

void Quarantine::make_room(SteadyTime now) {
  if (entries_.size() < settings_.max_scripts) return;
  (void)forget(now);
  if (entries_.size() < settings_.max_scripts) return;
  entries_.erase(
      std::ranges::min_element(entries_, {}, [](const auto& entry) { return entry.second.last; }));
}

}  // namespace atoll::sandbox
