#include "engines/embedded/kv_store.h"

#include <algorithm>
#include <map>
#include <utility>

namespace atoll::engines {
namespace {

constexpr std::size_t kMaxSharedTransaction = 512;
constexpr std::size_t kMaxWaitingWrites = 10'000;
constexpr std::size_t kMaxWaitingBytes = 256 << 20;  // in each lane
constexpr std::size_t kMaxNamespaceIdBytes = 64;
constexpr unsigned kPurgedAtOnce = 500;

std::size_t size_of(const std::vector<store::KvStore::Write>& writes) {
  std::size_t bytes = 0;
  for (const auto& write : writes) {
    bytes += write.key.size();
    if (write.entry) bytes += write.entry->value.size() + write.entry->metadata.size();
  }
  return bytes;
}

// The id becomes a file name.
Result<void> check_namespace_id(const std::string& id) {
  bool fit = !id.empty() && id.size() <= kMaxNamespaceIdBytes &&
             std::all_of(id.begin(), id.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                      c == '-' || c == '_';
             });
  if (!fit) return fail(invalid_input("the KV namespace id is malformed"));
  return {};
}

}  // namespace

EmbeddedKvStore::EmbeddedKvStore(std::string folder, Clock now, Shape shape)
    : folder_(std::move(folder)), now_(std::move(now)) {
  for (unsigned i = 0; i < shape.reading_lanes; ++i) {
    std::size_t share = std::max<std::size_t>(1, shape.open_files / shape.reading_lanes);
    reading_lanes_.push_back(std::make_unique<ReadingLane>(share));
  }
  for (unsigned i = 0; i < shape.writing_lanes; ++i) {
    std::size_t share = std::max<std::size_t>(1, shape.open_files / shape.writing_lanes);
    writing_lanes_.push_back(std::make_unique<WritingLane>(share));
    WritingLane& lane = *writing_lanes_.back();
    lane.changes = std::make_unique<WorkQueue<Change>>(
        WorkQueue<Change>::Shape{.max_batch = kMaxSharedTransaction,
                                 .max_waiting = kMaxWaitingWrites,
                                 .max_waiting_bytes = kMaxWaitingBytes,
                                 .tick_every = shape.purge_every,
                                 .tick = [this, &lane] { purge(lane); }},
        [this, &lane](std::vector<Change>& batch) { apply(lane, batch); });
  }
}

std::string EmbeddedKvStore::base_of(const std::string& namespace_id) const {
  return folder_ + "/" + namespace_id;
}

EmbeddedKvStore::ReadingLane& EmbeddedKvStore::reading_lane(const std::string& namespace_id) {
  return *reading_lanes_[std::hash<std::string>()(namespace_id) % reading_lanes_.size()];
}

EmbeddedKvStore::WritingLane& EmbeddedKvStore::writing_lane(const std::string& namespace_id) {
  return *writing_lanes_[std::hash<std::string>()(namespace_id) % writing_lanes_.size()];
}

Result<KvFile*> EmbeddedKvStore::file_to_read(ReadingLane& lane, const std::string& namespace_id) {
  if (KvFile* open = lane.files.find(namespace_id)) return open;
  auto file = TRY(KvFile::open_to_read(base_of(namespace_id)));
  if (!file) return nullptr;
  return lane.files.add(namespace_id, std::move(file));
}

Result<KvFile*> EmbeddedKvStore::file_to_write(WritingLane& lane, const std::string& namespace_id) {
  if (KvFile* open = lane.files.find(namespace_id)) return open;
  auto file = TRY(KvFile::open_to_write(base_of(namespace_id)));
  if (!lane.swept.contains(namespace_id)) {
    TRY_VOID(file->sweep());
    lane.swept.insert(namespace_id);
  }
  return lane.files.add(namespace_id, std::move(file));
}

Task<Result<std::optional<store::KvStore::Entry>>> EmbeddedKvStore::get(std::string namespace_id,
                                                                        std::string key) {
  ReadingLane& lane = reading_lane(namespace_id);
  return lane.jobs.run([this, &lane, namespace_id = std::move(namespace_id),
                        key = std::move(key)]() -> Result<std::optional<Entry>> {
    TRY_VOID(check_namespace_id(namespace_id));
    KvFile* file = TRY(file_to_read(lane, namespace_id));
    if (file == nullptr) return std::nullopt;
    return file->get(key, now_());
  });
}

