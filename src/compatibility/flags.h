// Which behaviours a Worker gets, from its compatibility date and flags.
#pragma once

#include <bitset>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "compatibility/flag_table.h"

namespace atoll::compatibility {

// A flag by its name, looked up by the compiler: a misspelt one does not build.
class FlagId {
 public:
  consteval FlagId(const char* name) : index_(find(name)) {
    if (index_ == kFlags.size()) throw "no such compatibility flag";
  }
  constexpr std::size_t index() const { return index_; }

 private:
  static constexpr std::size_t find(std::string_view name) {
    for (std::size_t i = 0; i < kFlags.size(); ++i) {
      if (kFlags[i].name == name) return i;
    }
    return kFlags.size();
  }

  std::size_t index_;
};

// The behaviours that are on, by FlagId. A small value without an owner.
class FlagSet {
 public:
  FlagSet() = default;

  // Names that mean nothing are passed over: a stored version may be older or newer than the
  // table. `date` is an ISO date; an empty one is before all others.
  FlagSet(std::string_view date, const std::vector<std::string>& flags);

  bool has(FlagId flag) const { return on_[flag.index()]; }
  // By a name known at run time only; false for an unknown one.
  bool has_named(std::string_view name) const;
  bool at(std::size_t index) const { return on_[index]; }  // of kFlags[index]

 private:
  std::bitset<kFlags.size()> on_;
};

// InvalidInput that names the flag which is unknown, given twice, or contradicts another.
Result<void> check_flags(const std::vector<std::string>& flags);

}  // namespace atoll::compatibility
