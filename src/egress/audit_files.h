// The audit on disk: lines of JSON in a ring of segment files. The oldest segment goes when all are
// too large together. What was appended survives the end of the process; after a loss of power the
// last seconds may be missing.
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "async/task.h"
#include "base/json.h"
#include "base/result.h"
#include "base/time.h"
#include "base/unique_fd.h"

namespace atoll::egress {

struct AuditQuery {
  std::string account_id;
  std::optional<std::string> namespace_id;  // empty: of account-level scripts
  std::string script;                       // these are left out when they are empty
  std::string host;                         // as in rules: "api.example", "*.example"
  std::string verdict;
  std::string event;
  std::optional<WallTime> since;  // not before
  std::optional<WallTime> until;  // before
  std::size_t limit = 100;
  std::string cursor;  // of the page before
};

struct AuditPage {
  std::vector<Json> rows;  // the newest first
  std::string cursor;      // empty: there are no older ones
};

class AuditFiles {
 public:
  struct Options {
    std::string folder;
    std::uint64_t max_bytes = 64u << 20;
  };
  // Makes the folder when it is not there.
  static Result<std::unique_ptr<AuditFiles>> open(Options options);
  ~AuditFiles();  // writes what waits
  AuditFiles(const AuditFiles&) = delete;

  // One line, without its end. Never blocks; when too much waits, lines are dropped and counted in
  // a line of their own.
  void append(std::string_view line);

  // Waits, two seconds at most, until all that was appended is written; before the process ends.
  void flush() { wait_until_written(); }

  // Sees all that was appended before. Looks at so many lines at most, so a page may be short of
  // its limit, or empty, and yet have a cursor. InvalidInput: a cursor that is none.
  Task<Result<AuditPage>> read(AuditQuery query);

 private:
  explicit AuditFiles(Options options);

  struct Segment {
    std::uint64_t number = 0;
    std::uint64_t bytes = 0;
  };

  Result<void> find_segments();
  Result<void> begin_segment();
  void run();
  void write(std::string_view lines);
  void wait_until_written();
  std::string path_of(std::uint64_t number) const;
  std::vector<Segment> segments();
  Result<AuditPage> find(const AuditQuery& query);

  const Options options_;
  const std::uint64_t segment_bytes_;
  UniqueFd file_;  // the newest segment, of the writing thread

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Segment> segments_;  // the oldest first
  std::string queue_;
  std::uint64_t dropped_ = 0;
  std::uint64_t appended_ = 0;  // bytes, ever
  std::uint64_t written_ = 0;
  bool stopping_ = false;

  boost::asio::thread_pool readers_{1};
  std::thread writer_;
};

}  // namespace atoll::egress
