#include "sandbox/supervisor/busy_scripts.h"

#include <algorithm>
#include <cmath>

#include "sandbox/supervisor/loaded_script.h"

namespace atoll::sandbox {
namespace {

double milliseconds_of(SteadyTime::duration time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

}  // namespace

double BusyScripts::share_percent(const Entry& entry, SteadyTime now) const {
  double window = milliseconds_of(settings_.window);
  double faded = entry.load_ms * std::exp(-milliseconds_of(now - entry.updated) / window);
  return 100 * faded / window;
}

void BusyScripts::bring_up_to_date(Entry& entry, SteadyTime now) const {
  entry.load_ms = share_percent(entry, now) * milliseconds_of(settings_.window) / 100;
  entry.updated = now;
}

bool BusyScripts::report(const scripts::Scope& scope, const std::string& script,
                         std::chrono::milliseconds cpu, SteadyTime now) {
  if (settings_.busy_percent == 0) return false;
  if (entries_.size() >= settings_.max_scripts) {
    entries_.erase(std::ranges::min_element(entries_, {}, [](const auto& entry) {
      return std::pair(entry.second.busy, entry.second.updated);
    }));
  }
  Entry& entry = entries_[script_key(scope, script)];
  if (entry.script.empty()) {
    entry.scope = scope;
    entry.script = script;
    entry.updated = now;
  }
  bring_up_to_date(entry, now);
  // What is reported at once has been used up over some time: no more than the window counts.
  entry.load_ms += std::min(milliseconds_of(cpu), milliseconds_of(settings_.window));
  double share = share_percent(entry, now);
  if (share >= settings_.calm_percent) entry.last_lively = now;
  if (entry.busy || share < settings_.busy_percent) return false;
  entry.busy = true;
  entry.busy_since = wall_now();
  return true;
}

bool BusyScripts::is_busy(const scripts::Scope& scope, const std::string& script) const {
  if (entries_.empty()) return false;
  auto found = entries_.find(script_key(scope, script));
  return found != entries_.end() && found->second.busy;
}

std::vector<BusyScripts::Entry> BusyScripts::calm_down(SteadyTime now) {
  std::vector<Entry> calm;
  std::erase_if(entries_, [&](const auto& item) {
    const Entry& entry = item.second;
    if (share_percent(entry, now) >= settings_.calm_percent) return false;
    if (entry.busy && now - entry.last_lively < settings_.calm_for) return false;
    if (entry.busy) calm.push_back(entry);
    return true;
  });
  return calm;
}

std::vector<std::pair<BusyScripts::Entry, double>> BusyScripts::list(const std::string& account_id,
                                                                     SteadyTime now) const {
  std::vector<std::pair<Entry, double>> found;
  for (const auto& [key, entry] : entries_) {
    if (entry.busy && entry.scope.account_id == account_id) {
      found.emplace_back(entry, share_percent(entry, now));
    }
  }
  return found;
}

}  // namespace atoll::sandbox
