// The policies that are set, by what they are set for. One thread.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "egress/policy.h"

namespace atoll::egress {

// What a policy is set for: `script` empty means every script of the namespace.
struct PolicyTarget {
  std::string account_id;
  std::string namespace_id;  // empty for account-level scripts
  std::string script;

  bool covers(const Request& request) const;
};

class PolicyTable {
 public:
  void set(const PolicyTarget& target, ScriptPolicy policy);
  void remove(const PolicyTarget& target);

  // What applies to who asks: the script's own policy, then its namespace's.
  class Applied {
   public:
    std::span<const AppliedPolicy> policies() const { return {policies_.data(), count_}; }
    // Each member from the first policy that sets it.
    const Quotas& quotas() const { return quotas_; }

   private:
    friend PolicyTable;
    void add(const ScriptPolicy& policy, std::string_view level);

    std::array<AppliedPolicy, 2> policies_;
    std::size_t count_ = 0;
    Quotas quotas_;
  };
  // Valid until the next change.
  Applied of(const Request& request) const;

 private:
  std::unordered_map<std::string, ScriptPolicy> policies_;
};

}  // namespace atoll::egress
