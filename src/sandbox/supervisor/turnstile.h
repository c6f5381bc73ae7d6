// Lets a limited number of coroutines through at a time, in the order they came. One thread.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <deque>

#include "async/task.h"

namespace atoll::sandbox {

class Turnstile {
 public:
  // Outlives everyone inside and waiting, or is destroyed together with them.
  Turnstile(asio::io_context& loop, std::size_t places) : loop_(loop), places_(places) {}

  class Place {
   public:
    explicit Place(Turnstile& turnstile) : turnstile_(&turnstile) {}
    Place(Place&& other) noexcept : turnstile_(std::exchange(other.turnstile_, nullptr)) {}
    ~Place() {
      if (turnstile_) turnstile_->leave();
    }

   private:
    Turnstile* turnstile_;
  };

  // The place is free again when the result is destroyed.
  Task<Place> enter() {
    if (places_ > 0) {
      --places_;
      co_return Place(*this);
    }
    asio::steady_timer turn(loop_, std::chrono::steady_clock::time_point::max());
    waiting_.push_back(&turn);
    co_await turn.async_wait(kAwaitTuple);
    co_return Place(*this);  // handed over by the one who left
  }

 private:
  void leave() {
    if (waiting_.empty()) {
      ++places_;
      return;
    }
    asio::steady_timer* next = waiting_.front();
    waiting_.pop_front();
    next->cancel();
  }

  asio::io_context& loop_;
  std::size_t places_;
  std::deque<asio::steady_timer*> waiting_;
};

}  // namespace atoll::sandbox
