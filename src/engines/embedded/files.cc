#include "engines/embedded/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "base/random.h"
#include "crypto/digest.h"

namespace atoll::engines {
namespace {

constexpr std::string_view kUnfinished = "unfinished-";

bool is_content_id(std::string_view id) {
  return id.size() == 64 && std::all_of(id.begin(), id.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

Error no_such_blob(const std::string& id) { return not_found("there is no blob " + id); }

Result<void> write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == ENOSPC) {
      return fail(Error(ErrorKind::Unavailable, "the disk is full"));
    }
    if (written < 0) return fail(errno_error("writing a file", errno));
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<std::string> read_all(int fd) {
  struct stat status{};
  if (::fstat(fd, &status) != 0) return fail(errno_error("reading a file", errno));
  std::string bytes(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t at = 0;
  while (at < bytes.size()) {
    ssize_t got = ::pread(fd, bytes.data() + at, bytes.size() - at, static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(errno_error("reading a file", errno));
    if (got == 0) break;
    at += static_cast<std::size_t>(got);
  }
  bytes.resize(at);
  return bytes;
}

}  // namespace

Result<void> make_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) != 0) {
    if (errno != EEXIST) return fail(errno_error("creating a folder", errno));
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) {
      return fail(errno_error("creating a folder", ENOTDIR));
    }
    return {};
  }
  return sync_folder(std::filesystem::path(path).parent_path());
}

Result<void> sync_folder(const std::string& path) {
  UniqueFd fd(::open(path.empty() ? "." : path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::fsync(fd.get()) != 0) return fail(errno_error("syncing a folder", errno));
  return {};
}

Result<void> ContentFiles::prepare() {
  TRY_VOID(make_folder(folder_));
  std::error_code failure;
  for (std::filesystem::directory_iterator at(folder_, failure), end; !failure && at != end;
       at.increment(failure)) {
    std::string name = at->path().filename();
    if (name.starts_with(kUnfinished)) ::unlink(at->path().c_str());
  }
  if (failure) return fail(errno_error("reading a folder", failure.value()));
  return {};
}

std::string ContentFiles::path_of(const std::string& id) const {
  return folder_ + "/" + id.substr(0, 2) + "/" + id;
}

Result<std::string> ContentFiles::put(std::string_view bytes) {
  std::string id = crypto::sha256_hex(bytes);
  std::string path = path_of(id);
  std::string parent = folder_ + "/" + id.substr(0, 2);
  struct stat status{};
  if (::stat(path.c_str(), &status) == 0 &&
      static_cast<std::size_t>(status.st_size) == bytes.size()) {
    // Its name may be one that an overlapping put has not made durable yet.
    TRY_VOID(sync_folder(parent));
    return id;
  }
  TRY_VOID(make_folder(parent));

  std::string unfinished = folder_ + "/" + std::string(kUnfinished) + random_hex(8);
  UniqueFd fd(::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!fd) return fail(errno_error("creating a file", errno));
  Result<void> done = write_all(fd.get(), bytes);
  if (done && ::fdatasync(fd.get()) != 0) done = fail(errno_error("syncing a file", errno));
  if (done && ::rename(unfinished.c_str(), path.c_str()) != 0) {
    done = fail(errno_error("renaming a file", errno));
  }
  if (!done) {
    ::unlink(unfinished.c_str());
    return fail(done.error());
  }
  TRY_VOID(sync_folder(parent));
  return id;
}

Result<UniqueFd> ContentFiles::open(const std::string& id) const {
  if (!is_content_id(id)) return fail(no_such_blob(id));
  UniqueFd fd(::open(path_of(id).c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd && errno == ENOENT) return fail(no_such_blob(id));
  if (!fd) return fail(errno_error("opening a blob", errno));
  return fd;
}

Result<std::string> ContentFiles::get(const std::string& id) const {
  UniqueFd fd = TRY(open(id));
  std::string bytes = TRY(read_all(fd.get()));
  if (crypto::sha256_hex(bytes) != id) return fail(internal_error("blob " + id + " is damaged"));
  return bytes;
}

Result<void> ContentFiles::remove(const std::string& id) {
  if (!is_content_id(id)) return {};
  if (::unlink(path_of(id).c_str()) != 0) {
    if (errno == ENOENT) return {};
    return fail(errno_error("removing a blob", errno));
  }
  return {};
}

Result<void> ContentFiles::sweep(const std::function<Result<bool>(const std::string& id)>& wanted) {
  std::error_code failure;
  for (std::filesystem::recursive_directory_iterator at(folder_, failure), end;
       !failure && at != end; at.increment(failure)) {
    std::string name = at->path().filename();
    if (!is_content_id(name)) continue;
    if (!TRY(wanted(name))) ::unlink(at->path().c_str());
  }
  if (failure) return fail(errno_error("reading a folder", failure.value()));
  return {};
}

}  // namespace atoll::engines
