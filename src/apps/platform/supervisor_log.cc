#include "apps/platform/supervisor_log.h"

namespace atoll::platform {

void SupervisorLog::event(border::LogLevel level, std::string_view name, const Json& fields) {
  if (level < writer_.least()) return;
  std::string out;
  {
    observability::LogLine line(writer_.format(), level, wall_now(), name, out);
    for (const auto& [key, value] : fields.items()) {
      if (value.is_string()) {
        line.field(key, value.get_ref<const std::string&>());
      } else {
        line.json_field(key, dump_json(value));
      }
    }
  }
  writer_.write(out);
}

}  // namespace atoll::platform
