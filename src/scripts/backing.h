// What the registry's classes stand on. Private to this room.
#pragma once

#include "scripts/script_events.h"
#include "store/blob_store.h"
#include "store/meta_store.h"

namespace atoll::scripts {

struct Backing {
  store::MetaStore& meta;
  store::BlobStore& blobs;
  ScriptEvents& events;
};

}  // namespace atoll::scripts
