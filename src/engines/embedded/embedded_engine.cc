#include "engines/embedded/embedded_engine.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

namespace atoll::engines {
namespace {

Result<UniqueFd> lock_folder(const std::string& folder) {
  UniqueFd fd(::open((folder + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd) return fail(errno_error("cannot write to it", errno));
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return fail(errno_error("cannot lock it", errno));
    char holder[32] = {};
    ssize_t size = ::pread(fd.get(), holder, sizeof holder - 1, 0);
    std::string process = size > 0 ? " (process " + std::string(holder, size) + ")" : "";
    return fail(Error(ErrorKind::Unavailable, "another Atoll is using it" + process));
  }
  // For people who wonder who holds it; the lock itself goes with the process.
  std::string process = std::to_string(::getpid());
  if (::ftruncate(fd.get(), 0) != 0 || ::pwrite(fd.get(), process.data(), process.size(), 0) < 0) {
    return fail(errno_error("cannot write to it", errno));
  }
  return fd;
}

}  // namespace

Result<std::unique_ptr<EmbeddedEngine>> EmbeddedEngine::open(Options options) {
  std::unique_ptr<EmbeddedEngine> engine(new EmbeddedEngine);
  auto open_all = [&]() -> Result<void> {
    TRY_VOID(make_folder(options.folder));
    engine->lock_ = TRY(lock_folder(options.folder));
    engine->meta_ = TRY(EmbeddedMetaStore::open(options.folder + "/meta.db"));
    TRY_VOID(make_folder(options.folder + "/kv"));
    engine->kv_ =
        std::make_unique<EmbeddedKvStore>(options.folder + "/kv", options.now, options.kv);
    engine->blobs_ = TRY(EmbeddedBlobStore::open_folder(options.folder + "/blob"));
    return sync_folder(options.folder);
  };
  if (auto opened = open_all(); !opened) {
    return fail(std::move(opened.error()).while_doing("data folder " + options.folder));
  }
  return engine;
}

EmbeddedEngine::~EmbeddedEngine() = default;

}  // namespace atoll::engines
