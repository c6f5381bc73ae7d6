// The egress gate as the supervisor's sessions see it, and where its decisions are told.
#pragma once

#include "egress/audit_trail.h"
#include "egress/gate.h"
#include "sandbox/supervisor/event_log.h"
#include "sandbox/supervisor/way_out.h"

namespace atoll::platform {

// Tells the audit, and at level debug the log.
class EgressLog final : public egress::DecisionLog {
 public:
  EgressLog(boost::asio::io_context& loop, egress::AuditFiles& files, sandbox::EventLog& log)
      : trail_(loop, files), log_(log) {}

  void decided(const egress::Request& request, const Decided& decided) override;
  void ended(const egress::Request& request, const Ended& connection) override;
  void finish() { trail_.write_sums(); }

 private:
  egress::AuditTrail trail_;
  sandbox::EventLog& log_;
};

class EgressWayOut final : public sandbox::WayOut {
 public:
  EgressWayOut(boost::asio::io_context& loop, egress::Rules rules, egress::Limits limits,
               std::unique_ptr<egress::Resolver> resolver, egress::AuditFiles& audit,
               sandbox::EventLog& log)
      : loop_(loop),
        log_(loop, audit, log),
        resolver_(std::move(resolver)),
        gate_(loop, std::move(rules), limits, *resolver_, log_) {}

  egress::Gate& gate() { return gate_; }

  // Keeps what is counted towards quotas of bytes in that file, a few seconds late at most.
  void remember_bytes_in(std::string path);

  // Tells and keeps what is not yet told and kept; before the process ends.
  void finish();

  Task<Result<Opened>> open(sandbox::WayOutRequest request, std::uint64_t owner) override;
  void cut(std::uint64_t id) override { gate_.cut(id); }
  void release(std::uint64_t owner) override { gate_.release(owner); }

 private:
  Task<void> save_bytes_now_and_then();
  void save_bytes();

  boost::asio::io_context& loop_;
  std::string bytes_path_;
  std::string saved_bytes_;
  EgressLog log_;
  std::unique_ptr<egress::Resolver> resolver_;
  egress::Gate gate_;
};

}  // namespace atoll::platform
