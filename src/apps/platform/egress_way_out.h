// The egress gate as the supervisor's sessions see it, and the log of its decisions.
#pragma once

#include "egress/gate.h"
#include "sandbox/supervisor/event_log.h"
#include "sandbox/supervisor/way_out.h"

namespace atoll::platform {

class EgressLog final : public egress::DecisionLog {
 public:
  explicit EgressLog(sandbox::EventLog& log) : log_(log) {}

  void decided(const egress::Request& request, const std::string& address,
               const egress::Decision& decision) override;
  void ended(const egress::Request& request, const Ended& connection) override;

 private:
  sandbox::EventLog& log_;
};

class EgressWayOut final : public sandbox::WayOut {
 public:
  EgressWayOut(boost::asio::io_context& loop, egress::Rules rules, egress::Limits limits,
               sandbox::EventLog& log)
      : log_(log), gate_(loop, std::move(rules), limits, resolver_, log_) {}

  Task<Result<Opened>> open(sandbox::WayOutRequest request, std::uint64_t owner) override;
  void cut(std::uint64_t id) override { gate_.cut(id); }
  void release(std::uint64_t owner) override { gate_.release(owner); }

 private:
  EgressLog log_;
  egress::SystemResolver resolver_;
  egress::Gate gate_;
};

}  // namespace atoll::platform
