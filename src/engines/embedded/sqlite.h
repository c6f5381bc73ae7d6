// SQLite with Results. Home of the library. A Database belongs to one thread at a time.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"

namespace atoll::engines {

class Database;

// One run of a prepared statement: bind, then step through its rows. Bound bytes are not copied and
// must live until the Query ends.
class Query {
 public:
  Query(Database& database, Result<sqlite3_stmt*> statement);
  Query(const Query&) = delete;
  ~Query();

  Query& bind(int index, std::string_view blob);
  Query& bind(int index, std::int64_t number);
  Query& bind(int index, std::nullopt_t);

  Result<bool> step();  // false: no more rows
  Result<void> run();   // for statements without rows

  std::string bytes(int column) const;
  std::int64_t number(int column) const;
  bool is_null(int column) const;

 private:
  Database& database_;
  Result<sqlite3_stmt*> statement_;
};

class Database {
 public:
  enum class Opening { Create, Existing };

  // `path` with write-ahead log and full synchronisation. `title` names the file in error messages.
  // Internal when the file is damaged or not a database.
  static Result<Database> open(const std::string& path, std::string title, Opening opening);

  Database(Database&&) = default;
  Database& operator=(Database&&) = default;

  // A prepared statement, kept for the next time. `sql` is a literal.
  Query query(const char* sql) { return Query(*this, statement(sql)); }
  Result<void> run(const char* sql);

  // Brings the schema to the last of `steps`; refuses a file made by a newer Atoll.
  Result<void> migrate(std::span<const char* const> steps);
  Result<int> schema_version();

  // `work` inside a transaction that is durable when this returns success; otherwise nothing of it
  // happened.
  template <typename Work>
  Result<void> transaction(Work work) {
    TRY_VOID(run("begin immediate"));
    Result<void> done = work();
    if (done) done = run("commit");
    if (!done) roll_back();
    return done;
  }

  Error error(int code) const;

 private:
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };

  Database(sqlite3* handle, std::string title) : handle_(handle), title_(std::move(title)) {}
  Result<sqlite3_stmt*> statement(const char* sql);
  void roll_back();

  std::unique_ptr<sqlite3, Close> handle_;
  std::string title_;
  std::unordered_map<const char*, std::unique_ptr<sqlite3_stmt, Finalize>> statements_;
};

}  // namespace atoll::engines
