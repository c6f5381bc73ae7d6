#include "engines/embedded/sqlite.h"

#include <utility>

#include "base/check.h"

namespace atoll::engines {
namespace {

constexpr int kBusyWaitMs = 10'000;

}  // namespace

Query::Query(Database& database, Result<sqlite3_stmt*> statement)
    : database_(database), statement_(std::move(statement)) {}

Query::~Query() {
  if (!statement_) return;
  sqlite3_reset(*statement_);
  sqlite3_clear_bindings(*statement_);
}

Query& Query::bind(int index, std::string_view blob) {
  const char* data = blob.empty() ? "" : blob.data();  // a null pointer would bind NULL
  if (statement_) {
    CHECK(sqlite3_bind_blob64(*statement_, index, data, blob.size(), SQLITE_STATIC) == SQLITE_OK);
  }
  return *this;
}

Query& Query::bind(int index, std::int64_t number) {
  if (statement_) CHECK(sqlite3_bind_int64(*statement_, index, number) == SQLITE_OK);
  return *this;
}

Query& Query::bind(int index, std::nullopt_t) {
  if (statement_) CHECK(sqlite3_bind_null(*statement_, index) == SQLITE_OK);
  return *this;
}

Result<bool> Query::step() {
  if (!statement_) return fail(statement_.error());
  int code = sqlite3_step(*statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return fail(database_.error(code));
}

Result<void> Query::run() {
  TRY_VOID(step());
  return {};
}

std::string Query::bytes(int column) const {
  const void* data = sqlite3_column_blob(*statement_, column);
  if (data == nullptr) return {};
  return std::string(static_cast<const char*>(data),
                     static_cast<std::size_t>(sqlite3_column_bytes(*statement_, column)));
}

std::int64_t Query::number(int column) const { return sqlite3_column_int64(*statement_, column); }

bool Query::is_null(int column) const {
  return sqlite3_column_type(*statement_, column) == SQLITE_NULL;
}

Result<Database> Database::open(const std::string& path, std::string title, Opening opening) {
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  if (opening == Opening::Create) flags |= SQLITE_OPEN_CREATE;
  sqlite3* handle = nullptr;
  int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  Database database(handle, std::move(title));
  if (code != SQLITE_OK) return fail(database.error(code).while_doing("opening"));
  sqlite3_busy_timeout(handle, kBusyWaitMs);
  // Reads the header, so a file that is no database is found out here.
  if (auto mode = database.run("pragma journal_mode = wal"); !mode) return fail(mode.error());
  TRY_VOID(database.run("pragma synchronous = full"));
  TRY_VOID(database.run("pragma journal_size_limit = 16777216"));
  TRY_VOID(database.run("pragma cache_size = -2048"));
  return database;
}

Result<void> Database::run(const char* sql) {
  int code = sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return fail(error(code));
  return {};
}

Result<int> Database::schema_version() {
  Query version = query("pragma user_version");
  TRY_VOID(version.step());
  return static_cast<int>(version.number(0));
}

Result<void> Database::migrate(std::span<const char* const> steps) {
  int version = TRY(schema_version());
  int newest = static_cast<int>(steps.size());
  if (version > newest) {
    return fail(internal_error(title_ + " was written by a newer Atoll (schema " +
                               std::to_string(version) + ", this one knows " +
                               std::to_string(newest) + ")"));
  }
  for (; version < newest; ++version) {
    std::string mark = "pragma user_version = " + std::to_string(version + 1);
    TRY_VOID(transaction([&]() -> Result<void> {
      TRY_VOID(run(steps[static_cast<std::size_t>(version)]));
      return run(mark.c_str());
    }));
  }
  return {};
}

Result<sqlite3_stmt*> Database::statement(const char* sql) {
  auto& kept = statements_[sql];
  if (!kept) {
    sqlite3_stmt* fresh = nullptr;
    int code =
        sqlite3_prepare_v3(handle_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &fresh, nullptr);
    if (code != SQLITE_OK) return fail(error(code));
    kept.reset(fresh);
  }
  return kept.get();
}

void Database::roll_back() {
  // Some failures have rolled back already; then this one has nothing to do and says so.
  if (sqlite3_get_autocommit(handle_.get()) == 0) {
    sqlite3_exec(handle_.get(), "rollback", nullptr, nullptr, nullptr);
  }
}

Error Database::error(int code) const {
  std::string text = title_ + ": ";
  switch (code & 0xFF) {
    case SQLITE_FULL:
      return Error(ErrorKind::Unavailable, text + "the disk is full");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Error(ErrorKind::Unavailable, text + "the file is locked");
    case SQLITE_NOTADB:
      return internal_error(text + "the file is damaged or not a database");
    case SQLITE_CORRUPT:
      return internal_error(text + "the file is damaged");
    case SQLITE_CANTOPEN:
      return internal_error(text + "the file cannot be opened");
    case SQLITE_READONLY:
      return internal_error(text + "the file is not writable");
    default:
      break;
  }
  return internal_error(text + sqlite3_errmsg(handle_.get()) + " (" + std::to_string(code) + ")");
}

}  // namespace atoll::engines
