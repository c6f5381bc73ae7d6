#include "apps/platform/doctor.h"

#include <cstdio>
#include <string>

#include "sandbox/supervisor/control_groups.h"
#include "sandbox/wall/lock_down.h"

namespace atoll::platform {

int doctor() {
  wall::Layers reached = wall::try_all_layers();
  std::printf("%-20s %-8s %s\n", "layer", "active", "what it does for an isolate host");
  for (unsigned i = 0; i < wall::kLayerCount; ++i) {
    auto layer = static_cast<wall::Layer>(i);
    std::string active = reached.has(layer) ? "yes" : wall::is_required(layer) ? "MISSING" : "no";
    std::printf("%-20s %-8s %s\n", std::string(wall::layer_name(layer)).c_str(), active.c_str(),
                std::string(wall::layer_purpose(layer)).c_str());
  }
  auto groups = sandbox::ControlGroups::own_folder();
  std::printf("%-20s %-8s %s\n", "control_groups", groups ? "yes" : "no",
              groups ? groups->c_str() : "limits of memory and CPU time from outside of the hosts");
  bool good = reached.has_required();
  std::puts(good ? "The required layers are active."
                 : "A required layer is missing: serve starts with --unsafe-no-sandbox only.");
  return good ? 0 : 1;
}

}  // namespace atoll::platform
