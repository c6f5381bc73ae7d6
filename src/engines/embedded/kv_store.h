// KvStore with one file per namespace, opened when first used. A namespace always goes to the same
// writing and the same reading lane: a lane is a thread with its own handles. Writes that wait for
// a lane share the next transaction of their namespace, hence one fsync.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "engines/embedded/handle_cache.h"
#include "engines/embedded/kv_file.h"
#include "engines/embedded/work_queue.h"
#include "store/kv_store.h"

namespace atoll::engines {

class EmbeddedKvStore final : public store::KvStore {
 public:
  using Clock = std::function<WallTime()>;  // called from any thread

  struct Shape {
    unsigned writing_lanes = 4;
    unsigned reading_lanes = 2;
    std::size_t open_files = 256;  // each for reading and for writing, over all lanes
    std::chrono::milliseconds purge_every{30'000};  // of expired rows in open files
  };

  // `folder` exists and is this process's own.
  EmbeddedKvStore(std::string folder, Clock now, Shape shape);

  Task<Result<std::optional<Entry>>> get(std::string namespace_id, std::string key) override;
  Task<Result<void>> write(std::string namespace_id, std::vector<Write> writes) override;
  Task<Result<Page>> list(std::string namespace_id, ListQuery query) override;
  Task<Result<void>> drop_namespace(std::string namespace_id) override;

 private:
  struct Change {
    std::string namespace_id;
    std::optional<std::vector<Write>> writes;  // none: drop the namespace
    Answer<Result<void>> answer;
  };
  struct ReadingLane {
    explicit ReadingLane(std::size_t open_files) : files(open_files), jobs(1) {}
    HandleCache<KvFile> files;
    JobQueue jobs;
  };
  struct WritingLane {
    explicit WritingLane(std::size_t open_files) : files(open_files) {}
    HandleCache<KvFile> files;
    std::unordered_set<std::string> swept;  // once per process is enough
    std::unique_ptr<WorkQueue<Change>> changes;
  };

  std::string base_of(const std::string& namespace_id) const;
  ReadingLane& reading_lane(const std::string& namespace_id);
  WritingLane& writing_lane(const std::string& namespace_id);

  // Null: the namespace has no file.
  Result<KvFile*> file_to_read(ReadingLane& lane, const std::string& namespace_id);
  Result<KvFile*> file_to_write(WritingLane& lane, const std::string& namespace_id);

  Task<Result<void>> change(std::string namespace_id, std::optional<std::vector<Write>> writes);
  void apply(WritingLane& lane, std::vector<Change>& batch);
  void write_together(WritingLane& lane, const std::string& namespace_id,
                      const std::vector<Change*>& changes);
  Result<void> drop(WritingLane& lane, const std::string& namespace_id);
  void purge(WritingLane& lane);

  const std::string folder_;
  const Clock now_;
  std::vector<std::unique_ptr<ReadingLane>> reading_lanes_;
  std::vector<std::unique_ptr<WritingLane>> writing_lanes_;  // end before the reading ones
};

}  // namespace atoll::engines
