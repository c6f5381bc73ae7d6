// What the gate decides, as rows of the audit. A script that makes very many is told in sums, so
// that it can neither fill the audit nor wash its traces, or others', out of it.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <string>
#include <unordered_map>

#include "base/json.h"
#include "egress/audit_files.h"
#include "egress/decision_log.h"

namespace atoll::egress {

class AuditTrail final : public DecisionLog {
 public:
  // Of one script, each minute; further ones become one row for each verdict and rule.
  static constexpr std::uint32_t kRowsPerMinute = 600;
  static constexpr std::size_t kSumsPerScript = 64;

  // `files` outlives the trail.
  AuditTrail(boost::asio::io_context& loop, AuditFiles& files,
             std::chrono::milliseconds minute = std::chrono::minutes(1));
  ~AuditTrail() override { write_sums(); }

  // Tells what is only summed up so far.
  void write_sums();

  void decided(const Request& request, const Decided& decided) override;
  void ended(const Request& request, const Ended& connection) override;

 private:
  struct Sum {
    Json row;  // of the last one that was added
    std::uint64_t count = 0;
    std::uint64_t bytes_sent = 0;
    std::uint64_t bytes_received = 0;
  };
  struct Script {
    std::uint32_t rows = 0;  // in this minute
    std::unordered_map<std::string, Sum> sums;
  };

  void tell(const Request& request, Json row);
  void end_minute_later();

  AuditFiles& files_;
  const std::chrono::milliseconds minute_;
  boost::asio::steady_timer timer_;
  bool waits_ = false;
  std::unordered_map<std::string, Script> scripts_;  // of this minute
};

}  // namespace atoll::egress
