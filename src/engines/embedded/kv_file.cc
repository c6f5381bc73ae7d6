#include "engines/embedded/kv_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "engines/key_range.h"

namespace atoll::engines {
namespace {

// The large columns stand last, so that lists read the front of a row only.
constexpr const char* kSchema[] = {
    "create table entry(id integer primary key, key blob not null unique, metadata blob not null,"
    "                   expires_at integer, file blob, value blob);"
    "create index entry_expiry on entry(expires_at) where expires_at is not null;"
    "create index entry_file on entry(file) where file is not null",
};
constexpr const char* kEndings[] = {".db", ".db-wal", ".db-shm"};
// Hundreds of files are open at once; the kernel's page cache serves them all.
constexpr const char* kSmallCache = "pragma cache_size = -256";
constexpr int kReadAttempts = 10;

bool exists(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0;
}

std::int64_t milliseconds(WallTime time) { return time.time_since_epoch().count(); }

std::optional<WallTime> time_at(const Query& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return WallTime(std::chrono::milliseconds(row.number(column)));
}

// Made under another name and then renamed: readers only ever see a file with its schema.
Result<void> create(const std::string& base) {
  std::string unfinished = base + ".unfinished";
  for (const char* ending : kEndings) ::unlink((unfinished + ending).c_str());
  {
    Database database = TRY(Database::open(unfinished + ".db", "kv", Database::Opening::Create));
    TRY_VOID(database.migrate(kSchema));
    TRY_VOID(database.run("pragma wal_checkpoint(truncate)"));
  }
  if (::rename((unfinished + ".db").c_str(), (base + ".db").c_str()) != 0) {
    return fail(errno_error("creating a KV namespace", errno));
  }
  return sync_folder(std::filesystem::path(base).parent_path());
}

}  // namespace

Result<std::unique_ptr<KvFile>> KvFile::open_to_write(const std::string& base) {
  if (!exists(base + ".db")) TRY_VOID(create(base));
  Database database = TRY(Database::open(base + ".db", "kv", Database::Opening::Existing));
  TRY_VOID(database.migrate(kSchema));
  TRY_VOID(database.run(kSmallCache));
  return std::unique_ptr<KvFile>(new KvFile(std::move(database), base + ".files"));
}

Result<std::unique_ptr<KvFile>> KvFile::open_to_read(const std::string& base) {
  if (!exists(base + ".db")) return nullptr;
  Database database = TRY(Database::open(base + ".db", "kv", Database::Opening::Existing));
  TRY_VOID(database.run(kSmallCache));
  return std::unique_ptr<KvFile>(new KvFile(std::move(database), base + ".files"));
}

Result<void> KvFile::erase(const std::string& base) {
  for (const char* ending : kEndings) {
    if (::unlink((base + ending).c_str()) != 0 && errno != ENOENT) {
      return fail(errno_error("erasing a KV namespace", errno));
    }
  }
  std::error_code failure;
  std::filesystem::remove_all(base + ".files", failure);
  if (failure) return fail(errno_error("erasing a KV namespace", failure.value()));
  return sync_folder(std::filesystem::path(base).parent_path());
}

Result<void> KvFile::write(const std::vector<const std::vector<Write>*>& batches) {
  // Large values first: a row must never refer to a file that a crash can take away. Files that the
  // transaction replaces go after it: until then the old rows stand.
  std::vector<std::string> released;
  std::vector<std::optional<std::string>> files;
  Result<void> done = {};
  for (const std::vector<Write>* batch : batches) {
    for (const Write& write : *batch) {
      files.emplace_back();
      if (!done || !write.entry || write.entry->value.size() <= kMaxInlineValue) continue;
      if (!files_prepared_) done = files_.prepare();
      if (!done) continue;
      files_prepared_ = true;
      if (auto id = files_.put(write.entry->value)) {
        files.back() = *id;
        released.push_back(*id);  // unused again if the transaction fails or replaces it at once
      } else {
        done = fail(id.error());
      }
    }
  }
  if (done) {
    done = database_.transaction([&]() -> Result<void> {
      std::size_t next = 0;
      for (const std::vector<Write>* batch : batches) {
        for (const Write& write : *batch) TRY_VOID(write_one(write, files[next++], released));
      }
      return {};
    });
  }
  // A file that cannot be removed now is swept later; the write itself has its outcome.
  static_cast<void>(remove_unused(released).has_value());
  return done;
}

Result<void> KvFile::write_one(const Write& write, const std::optional<std::string>& file,
                               std::vector<std::string>& released) {
  {
    Query before = database_.query("select file from entry where key = ?1 and file is not null");
    before.bind(1, write.key);
    if (TRY(before.step())) released.push_back(before.bytes(0));
  }
  if (!write.entry) {
    return database_.query("delete from entry where key = ?1").bind(1, write.key).run();
  }
  Query upsert = database_.query(
      "insert into entry(key, metadata, expires_at, file, value) values(?1, ?2, ?3, ?4, ?5)"
      " on conflict(key) do update set metadata = ?2, expires_at = ?3, file = ?4, value = ?5");
  upsert.bind(1, write.key).bind(2, write.entry->metadata);
  if (write.entry->expires_at) {
    upsert.bind(3, milliseconds(*write.entry->expires_at));
  } else {
    upsert.bind(3, std::nullopt);
  }
  if (file) {
    upsert.bind(4, *file).bind(5, std::nullopt);
  } else {
    upsert.bind(4, std::nullopt).bind(5, write.entry->value);
  }
  return upsert.run();
}

Result<void> KvFile::remove_unused(const std::vector<std::string>& released) {
  for (const std::string& file : released) {
    if (!TRY(in_use(file))) TRY_VOID(files_.remove(file));
  }
  return {};
}

Result<bool> KvFile::in_use(const std::string& file) {
  Query user = database_.query("select 1 from entry where file = ?1 limit 1");
  user.bind(1, file);
  return user.step();
}

Result<std::size_t> KvFile::purge(WallTime now, unsigned limit) {
  std::vector<std::int64_t> rows;
  std::vector<std::string> released;
  {
    Query expired = database_.query(
        "select id, file from entry where expires_at <= ?1 order by expires_at limit ?2");
    expired.bind(1, milliseconds(now)).bind(2, static_cast<std::int64_t>(limit));
    while (TRY(expired.step())) {
      rows.push_back(expired.number(0));
      if (!expired.is_null(1)) released.push_back(expired.bytes(1));
    }
  }
  if (rows.empty()) return 0;
  TRY_VOID(database_.transaction([&]() -> Result<void> {
    for (std::int64_t row : rows) {
      TRY_VOID(database_.query("delete from entry where id = ?1").bind(1, row).run());
    }
    return {};
  }));
  TRY_VOID(remove_unused(released));
  return rows.size();
}

Result<void> KvFile::sweep() {
  if (!exists(files_folder_)) return {};
  TRY_VOID(files_.prepare());
  files_prepared_ = true;
  return files_.sweep([this](const std::string& id) { return in_use(id); });
}

Result<std::optional<store::KvStore::Entry>> KvFile::get(const std::string& key, WallTime now) {
  for (int attempt = 0; attempt < kReadAttempts; ++attempt) {
    Entry entry;
    std::string file;
    {
      Query found = database_.query(
          "select metadata, expires_at, file, value from entry"
          " where key = ?1 and (expires_at is null or expires_at > ?2)");
      found.bind(1, key).bind(2, milliseconds(now));
      if (!TRY(found.step())) return std::nullopt;
      entry.metadata = found.bytes(0);
      entry.expires_at = time_at(found, 1);
      if (found.is_null(2)) {
        entry.value = found.bytes(3);
        return entry;
      }
      file = found.bytes(2);
    }
    auto value = files_.get(file);
    if (value) {
      entry.value = std::move(*value);
      return entry;
    }
    // Replaced since the row was read: the row now says otherwise.
    if (value.error().kind() != ErrorKind::NotFound) return fail(value.error());
  }
  return fail(internal_error("the value is missing from the disk"));
}

Result<store::KvStore::Page> KvFile::list(const store::KvStore::ListQuery& query, WallTime now) {
  KeyRange range = key_range(query.prefix, query.after);
  Query rows = database_.query(
      range.to ? "select key, metadata, expires_at from entry where key >= ?1 and key < ?4"
                 " and (expires_at is null or expires_at > ?2) order by key limit ?3"
               : "select key, metadata, expires_at from entry where key >= ?1"
                 " and (expires_at is null or expires_at > ?2) order by key limit ?3");
  rows.bind(1, range.from)
      .bind(2, milliseconds(now))
      .bind(3, static_cast<std::int64_t>(query.limit) + 1);
  if (range.to) rows.bind(4, *range.to);
  Page page;
  while (TRY(rows.step())) {
    if (page.keys.size() == query.limit) {
      page.complete = false;
      break;
    }
    page.keys.push_back({rows.bytes(0), rows.bytes(1), time_at(rows, 2)});
  }
  return page;
}

}  // namespace atoll::engines
