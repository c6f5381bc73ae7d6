#include "apps/platform/held_scripts_view.h"

#include <algorithm>

namespace atoll::platform {

std::vector<management::HeldScripts::Held> HeldScriptsView::list(const std::string& account_id) {
  std::vector<Held> all;
  auto now = std::chrono::steady_clock::now();
  for (auto& entry : quarantine_.list(account_id)) {
    auto left = std::chrono::ceil<std::chrono::milliseconds>(entry.until - now);
    all.push_back({std::move(entry.scope), std::move(entry.script), entry.deaths,
                   std::move(entry.reason), std::move(entry.request_id), entry.last_on,
                   std::max(left, std::chrono::milliseconds(0))});
  }
  return all;
}

}  // namespace atoll::platform
