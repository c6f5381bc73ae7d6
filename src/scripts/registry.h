// The typed registry of the control plane over MetaStore and BlobStore. Keys and encodings are
// private to this room.
//
// Promises common to all its classes:
//  * Each operation is one transaction: all of it happens or nothing, and it is durable when the
//    task completes. Concurrent changes are retried inside; after too many the answer is
//    Unavailable.
//  * Operations read what every acknowledged operation wrote.
//  * ScriptEvents are awaited before a changing operation answers.
//  * `find_…` yields nothing where there is nothing; NotFound is an Error only where the operation
//    needs the thing. Conflict means a unique name is taken. Messages fit to be shown to the
//    client.
//  * Everything runs on the executor that awaits it; the stores and the listener outlive the
//  registry,
//    the registry outlives its running operations.
#pragma once

#include "scripts/accounts.h"
#include "scripts/dispatch_namespaces.h"
#include "scripts/egress_policies.h"
#include "scripts/kv_namespaces.h"
#include "scripts/routes.h"
#include "scripts/scripts.h"
#include "scripts/trust_groups.h"

namespace atoll::scripts {

class Registry {
 public:
  Registry(store::MetaStore& meta, store::BlobStore& blobs, ScriptEvents& events)
      : accounts({meta, blobs, events}),
        dispatch_namespaces({meta, blobs, events}),
        scripts({meta, blobs, events}),
        kv_namespaces({meta, blobs, events}),
        routes({meta, blobs, events}),
        egress_policies({meta, blobs, events}),
        trust_groups({meta, blobs, events}) {}
  Registry(const Registry&) = delete;

  Accounts accounts;
  DispatchNamespaces dispatch_namespaces;
  Scripts scripts;
  KvNamespaces kv_namespaces;
  Routes routes;
  EgressPolicies egress_policies;
  TrustGroups trust_groups;
};

}  // namespace atoll::scripts
