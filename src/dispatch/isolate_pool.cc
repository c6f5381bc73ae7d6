#include "dispatch/isolate_pool.h"

#include <boost/asio/post.hpp>

namespace atoll::dispatch {

IsolatePool::IsolatePool(boost::asio::io_context& loop, js::Engine& engine,
                         js::Engine::IsolateLimits limits, std::size_t size)
    : loop_(loop), engine_(engine), limits_(limits), size_(size) {}

IsolatePool::~IsolatePool() {
  for (js::FreshIsolate& fresh : spare_) engine_.dispose(std::move(fresh));
}

js::FreshIsolate IsolatePool::take() {
  fill_later();
  if (spare_.empty()) return engine_.new_isolate(limits_);
  js::FreshIsolate fresh = std::move(spare_.back());
  spare_.pop_back();
  return fresh;
}

void IsolatePool::fill_later() {
  if (filling_ || spare_.size() >= size_) return;
  filling_ = true;
  // Twice, so that what is already queued, such as the answer of this cold start, goes first.
  boost::asio::post(loop_, [this] {
    boost::asio::post(loop_, [this] {
      filling_ = false;
      if (spare_.size() >= size_) return;
      spare_.push_back(engine_.new_isolate(limits_));
      fill_later();
    });
  });
}

}  // namespace atoll::dispatch
