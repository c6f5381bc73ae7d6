#include "apps/platform/egress_way_out.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/check.h"

namespace atoll::platform {
namespace {

constexpr auto kSaveBytesEvery = std::chrono::seconds(2);
constexpr std::size_t kMaxWordBytes = 64;  // of what a host says about a request

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

void EgressLog::decided(const egress::Request& request, const Decided& decided) {
  trail_.decided(request, decided);
  Json fields = fields_of(request);
  fields["address"] = decided.address;
  fields["verdict"] = egress::verdict_name(decided.verdict);
  fields["rule"] = decided.rule;
  log_.event(border::LogLevel::Debug, "egress_decided", fields);
}

void EgressLog::ended(const egress::Request& request, const Ended& connection) {
  trail_.ended(request, connection);
  Json fields = fields_of(request);
  fields["address"] = connection.address;
  fields["rule"] = connection.rule;
  fields["bytes_sent"] = connection.bytes_sent;
  fields["bytes_received"] = connection.bytes_received;
  fields["duration_ms"] = connection.lasted.count();
  log_.event(border::LogLevel::Debug, "egress_ended", fields);
}

void EgressWayOut::remember_bytes_in(std::string path) {
  bytes_path_ = std::move(path);
  std::ifstream file(bytes_path_, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (auto counted = parse_json(std::move(text).str())) gate_.restore_counted_bytes(*counted);
  asio::co_spawn(loop_, save_bytes_now_and_then(),
                 [](std::exception_ptr thrown) { CHECK(!thrown); });
}

Task<void> EgressWayOut::save_bytes_now_and_then() {
  for (;;) {
    asio::steady_timer pause(loop_, kSaveBytesEvery);
    co_await pause.async_wait(kAwaitTuple);
    save_bytes();
  }
}

// A few lines at most times: only scripts with a quota are counted.
void EgressWayOut::save_bytes() {
  std::string text = dump_json(gate_.counted_bytes());
  if (text == saved_bytes_ || bytes_path_.empty()) return;
  std::string fresh = bytes_path_ + ".new";
  std::ofstream(fresh, std::ios::binary | std::ios::trunc) << text;
  std::error_code error;
  std::filesystem::rename(fresh, bytes_path_, error);
  if (!error) saved_bytes_ = std::move(text);
}

void EgressWayOut::finish() {
  log_.finish();
  save_bytes();
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
                        wanted.method.substr(0, kMaxWordBytes),
                        std::move(wanted.host),
                        static_cast<std::uint16_t>(wanted.port),
                        wanted.handler.substr(0, kMaxWordBytes),
                        wanted.request_id.substr(0, kMaxWordBytes)};
  auto opened = co_await gate_.open(std::move(asked), owner);
  CO_CHECK(opened);
  co_return Opened{
      opened->id,
      std::move(opened->socket),
      {std::move(opened->remote_address), std::move(opened->local_address), opened->is_for_method}};
}

}  // namespace atoll::platform
