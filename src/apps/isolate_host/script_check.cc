#include "apps/isolate_host/script_check.h"

namespace atoll::host {
namespace {

Result<std::shared_ptr<runtime::Script>> make_script(border::CheckScript check, UniqueFd bundle) {
  auto script = std::make_shared<runtime::Script>();
  script->code.mapping = TRY(runtime::Mapping::of(std::move(bundle)));
  script->code.bundle = TRY(bundle::BundleView::parse(script->code.mapping->bytes()));
  script->version.compatibility_date = std::move(check.compatibility_date);
  script->version.compatibility_flags = std::move(check.compatibility_flags);
  for (border::CheckBinding& binding : check.bindings) {
    border::Binding made;
    made.name = std::move(binding.name);
    made.type = std::move(binding.type);
    made.text = std::move(binding.payload);
    script->version.bindings.push_back(std::move(made));
  }
  return script;
}

}  // namespace

border::CheckOutcome check_script(runtime::Host& host, dispatch::IsolatePool& pool,
                                  border::CheckScript check, UniqueFd bundle) {
  border::CheckOutcome outcome;
  auto script = make_script(std::move(check), std::move(bundle));
  if (!script) {
    outcome.error = script.error().message();
    return outcome;
  }
  auto worker = runtime::Worker::make(host, *std::move(script), pool.take());
  auto begun = runtime::Watchdog::thread_cpu_time();
  Result<void> started = worker->start();
  auto used = runtime::Watchdog::thread_cpu_time() - begun;
  if (!started) {
    outcome.error = started.error().message();
    return outcome;
  }
  outcome.handlers = worker->handlers();
  for (const runtime::NamedHandlers& named : worker->named_handlers()) {
    outcome.named_handlers.push_back({named.name, named.handlers});
  }
  outcome.startup_time_ms = static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(used).count());
  outcome.code_cache = worker->make_code_cache();
  return outcome;
}

}  // namespace atoll::host
