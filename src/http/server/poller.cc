#include "http/server/poller.h"

#include <array>
#include <tuple>

#include "base/check.h"

namespace atoll::http {
namespace {

constexpr int kBatch = 256;

int make_epoll() {
  int fd = ::epoll_create1(EPOLL_CLOEXEC);
  CHECK(fd >= 0);
  return fd;
}

epoll_event event_for(std::uint32_t events, Pollable& pollable) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &pollable;
  return event;
}

}  // namespace

Poller::Poller(asio::io_context& io, AfterEach after_each)
    : epoll_(io, make_epoll()), after_each_(std::move(after_each)) {}

void Poller::start() { wait(); }

void Poller::stop() {
  boost::system::error_code ignored;
  std::ignore = epoll_.close(ignored);
}

void Poller::wait() {
  epoll_.async_wait(asio::posix::stream_descriptor::wait_read,
                    [weak = weak_from_this()](boost::system::error_code error) {
                      auto self = weak.lock();
                      if (error || !self || !self->epoll_.is_open()) return;
                      self->serve_batch();
                      if (self->epoll_.is_open()) self->wait();
                    });
}

void Poller::serve_batch() {
  std::array<epoll_event, kBatch> events;
  int count = ::epoll_wait(epoll_.native_handle(), events.data(), kBatch, 0);
  auto began = std::chrono::steady_clock::now();
  if (!std::exchange(more_are_ready_, count == kBatch)) begin_lap(began);
  in_batch_ = true;
  for (int i = 0; i < count; ++i) {
    auto& event = events[static_cast<std::size_t>(i)];
    auto* pollable = static_cast<Pollable*>(event.data.ptr);
    // A listener with clients in its queue comes up in every batch.
    if (pollable->served_in_lap_ == lap_ && !pollable->is_always_ready()) begin_lap(began);
    pollable->served_in_lap_ = lap_;
    pollable->on_ready(event.events);
    after_each_(false);
  }
  in_batch_ = false;
  after_each_(true);
  batch_took_ = std::chrono::steady_clock::now() - began;
}

void Poller::give_away(int queue_in) {
  std::array<epoll_event, kBatch> events;
  int count = ::epoll_wait(epoll_.native_handle(), events.data(), kBatch, 0);
  for (int i = 0; i < count; ++i) {
    auto& event = events[static_cast<std::size_t>(i)];
    if (!static_cast<Pollable*>(event.data.ptr)->give_away(queue_in, event.events)) return;
  }
}

void Poller::begin_lap(std::chrono::steady_clock::time_point now) {
  ++lap_;
  lap_began_ = now;
}

bool Poller::add(int fd, std::uint32_t events, Pollable& pollable) {
  epoll_event event = event_for(events, pollable);
  return ::epoll_ctl(epoll_.native_handle(), EPOLL_CTL_ADD, fd, &event) == 0;
}

void Poller::change(int fd, std::uint32_t events, Pollable& pollable) {
  epoll_event event = event_for(events, pollable);
  CHECK(::epoll_ctl(epoll_.native_handle(), EPOLL_CTL_MOD, fd, &event) == 0);
}

void Poller::remove(int fd) { ::epoll_ctl(epoll_.native_handle(), EPOLL_CTL_DEL, fd, nullptr); }

}  // namespace atoll::http
