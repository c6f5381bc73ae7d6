#include "apps/isolate_host/host_links.h"

#include <algorithm>

namespace atoll::host {
namespace {

using dispatch::Link;
using dispatch::LinkSide;

class RemoteScript final : public dispatch::ScriptTable::Remote {
 public:
  RemoteScript(std::shared_ptr<Link> link, border::Handle script)
      : link_(std::move(link)), script_(script) {}
  bool usable() const override { return link_->usable(); }
  void deliver(std::string entrypoint, runtime::Event& event) override {
    link_->deliver(script_, std::move(entrypoint), event);
  }

 private:
  std::shared_ptr<Link> link_;
  border::Handle script_;
};

}  // namespace

Result<std::unique_ptr<dispatch::ScriptTable::Remote>> HostLinks::reach(
    border::SupervisorLink::Loaded loaded) {
  std::uint64_t number = loaded.script.link;
  if (!loaded.descriptors.empty()) {
    called_[number] =
        Link::open(scheduler_, std::move(loaded.descriptors.front()), LinkSide::Caller, *this);
  }
  auto found = called_.find(number);
  if (found == called_.end() || !found->second->usable()) {
    supervisor_.link_closed(number);  // the next answer brings one
    return fail(Error(ErrorKind::Unavailable, "Network connection lost."));
  }
  return std::make_unique<RemoteScript>(found->second, loaded.script.link_target);
}

void HostLinks::serve(std::uint64_t number, UniqueFd socket) {
  served_[number] = Link::open(scheduler_, std::move(socket), LinkSide::Server, *this);
  if (leaves_) served_[number]->leave();
}

void HostLinks::allow(std::uint64_t number, border::Handle script) {
  auto found = served_.find(number);
  if (found != served_.end()) found->second->allow(script);
}

void HostLinks::deliver(border::Handle script, std::string entrypoint,
                        std::unique_ptr<runtime::Event> event) {
  ++calls_;
  scripts_.deliver({script, {}}, std::move(entrypoint), std::move(event));
}

void HostLinks::on_unusable(Link& link) {
  for (auto& [number, called] : called_) {
    if (called.get() != &link) continue;
    retired_.insert(called);
    supervisor_.link_closed(number);
    called_.erase(number);
    return;
  }
}

void HostLinks::on_over(Link& link) {
  std::erase_if(retired_, [&](const auto& one) { return one.get() == &link; });
  std::erase_if(served_, [&](const auto& one) { return one.second.get() == &link; });
}

void HostLinks::leave() {
  leaves_ = true;
  for (auto& [number, link] : served_) link->leave();
}

bool HostLinks::idle() const {
  return std::ranges::all_of(served_, [](const auto& one) { return one.second->idle(); });
}

std::uint32_t HostLinks::in_use() const {
  return static_cast<std::uint32_t>(
      std::ranges::count_if(served_, [](const auto& one) { return one.second->in_use(); }));
}

}  // namespace atoll::host
