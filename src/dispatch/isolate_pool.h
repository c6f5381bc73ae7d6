// Ready-made isolates, so that a cold start need not wait for one.
#pragma once

#include <boost/asio/io_context.hpp>
#include <vector>

#include "js/engine.h"

namespace atoll::dispatch {

class IsolatePool {
 public:
  IsolatePool(boost::asio::io_context& loop, js::Engine& engine,
              js::Engine::IsolateLimits limits, std::size_t size);
  ~IsolatePool();

  // A fresh isolate, at once if the pool has one. The pool fills up again when the loop has done
  // the work at hand.
  js::FreshIsolate take();

  void fill_later();

 private:
  boost::asio::io_context& loop_;
  js::Engine& engine_;
  js::Engine::IsolateLimits limits_;
  std::size_t size_;
  std::vector<js::FreshIsolate> spare_;
  bool filling_ = false;
};

}  // namespace atoll::dispatch
