#include "egress/audit_trail.h"

namespace atoll::egress {
namespace {

constexpr std::size_t kMaxHostBytes = 253;  // as asked for, which may be anything

Json row_of(const char* event, std::string_view verdict, const Request& request) {
  return {{"time", wall_now().time_since_epoch().count()},
          {"event", event},
          {"verdict", verdict},
          {"account", request.account_id},
          {"namespace", request.namespace_id},
          {"script", request.script},
          {"version", request.version_id},
          {"handler", request.handler},
          {"request_id", request.request_id},
          {"api", request.api},
          {"method", request.method},
          {"host", request.host.substr(0, kMaxHostBytes)},
          {"port", request.port}};
}

std::uint64_t number_in(const Json& row, const char* member) {
  const Json& value = json_member(row, member);
  return value.is_number_unsigned() ? value.get<std::uint64_t>() : 0;
}

}  // namespace

AuditTrail::AuditTrail(boost::asio::io_context& loop, AuditFiles& files,
                       std::chrono::milliseconds minute)
    : files_(files), minute_(minute), timer_(loop) {}

void AuditTrail::decided(const Request& request, const Decided& decided) {
  Json row = row_of("decision", verdict_name(decided.verdict), request);
  row["address"] = decided.address;
  row["rule"] = decided.rule;
  if (decided.judged.size() > 1) {
    Json& judged = row["judged"] = Json::array();
    for (const Judged& one : decided.judged) {
      judged.push_back({{"address", one.address}, {"allowed", one.allowed}, {"rule", one.rule}});
    }
  }
  if (!decided.failure.empty()) row["failure"] = decided.failure;
  if (decided.connection != 0) row["connection"] = decided.connection;
  tell(request, std::move(row));
}

void AuditTrail::ended(const Request& request, const Ended& connection) {
  Json row = row_of("end", verdict_name(Verdict::Allowed), request);
  row["address"] = connection.address;
  row["rule"] = connection.rule;
  row["connection"] = connection.connection;
  row["bytes_sent"] = connection.bytes_sent;
  row["bytes_received"] = connection.bytes_received;
  row["duration_ms"] = connection.lasted.count();
  if (!connection.cut_by.empty()) row["cut_by"] = connection.cut_by;
  tell(request, std::move(row));
}

void AuditTrail::tell(const Request& request, Json row) {
  Script& script = scripts_[request.account_id + "/" + request.namespace_id + "/" + request.script];
  end_minute_later();
  if (script.rows < kRowsPerMinute) {
    ++script.rows;
    return files_.append(dump_json(row));
  }
  std::string kind = json_string(row, "event") + " " + json_string(row, "verdict") + " " +
                     json_string(row, "rule");
  // Rules are the owner's and few; this is for a bound that does not depend on that.
  if (script.sums.size() >= kSumsPerScript && !script.sums.contains(kind)) {
    kind = "others";
    row["rule"] = "others";
  }
  Sum& sum = script.sums[kind];
  ++sum.count;
  sum.bytes_sent += number_in(row, "bytes_sent");
  sum.bytes_received += number_in(row, "bytes_received");
  sum.row = std::move(row);
}

void AuditTrail::write_sums() {
  for (auto& [name, script] : scripts_) {
    for (auto& [kind, sum] : script.sums) {
      sum.row["time"] = wall_now().time_since_epoch().count();
      sum.row["count"] = sum.count;
      if (sum.row.contains("bytes_sent")) {
        sum.row["bytes_sent"] = sum.bytes_sent;
        sum.row["bytes_received"] = sum.bytes_received;
      }
      files_.append(dump_json(sum.row));
    }
  }
  scripts_.clear();
}

void AuditTrail::end_minute_later() {
  if (waits_) return;
  waits_ = true;
  timer_.expires_after(minute_);
  timer_.async_wait([this](boost::system::error_code error) {
    if (error) return;
    waits_ = false;
    write_sums();
  });
}

}  // namespace atoll::egress
