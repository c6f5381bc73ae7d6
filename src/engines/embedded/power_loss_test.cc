// Simulates the loss of power: a layer under SQLite keeps, for each file, what has been synced and
// which writes have not. What a disk may hold after the cut is the synced part and any of those
// writes.
#include <sqlite3.h>

#include <boost/asio/steady_timer.hpp>

#include <cstring>
#include <fstream>
#include <map>
#include <mutex>
#include <random>

#include "engines/engines_under_test.h"

namespace atoll::engines {
namespace {

using store::KvStore;
using store::MetaStore;

struct UnsyncedWrite {
  std::size_t offset = 0;
  std::string bytes;
  bool truncates = false;  // to `offset`
};

struct Image {
  std::string synced;
  std::vector<UnsyncedWrite> unsynced;
};

void apply(std::string& content, const UnsyncedWrite& write) {
  if (write.truncates) {
    content.resize(write.offset);
    return;
  }
  if (content.size() < write.offset + write.bytes.size()) {
    content.resize(write.offset + write.bytes.size());
  }
  content.replace(write.offset, write.bytes.size(), write.bytes);
}

class Disk {
 public:
  static Disk& instance() {
    static Disk disk;
    return disk;
  }

  void opened(const std::string& path) {
    std::lock_guard lock(mutex_);
    if (images_.contains(path)) return;
    std::ifstream file(path, std::ios::binary);
    images_[path].synced.assign(std::istreambuf_iterator<char>(file), {});
  }
  void deleted(const std::string& path) {
    std::lock_guard lock(mutex_);
    images_.erase(path);
  }
  void wrote(const std::string& path, UnsyncedWrite write) {
    std::lock_guard lock(mutex_);
    images_[path].unsynced.push_back(std::move(write));
  }
  void synced(const std::string& path) {
    std::lock_guard lock(mutex_);
    Image& image = images_[path];
    for (const UnsyncedWrite& write : image.unsynced) apply(image.synced, write);
    image.unsynced.clear();
  }
  void forget() {
    std::lock_guard lock(mutex_);
    images_.clear();
  }

  // Writes what could be left below `from` after a cut now into the existing folder `to`. Of the
  // unsynced writes each survives with `survival` percent.
  void cut_power(const std::string& from, const std::string& to, unsigned survival,
                 std::mt19937& random) {
    std::lock_guard lock(mutex_);
    for (const auto& [path, image] : images_) {
      if (!path.starts_with(from + "/") || path.ends_with("-shm")) continue;
      std::string content = image.synced;
      for (const UnsyncedWrite& write : image.unsynced) {
        if (random() % 100 < survival) apply(content, write);
      }
      std::ofstream(to + path.substr(from.size()), std::ios::binary) << content;
    }
  }

