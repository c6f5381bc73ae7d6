#include "apps/platform/egress_way_out.h"

namespace atoll::platform {
namespace {

std::string_view api_name(border::OutgoingApi api) {
  switch (api) {
    case border::OutgoingApi::Fetch:
      return "fetch";
    case border::OutgoingApi::Connect:
      return "connect";
    case border::OutgoingApi::WebSocket:
      return "websocket";
    case border::OutgoingApi::EventSource:
      return "eventsource";
  }
  return "fetch";
}

Json fields_of(const egress::Request& request) {
  return {{"account", request.account_id},
          {"namespace", request.namespace_id},
          {"script", request.script},
          {"version", request.version_id},
          {"api", request.api},
          {"method", request.method},
          {"host", request.host},
          {"port", request.port}};
}

}  // namespace

void EgressLog::decided(const egress::Request& request, const std::string& address,
                        const egress::Decision& decision) {
  Json fields = fields_of(request);
  fields["address"] = address;
  fields["allowed"] = decision.allowed;
  fields["rule"] = decision.rule;
  log_.event(border::LogLevel::Debug, "egress_decided", fields);
}

void EgressLog::ended(const egress::Request& request, const Ended& connection) {
  Json fields = fields_of(request);
  fields["address"] = connection.address;
  fields["rule"] = connection.rule;
  fields["bytes_sent"] = connection.bytes_sent;
  fields["bytes_received"] = connection.bytes_received;
  fields["duration_ms"] = connection.lasted.count();
  log_.event(border::LogLevel::Debug, "egress_ended", fields);
}

Task<Result<sandbox::WayOut::Opened>> EgressWayOut::open(sandbox::WayOutRequest request,
                                                         std::uint64_t owner) {
  border::Connect& wanted = request.wanted;
  if (wanted.port == 0 || wanted.port > 65'535) {
    co_return fail(invalid_input("a port is a number from 1 to 65535"));
  }
  egress::Request asked{std::move(request.scope.account_id),
                        std::move(request.scope.namespace_id),
                        std::move(request.script),
                        std::move(request.version_id),
                        std::string(api_name(wanted.api)),
                        wanted.method.substr(0, 32),
                        std::move(wanted.host),
                        static_cast<std::uint16_t>(wanted.port)};
  auto opened = co_await gate_.open(std::move(asked), owner);
  CO_CHECK(opened);
  co_return Opened{opened->id,
                   std::move(opened->socket),
                   {std::move(opened->remote_address), std::move(opened->local_address)}};
}

}  // namespace atoll::platform
