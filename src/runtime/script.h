// One version of a script as the runtime needs it: code in a mapping, bindings by handle.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "bundle/bundle.h"
#include "runtime/limits.h"
#include "sandbox/border/protocol.h"

namespace atoll::runtime {

// Bytes that nobody can change, such as the whole content of a read-only descriptor, mapped for as
// long as anybody holds them.
class Mapping {
 public:
  static Result<std::shared_ptr<Mapping>> of(UniqueFd descriptor);
  // The same of a copy of `bytes`, for code that no descriptor brought.
  static Result<std::shared_ptr<Mapping>> copy_of(std::string_view bytes);
  ~Mapping();
  std::string_view bytes() const { return bytes_; }

 private:
  explicit Mapping(std::string_view bytes) : bytes_(bytes) {}
  std::string_view bytes_;
};

struct ScriptIdentity {
  std::string account_id;
  std::string dispatch_namespace;  // empty for account-level scripts
  std::string script_name;
  bool trusted = true;  // false only in an untrusted dispatch namespace
};

struct ScriptCode {
  std::shared_ptr<Mapping> mapping;  // what `bundle` points into
  bundle::BundleView bundle;
  std::shared_ptr<Mapping> code_cache;  // null: none yet
};

struct Outbound;

struct Script {
  ScriptIdentity identity;
  border::ScriptVersion version;
  ScriptCode code;
  Limits limits;  // platform's, lowered by the version's own
  // Of the dispatch namespace; null: there is none.
  std::shared_ptr<const Outbound> outbound = {};
};

}  // namespace atoll::runtime