 private:
  std::mutex mutex_;
  std::map<std::string, Image> images_;
};

struct WatchedFile {
  sqlite3_file base;
  const char* path;  // SQLite's, valid while the file is open; null for temporary files
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

WatchedFile& watched(sqlite3_file* file) { return *reinterpret_cast<WatchedFile*>(file); }
sqlite3_file* real(sqlite3_file* file) { return watched(file).real(); }
sqlite3_vfs* real(sqlite3_vfs* vfs) { return static_cast<sqlite3_vfs*>(vfs->pAppData); }

const sqlite3_io_methods kWatchedMethods = {
    .iVersion = 2,  // without memory-mapped reads, which bypass nothing that is checked here
    .xClose = [](sqlite3_file* file) { return real(file)->pMethods->xClose(real(file)); },
    .xRead =
        [](sqlite3_file* file, void* to, int size, sqlite3_int64 offset) {
          return real(file)->pMethods->xRead(real(file), to, size, offset);
        },
    .xWrite =
        [](sqlite3_file* file, const void* from, int size, sqlite3_int64 offset) {
          int code = real(file)->pMethods->xWrite(real(file), from, size, offset);
          if (code == SQLITE_OK && watched(file).path) {
            Disk::instance().wrote(
                watched(file).path,
                {static_cast<std::size_t>(offset),
                 std::string(static_cast<const char*>(from), static_cast<std::size_t>(size))});
          }
          return code;
        },
    .xTruncate =
        [](sqlite3_file* file, sqlite3_int64 size) {
          int code = real(file)->pMethods->xTruncate(real(file), size);
          if (code == SQLITE_OK && watched(file).path) {
            Disk::instance().wrote(watched(file).path, {static_cast<std::size_t>(size), "", true});
          }
          return code;
        },
    .xSync =
        [](sqlite3_file* file, int flags) {
          if (watched(file).path) Disk::instance().synced(watched(file).path);
          return SQLITE_OK;  // the simulated disk is what counts
        },
    .xFileSize =
        [](sqlite3_file* file, sqlite3_int64* size) {
          return real(file)->pMethods->xFileSize(real(file), size);
        },
    .xLock = [](sqlite3_file* file,
                int level) { return real(file)->pMethods->xLock(real(file), level); },
    .xUnlock = [](sqlite3_file* file,
                  int level) { return real(file)->pMethods->xUnlock(real(file), level); },
    .xCheckReservedLock =
        [](sqlite3_file* file, int* reserved) {
          return real(file)->pMethods->xCheckReservedLock(real(file), reserved);
        },
    .xFileControl =
        [](sqlite3_file* file, int operation, void* argument) {
          return real(file)->pMethods->xFileControl(real(file), operation, argument);
        },
    .xSectorSize = [](sqlite3_file* file) { return real(file)->pMethods->xSectorSize(real(file)); },
    .xDeviceCharacteristics =
        [](sqlite3_file* file) { return real(file)->pMethods->xDeviceCharacteristics(real(file)); },
    .xShmMap =
        [](sqlite3_file* file, int page, int size, int extend, void volatile** to) {
          return real(file)->pMethods->xShmMap(real(file), page, size, extend, to);
        },
    .xShmLock =
        [](sqlite3_file* file, int offset, int count, int flags) {
          return real(file)->pMethods->xShmLock(real(file), offset, count, flags);
        },
    .xShmBarrier = [](sqlite3_file* file) { real(file)->pMethods->xShmBarrier(real(file)); },
    .xShmUnmap = [](sqlite3_file* file,
                    int remove) { return real(file)->pMethods->xShmUnmap(real(file), remove); },
};

// Every SQLite file that is opened during its life goes through the simulated disk.
class WatchedSqlite {
 public:
  WatchedSqlite() : original_(sqlite3_vfs_find(nullptr)), vfs_(*original_) {
    vfs_.zName = "watched";
    vfs_.pNext = nullptr;
    vfs_.pAppData = original_;
    vfs_.szOsFile = static_cast<int>(sizeof(WatchedFile)) + original_->szOsFile;
    vfs_.xOpen = [](sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags,
                    int* flags_out) {
      WatchedFile& opened = watched(file);
      opened.base.pMethods = nullptr;
      opened.path = path;
      int code = real(vfs)->xOpen(real(vfs), path, opened.real(), flags, flags_out);
      if (opened.real()->pMethods) opened.base.pMethods = &kWatchedMethods;
      if (code == SQLITE_OK && path) Disk::instance().opened(path);
      return code;
    };
    vfs_.xDelete = [](sqlite3_vfs* vfs, const char* path, int sync) {
      Disk::instance().deleted(path);
      return real(vfs)->xDelete(real(vfs), path, sync);
    };
    vfs_.xAccess = [](sqlite3_vfs* vfs, const char* path, int flags, int* result) {
      return real(vfs)->xAccess(real(vfs), path, flags, result);
    };
    vfs_.xFullPathname = [](sqlite3_vfs* vfs, const char* path, int size, char* to) {
      return real(vfs)->xFullPathname(real(vfs), path, size, to);
    };
    Disk::instance().forget();
    sqlite3_vfs_register(&vfs_, 1);
  }
  WatchedSqlite(const WatchedSqlite&) = delete;
  ~WatchedSqlite() {
    sqlite3_vfs_unregister(&vfs_);
    sqlite3_vfs_register(original_, 1);
  }

