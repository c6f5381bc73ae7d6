// What a host does before it serves: opens what it needs, gives up everything else, starts V8.
#pragma once

#include <memory>

#include "js/engine.h"
#include "sandbox/wall/layers.h"

namespace atoll::host {

enum class Sandbox { On, Off };

struct StartedUp {
  std::unique_ptr<js::Engine> engine;
  wall::Layers walls;
};

// Once per process, with one thread and the border's descriptor open. Errors: the snapshot that
// lies beside the executable is absent or of another build; a required layer is not to be had.
Result<StartedUp> start_up(Sandbox sandbox);

}  // namespace atoll::host
