// The links of this host to hosts of other lanes: those it calls over and those it serves.
#pragma once

#include <map>
#include <memory>
#include <set>

#include "dispatch/links/link.h"
#include "dispatch/script_table.h"
#include "sandbox/border/supervisor_link.h"

namespace atoll::host {

class HostLinks final : private dispatch::Link::Owner {
 public:
  // All outlive this.
  HostLinks(runtime::Scheduler& scheduler, border::SupervisorLink& supervisor,
            dispatch::ScriptTable& scripts)
      : scheduler_(scheduler), supervisor_(supervisor), scripts_(scripts) {}

  // For ScriptTable::reach_others_by.
  Result<std::unique_ptr<dispatch::ScriptTable::Remote>> reach(
      border::SupervisorLink::Loaded loaded);

  void serve(std::uint64_t number, UniqueFd socket);
  void allow(std::uint64_t number, border::Handle script);

  // This host will end: callers of other hosts are to look elsewhere.
  void leave();
  // Nothing is under way over any link that is served, and nothing more will come.
  bool idle() const;
  std::uint32_t in_use() const;                   // of the links that are served
  std::uint64_t calls() const { return calls_; }  // that came over them so far

 private:
  void deliver(border::Handle script, std::string entrypoint,
               std::unique_ptr<runtime::Event> event) override;
  void on_unusable(dispatch::Link& link) override;
  void on_over(dispatch::Link& link) override;

  runtime::Scheduler& scheduler_;
  border::SupervisorLink& supervisor_;
  dispatch::ScriptTable& scripts_;
  std::map<std::uint64_t, std::shared_ptr<dispatch::Link>> called_;
  std::map<std::uint64_t, std::shared_ptr<dispatch::Link>> served_;
  // Of no use for new calls, but not over.
  std::set<std::shared_ptr<dispatch::Link>> retired_;
  std::uint64_t calls_ = 0;
  bool leaves_ = false;
};

}  // namespace atoll::host
