// Durable files: blocking, for worker threads. Error messages name no path but the given title.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace atoll::engines {

// Creates the last folder of `path` unless it exists, durably.
Result<void> make_folder(const std::string& path);

// Makes creations, renames and removals in the folder durable.
Result<void> sync_folder(const std::string& path);

// Files under the name of their SHA-256, in `folder/aa/`. Calls may overlap, but for remove() with
// a put() of the same bytes.
class ContentFiles {
 public:
  explicit ContentFiles(std::string folder) : folder_(std::move(folder)) {}

  // Creates the folder, durably, and removes what interrupted puts left behind.
  Result<void> prepare();

  // Durable when it returns: 64 hexadecimal digits. A file that is there already is kept.
  Result<std::string> put(std::string_view bytes);

  Result<UniqueFd> open(const std::string& id) const;    // NotFound
  Result<std::string> get(const std::string& id) const;  // NotFound; Internal if damaged
  Result<void> remove(const std::string& id);            // absent is fine

  // Removes every file that `wanted` does not want.
  Result<void> sweep(const std::function<Result<bool>(const std::string& id)>& wanted);

 private:
  std::string path_of(const std::string& id) const;

  std::string folder_;
};

}  // namespace atoll::engines
