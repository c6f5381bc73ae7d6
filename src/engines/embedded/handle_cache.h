// The open handles used last, by name. Belongs to one thread.
#pragma once

#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

namespace atoll::engines {

template <typename Handle>
class HandleCache {
 public:
  explicit HandleCache(std::size_t capacity) : capacity_(capacity) {}

  // Null when not open. Valid until the next add() or close().
  Handle* find(const std::string& name) {
    auto found = places_.find(name);
    if (found == places_.end()) return nullptr;
    order_.splice(order_.begin(), order_, found->second);
    return order_.front().second.get();
  }

  // Closes the handle that was unused for longest when there are too many.
  Handle* add(const std::string& name, std::unique_ptr<Handle> handle) {
    close(name);
    order_.emplace_front(name, std::move(handle));
    places_[name] = order_.begin();
    if (order_.size() > capacity_) close(order_.back().first);
    return order_.front().second.get();
  }

  void close(std::string name) {
    auto found = places_.find(name);
    if (found == places_.end()) return;
    order_.erase(found->second);
    places_.erase(found);
  }

  template <typename Visit>
  void for_each(Visit visit) {
    for (auto& [name, handle] : order_) visit(*handle);
  }

 private:
  using Order = std::list<std::pair<std::string, std::unique_ptr<Handle>>>;

  std::size_t capacity_;
  Order order_;  // last used first
  std::unordered_map<std::string, typename Order::iterator> places_;
};

}  // namespace atoll::engines
