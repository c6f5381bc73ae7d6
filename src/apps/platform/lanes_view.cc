#include "apps/platform/lanes_view.h"

#include <boost/asio/detached.hpp>

namespace atoll::platform {

std::vector<management::PlatformLanes::Host> LanesView::hosts() {
  std::vector<Host> all;
  fleet_.for_each_host([&](const sandbox::Host& host) {
    Host& shown = all.emplace_back();
    shown.index = host.index();
    shown.lane = host.lane();
    shown.state = host.state();
    shown.pid = host.pid();
    shown.resident_bytes = host.resident_bytes();
    auto session = host.session();
    if (!session) return;
    const border::Stats& stats = session->stats();
    shown.isolate_bytes = stats.isolate_bytes;
    shown.isolates = stats.isolates;
    shown.connections = stats.connections;
    shown.invocations = stats.invocations;
    for (const border::IsolateMemory& isolate : host.largest_isolates()) {
      const sandbox::VersionGrant* version = session->version(isolate.version);
      if (version == nullptr) continue;  // a host can only tell of what it was given
      shown.largest.push_back({version->scope, version->script, version->version_id, isolate.heap,
                               isolate.external, isolate.wasm});
    }
  });
  return all;
}

std::vector<management::PlatformLanes::Busy> LanesView::busy(const std::string& account_id) {
  std::vector<Busy> all;
  for (auto& [entry, share] : services_.busy.list(account_id, std::chrono::steady_clock::now())) {
    all.push_back({std::move(entry.scope), std::move(entry.script), share, entry.busy_since});
  }
  return all;
}

void LanesView::replace_hosts() {
  asio::co_spawn(loop_, fleet_.replace_all("asked for"), asio::detached);
}

}  // namespace atoll::platform