 private:
  sqlite3_vfs* original_;
  sqlite3_vfs vfs_;
};

const std::string kSpace = "0123456789abcdef0123456789abcdef";

struct Acknowledged {
  int meta = -1;
  int kv = -1;
  bool stop = false;
};

Task<bool> write_meta(MetaStore& store, Acknowledged& acknowledged) {
  for (int number = 0; !acknowledged.stop; ++number) {
    MetaStore::Transaction transaction;
    std::string value(300 + number % 5000, 'v');
    transaction.writes.push_back({"left/" + std::to_string(number), value});
    transaction.writes.push_back({"right/" + std::to_string(number), value});
    EXPECT_TRUE(co_await store.commit(std::move(transaction)));
    acknowledged.meta = number;
  }
  co_return true;
}

Task<bool> write_kv(KvStore& store, Acknowledged& acknowledged) {
  for (int number = 0; !acknowledged.stop; ++number) {
    std::vector<KvStore::Write> writes;
    std::string value(100 + number % 9000, static_cast<char>('a' + number % 26));
    writes.push_back({std::to_string(number), KvStore::Entry{value, "", {}}});
    EXPECT_TRUE(co_await store.write(kSpace, std::move(writes)));
    acknowledged.kv = number;
  }
  co_return true;
}

// Cuts the power after every few acknowledgements and looks at what is left.
Task<bool> cut_again_and_again(std::string from, Acknowledged& acknowledged, int cuts,
                               std::vector<std::pair<std::string, Acknowledged>>& remains,
                               std::vector<std::unique_ptr<TemporaryFolder>>& folders) {
  std::mt19937 random(std::random_device{}());
  asio::steady_timer timer(co_await asio::this_coro::executor);
  for (int i = 0; i < cuts; ++i) {
    // Some writes later, at any moment of the next.
    int enough_meta = acknowledged.meta + 3, enough_kv = acknowledged.kv + 3;
    do {
      timer.expires_after(std::chrono::microseconds(500 + random() % 20'000));
      co_await timer.async_wait(kAwaitTuple);
    } while (acknowledged.meta < enough_meta || acknowledged.kv < enough_kv);
    folders.push_back(std::make_unique<TemporaryFolder>());
    std::string to = folders.back()->path();
    std::filesystem::create_directory(to + "/kv");
    // Read before the cut: what is acknowledged later may be lost.
    Acknowledged before = acknowledged;
    Disk::instance().cut_power(from, to, i % 3 == 0 ? 0 : i % 3 == 1 ? 50 : 95, random);
    remains.emplace_back(to, before);
  }
  acknowledged.stop = true;
  co_return true;
}

TEST(PowerLoss, TakesNoAcknowledgedWriteAndLeavesNoHalfTransaction) {
  std::vector<std::pair<std::string, Acknowledged>> remains;
  std::vector<std::unique_ptr<TemporaryFolder>> folders;
  {
    WatchedSqlite watching;
    TemporaryFolder folder;
    auto engine = EmbeddedEngine::open({.folder = folder.path()});
    ASSERT_TRUE(engine) << engine.error().message();
    Acknowledged acknowledged;
    Loop loop;
    loop.start(write_meta((*engine)->meta(), acknowledged), [](bool) {});
    loop.start(write_kv((*engine)->kv(), acknowledged), [](bool) {});
    loop.start(cut_again_and_again(folder.path(), acknowledged, 15, remains, folders), [](bool) {});
    loop.run_all();
  }

  for (const auto& [folder, acknowledged] : remains) {
    auto engine = EmbeddedEngine::open({.folder = folder});
    ASSERT_TRUE(engine) << engine.error().message();
    Loop loop;
    auto has = [&](std::string key) {
      auto record = loop.run((*engine)->meta().get(std::move(key)));
      EXPECT_TRUE(record);
      return record && record->has_value();
    };
    for (int number = std::max(0, acknowledged.meta - 300); number <= acknowledged.meta; ++number) {
      ASSERT_TRUE(has("left/" + std::to_string(number))) << number << " of " << acknowledged.meta;
      ASSERT_TRUE(has("right/" + std::to_string(number))) << number;
    }
    std::string next = std::to_string(acknowledged.meta + 1);
    EXPECT_EQ(has("left/" + next), has("right/" + next));
    for (int number = std::max(0, acknowledged.kv - 300); number <= acknowledged.kv; ++number) {
      auto entry = loop.run((*engine)->kv().get(kSpace, std::to_string(number)));
      ASSERT_TRUE(entry) << entry.error().message();
      ASSERT_TRUE(*entry) << number << " of " << acknowledged.kv;
      EXPECT_EQ((*entry)->value,
                std::string(100 + number % 9000, static_cast<char>('a' + number % 26)));
    }
  }
}

}  // namespace
}  // namespace atoll::engines
