#include "dispatch/isolate_pool.h"

#include <boost/asio/post.hpp>

namespace atoll::dispatch {
namespace {

// Without a cold start for so long, making more isolates delays nobody.
constexpr std::chrono::milliseconds kQuietFor{20};

}  // namespace

IsolatePool::IsolatePool(boost::asio::io_context& loop, js::Engine& engine,
                         js::Engine::IsolateLimits limits, std::size_t size)
    : loop_(loop), engine_(engine), limits_(limits), size_(size), quiet_(loop) {}

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
  if (spare_.size() >= size_) return;
  if (spare_.empty() && !filling_) {
    filling_ = true;
    // Twice, so that what is already queued, such as the answer of this cold start, goes first.
    boost::asio::post(loop_, [this] {
      boost::asio::post(loop_, [this] {
        filling_ = false;
        if (spare_.empty()) add_one();
      });
    });
  }
  quiet_.expires_after(kQuietFor);
  quiet_.async_wait([this](boost::system::error_code error) {
    if (error || spare_.size() >= size_) return;
    add_one();
    fill_later();
  });
}

void IsolatePool::add_one() { spare_.push_back(engine_.new_isolate(limits_)); }

}  // namespace atoll::dispatch
