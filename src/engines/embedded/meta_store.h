// MetaStore in one SQLite file. Commits that wait while the disk is busy share the next
// transaction, hence one fsync; reads run on a thread and a connection of their own.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engines/embedded/sqlite.h"
#include "engines/embedded/work_queue.h"
#include "store/meta_store.h"

namespace atoll::engines {

class EmbeddedMetaStore final : public store::MetaStore {
 public:
  // Opens or creates `path`, blocking. Only one process may have it open.
  static Result<std::unique_ptr<EmbeddedMetaStore>> open(const std::string& path);

  Task<Result<std::optional<Record>>> get(std::string key) override;
  Task<Result<std::vector<Record>>> scan(std::string prefix, std::string after,
                                         unsigned limit) override;
  Task<Result<store::Revision>> commit(Transaction transaction) override;

 private:
  struct Commit {
    Transaction transaction;
    Answer<Result<store::Revision>> answer;
  };
  using Outcome = Result<store::Revision>;

  EmbeddedMetaStore(Database writing, Database reading, store::Revision revision);

  void commit_batch(std::vector<Commit>& batch);
  Result<std::vector<Outcome>> commit_together(std::vector<Commit>& batch);
  Outcome apply(const Transaction& transaction, store::Revision next);

  Database writing_;          // the writer's thread
  store::Revision revision_;  // the writer's thread: of the last durable transaction
  Database reading_;          // the reader's thread
  JobQueue reader_;
  WorkQueue<Commit> writer_;
};

}  // namespace atoll::engines
