// Scripts that bring hosts down. The first death is forgiven; with each further one the script is
// not run for twice as long as before, so that it costs its neighbours less and less. Who behaved
// for long enough is forgotten.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/time.h"
#include "scripts/scope.h"

namespace atoll::sandbox {

class Quarantine {
 public:
  struct Settings {
    std::uint32_t forgiven_deaths = 1;
    std::chrono::milliseconds first{2'000};
    std::chrono::milliseconds longest{300'000};
    std::chrono::milliseconds forget_after{600'000};  // without a further death
    std::size_t max_scripts = 10'000;                 // remembered; the oldest go first
  };

  explicit Quarantine(Settings settings) : settings_(settings) {}

  struct Entry {
    scripts::Scope scope;
    std::string script;
    std::uint32_t deaths = 0;
    std::string reason;      // of the last
    std::string request_id;  // which ran then; may be empty
    WallTime last_on{};
    SteadyTime last;
    SteadyTime until;  // not run before
  };

  // A host died while this script ran. The entry as it is now.
  const Entry& blame(const scripts::Scope& scope, const std::string& script, std::string reason,
                     std::string request_id, SteadyTime now);

  // How long the script is not to be run; zero: it may run.
  std::chrono::milliseconds held_for(const scripts::Scope& scope, const std::string& script,
                                     SteadyTime now) const;

  // Whether it brought hosts down and is not forgotten yet: it runs where nobody else does.
  bool knows(const scripts::Scope& scope, const std::string& script, SteadyTime now) const;
  // Forgets who behaved for long enough.
  std::vector<Entry> forget(SteadyTime now);

  // Of one account.
  std::vector<Entry> list(const std::string& account_id) const;
  // Forgets it. False when there was nothing to forget.
  bool release(const scripts::Scope& scope, const std::string& script);

 private:
  bool is_old(const Entry& entry, SteadyTime now) const {
    return entry.until <= now && now - entry.last > settings_.forget_after;
  }
  void make_room(SteadyTime now);

  Settings settings_;
  std::map<std::string, Entry> entries_;  // by script key
};

}  // namespace atoll::sandbox
