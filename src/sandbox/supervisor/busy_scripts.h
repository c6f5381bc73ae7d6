// Scripts whose turns keep others waiting: user Workers that spend a good share of a core in long
// turns. They belong into the busy lane, whose hosts yield the processor to all others, until they
// have been calm for a while. Many short turns are no reason: those harm nobody.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/time.h"
#include "scripts/scope.h"

namespace atoll::sandbox {

class BusyScripts {
 public:
  struct Settings {
    std::uint32_t busy_percent = 20;          // of a core, in long turns; 0: nobody is moved
    std::uint32_t calm_percent = 5;           // below that it is calm
    std::chrono::milliseconds window{3'000};  // over which the share is taken
    std::chrono::milliseconds calm_for{30'000};
    std::size_t max_scripts = 10'000;  // looked at; the calmest go first
  };

  explicit BusyScripts(Settings settings) : settings_(settings) {}

  struct Entry {
    scripts::Scope scope;
    std::string script;
    bool busy = false;
    double load_ms = 0;  // CPU time, of which older parts count less and less
    SteadyTime updated;
    SteadyTime last_lively;  // when it was last above calm_percent
    WallTime busy_since{};
  };

  // A host says that long turns of the script took so much CPU time. True: it has become busy.
  bool report(const scripts::Scope& scope, const std::string& script, std::chrono::milliseconds cpu,
              SteadyTime now);
  bool is_busy(const scripts::Scope& scope, const std::string& script) const;
  // Those that have become calm.
  std::vector<Entry> calm_down(SteadyTime now);
  // The busy ones of one account, with their share in percent.
  std::vector<std::pair<Entry, double>> list(const std::string& account_id, SteadyTime now) const;
  double share_percent(const Entry& entry, SteadyTime now) const;

 private:
  void bring_up_to_date(Entry& entry, SteadyTime now) const;

  Settings settings_;
  std::map<std::string, Entry> entries_;  // by script key
};

}  // namespace atoll::sandbox
