// Ready-made isolates, so that a cold start need not wait for one.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <vector>

#include "js/engine.h"

namespace atoll::dispatch {

class IsolatePool {
 public:
  IsolatePool(boost::asio::io_context& loop, js::Engine& engine, js::Engine::IsolateLimits limits,
              std::size_t size);
  ~IsolatePool();

  // A fresh isolate, at once if the pool has one. One more is made when the loop has done the work
  // at hand, the rest when it has been left in peace for a while.
  js::FreshIsolate take();

  void fill_later();

  std::size_t spare() const { return spare_.size(); }

 private:
  boost::asio::io_context& loop_;
  js::Engine& engine_;
  js::Engine::IsolateLimits limits_;
  std::size_t size_;
  void add_one();

  std::vector<js::FreshIsolate> spare_;
  boost::asio::steady_timer quiet_;
  bool filling_ = false;
};

}  // namespace atoll::dispatch
