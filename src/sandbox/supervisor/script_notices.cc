#include "sandbox/supervisor/script_notices.h"

namespace atoll::sandbox {

Task<void> ScriptNotices::on_script_changed(scripts::Scope scope, std::string name) {
  if (fleet_) co_await fleet_->script_changed(std::move(scope), std::move(name));
}

Task<void> ScriptNotices::on_namespace_changed(scripts::Scope scope) {
  if (fleet_) co_await fleet_->namespace_changed(std::move(scope));
}

Task<void> ScriptNotices::on_routes_changed() {
  if (fleet_) co_await fleet_->routes_changed();
}

Task<void> ScriptNotices::on_kv_namespace_deleted(std::string id) {
  auto dropped = co_await kv_.drop_namespace(id);
  if (!dropped) {
    log_.event(LogLevel::Error, "kv_namespace_not_emptied",
               {{"namespace", id}, {"error", dropped.error().message()}});
  }
  if (fleet_) co_await fleet_->kv_changed(std::move(id), {});
}

}  // namespace atoll::sandbox