Task<Result<store::KvStore::Page>> EmbeddedKvStore::list(std::string namespace_id,
                                                         ListQuery query) {
  ReadingLane& lane = reading_lane(namespace_id);
  return lane.jobs.run([this, &lane, namespace_id = std::move(namespace_id),
                        query = std::move(query)]() -> Result<Page> {
    TRY_VOID(check_namespace_id(namespace_id));
    KvFile* file = TRY(file_to_read(lane, namespace_id));
    if (file == nullptr) return Page{};
    return file->list(query, now_());
  });
}

Task<Result<void>> EmbeddedKvStore::write(std::string namespace_id, std::vector<Write> writes) {
  return change(std::move(namespace_id), std::move(writes));
}

Task<Result<void>> EmbeddedKvStore::drop_namespace(std::string namespace_id) {
  return change(std::move(namespace_id), std::nullopt);
}

Task<Result<void>> EmbeddedKvStore::change(std::string namespace_id,
                                           std::optional<std::vector<Write>> writes) {
  if (auto fit = check_namespace_id(namespace_id); !fit) co_return fail(fit.error());
  co_return co_await answered<Result<void>>(
      [this, namespace_id = std::move(namespace_id),
       writes = std::move(writes)](Answer<Result<void>> answer) mutable {
        WritingLane& lane = writing_lane(namespace_id);
        std::size_t bytes = writes ? size_of(*writes) : 0;
        Change change{std::move(namespace_id), std::move(writes), std::move(answer)};
        if (!lane.changes->push(change, bytes)) {
          change.answer.give(fail(Error(ErrorKind::Unavailable, "too many KV writes wait")));
        }
      });
}

void EmbeddedKvStore::apply(WritingLane& lane, std::vector<Change>& batch) {
  std::map<std::string, std::vector<Change*>> by_namespace;  // each in the order they came
  for (Change& change : batch) by_namespace[change.namespace_id].push_back(&change);
  for (auto& [namespace_id, changes] : by_namespace) {
    std::vector<Change*> together;
    for (Change* change : changes) {
      if (change->writes) {
        together.push_back(change);
        continue;
      }
      write_together(lane, namespace_id, std::exchange(together, {}));
      change->answer.give(drop(lane, namespace_id));
    }
    write_together(lane, namespace_id, together);
  }
}

void EmbeddedKvStore::write_together(WritingLane& lane, const std::string& namespace_id,
                                     const std::vector<Change*>& changes) {
  if (changes.empty()) return;
  Result<KvFile*> file = file_to_write(lane, namespace_id);
  Result<void> done = {};
  if (file) {
    std::vector<const std::vector<Write>*> writes;
    writes.reserve(changes.size());
    for (const Change* change : changes) writes.push_back(&*change->writes);
    done = (*file)->write(writes);
  } else {
    done = fail(file.error());
  }
  if (!done && file && changes.size() > 1) {
    // One of them may be what the file refuses; it must not take its neighbours along.
    for (Change* change : changes) change->answer.give((*file)->write({&*change->writes}));
    return;
  }
  for (Change* change : changes) change->answer.give(done);
}

Result<void> EmbeddedKvStore::drop(WritingLane& lane, const std::string& namespace_id) {
  lane.files.close(namespace_id);
  Result<void> erased = KvFile::erase(base_of(namespace_id));
  // The reader would go on seeing the erased file through an open handle.
  ReadingLane& reader = reading_lane(namespace_id);
  reader.jobs.run_and_wait([&] { reader.files.close(namespace_id); });
  return erased;
}

void EmbeddedKvStore::purge(WritingLane& lane) {
  WallTime now = now_();
  lane.files.for_each([&](KvFile& file) {
    // A failure here fails the next write too, which has somebody to tell.
    auto purged = file.purge(now, kPurgedAtOnce);
    while (purged && *purged == kPurgedAtOnce) purged = file.purge(now, kPurgedAtOnce);
  });
}

}  // namespace atoll::engines
