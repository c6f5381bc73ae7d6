// Lets only so many connections of one asker be opened at a time: the platform refuses more, and a
// script that sends many requests at once should wait, not fail. Internal to the client.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <unordered_map>

namespace atoll::http {

class OpeningQueue {
 public:
  OpeningQueue(std::size_t at_once, std::size_t waiting)
      : at_once_(at_once), most_waiting_(waiting) {}

  // Begins to open a connection; false when none is wanted any more.
  using Turn = std::move_only_function<bool()>;

  // Calls `turn` now or when its time has come. False when too many wait already. After a turn that
  // began, done() follows once.
  [[nodiscard]] bool enter(std::uint64_t asker, Turn turn);
  void done(std::uint64_t asker);

 private:
  struct Asker {
    std::size_t opening = 0;
    std::deque<Turn> waiting;
  };

  const std::size_t at_once_;
  const std::size_t most_waiting_;
  std::unordered_map<std::uint64_t, Asker> askers_;
};

}  // namespace atoll::http
