#include "engines/embedded/meta_store.h"

#include "engines/key_range.h"

namespace atoll::engines {
namespace {

constexpr std::size_t kMaxSharedTransaction = 512;

constexpr const char* kSchema[] = {
    "create table record(id integer primary key, key blob not null unique,"
    "                    revision integer not null, value blob not null);"
    "create table state(id integer primary key check (id = 1), revision integer not null);"
    "insert into state values(1, 0)",
};

store::MetaStore::Record record_of(const Query& row) {
  return {row.bytes(0), row.bytes(2), static_cast<store::Revision>(row.number(1))};
}

}  // namespace

Result<std::unique_ptr<EmbeddedMetaStore>> EmbeddedMetaStore::open(const std::string& path) {
  Database writing = TRY(Database::open(path, "meta.db", Database::Opening::Create));
  TRY_VOID(writing.migrate(kSchema));
  Database reading = TRY(Database::open(path, "meta.db", Database::Opening::Existing));
  store::Revision revision = 0;
  {
    Query state = writing.query("select revision from state");
    if (!TRY(state.step())) return fail(internal_error("meta.db: the file is damaged"));
    revision = static_cast<store::Revision>(state.number(0));
  }
  return std::unique_ptr<EmbeddedMetaStore>(
      new EmbeddedMetaStore(std::move(writing), std::move(reading), revision));
}

EmbeddedMetaStore::EmbeddedMetaStore(Database writing, Database reading, store::Revision revision)
    : writing_(std::move(writing)),
      revision_(revision),
      reading_(std::move(reading)),
      reader_(1),
      writer_({.max_batch = kMaxSharedTransaction},
              [this](std::vector<Commit>& batch) { commit_batch(batch); }) {}

Task<Result<std::optional<store::MetaStore::Record>>> EmbeddedMetaStore::get(std::string key) {
  return reader_.run([this, key = std::move(key)]() -> Result<std::optional<Record>> {
    Query found = reading_.query("select key, revision, value from record where key = ?1");
    found.bind(1, key);
    if (!TRY(found.step())) return std::nullopt;
    return record_of(found);
  });
}

Task<Result<std::vector<store::MetaStore::Record>>> EmbeddedMetaStore::scan(std::string prefix,
                                                                            std::string after,
                                                                            unsigned limit) {
  KeyRange range = key_range(prefix, after);
  return reader_.run([this, range, limit]() -> Result<std::vector<Record>> {
    Query rows = reading_.query(
        range.to ? "select key, revision, value from record where key >= ?1 and key < ?3"
                   " order by key limit ?2"
                 : "select key, revision, value from record where key >= ?1 order by key limit ?2");
    rows.bind(1, range.from).bind(2, static_cast<std::int64_t>(limit));
    if (range.to) rows.bind(3, *range.to);
    std::vector<Record> records;
    while (TRY(rows.step())) records.push_back(record_of(rows));
    return records;
  });
}

Task<Result<store::Revision>> EmbeddedMetaStore::commit(Transaction transaction) {
  return answered<Outcome>(
      [this, transaction = std::move(transaction)](Answer<Outcome> answer) mutable {
        Commit commit{std::move(transaction), std::move(answer)};
        if (!writer_.push(commit)) {
          commit.answer.give(fail(Error(ErrorKind::Unavailable, "too many writes wait")));
        }
      });
}

void EmbeddedMetaStore::commit_batch(std::vector<Commit>& batch) {
  Result<std::vector<Outcome>> outcomes = commit_together(batch);
  if (!outcomes && batch.size() > 1) {
    // One of them may be what the file refuses; it must not take its neighbours along.
    for (Commit& commit : batch) {
      std::vector<Commit> alone;
      alone.push_back(std::move(commit));
      commit_batch(alone);
    }
    return;
  }
  for (std::size_t i = 0; i < batch.size(); ++i) {
    batch[i].answer.give(outcomes ? std::move((*outcomes)[i]) : fail(outcomes.error()));
  }
}

Result<std::vector<EmbeddedMetaStore::Outcome>> EmbeddedMetaStore::commit_together(
    std::vector<Commit>& batch) {
  std::vector<Outcome> outcomes;
  store::Revision revision = revision_;
  TRY_VOID(writing_.transaction([&]() -> Result<void> {
    for (Commit& commit : batch) {
      Outcome outcome = apply(commit.transaction, revision + 1);
      if (outcome) {
        revision = *outcome;
      } else if (outcome.error().kind() != ErrorKind::Conflict) {
        return fail(outcome.error());
      }
      outcomes.push_back(std::move(outcome));
    }
    return writing_.query("update state set revision = ?1")
        .bind(1, static_cast<std::int64_t>(revision))
        .run();
  }));
  revision_ = revision;
  return outcomes;
}

// Checks all preconditions before the first write: a Conflict leaves nothing behind.
EmbeddedMetaStore::Outcome EmbeddedMetaStore::apply(const Transaction& transaction,
                                                    store::Revision next) {
  for (const Precondition& expected : transaction.preconditions) {
    Query found = writing_.query("select revision from record where key = ?1");
    found.bind(1, expected.key);
    store::Revision actual = TRY(found.step()) ? static_cast<store::Revision>(found.number(0)) : 0;
    if (actual != expected.revision) {
      return fail(Error(ErrorKind::Conflict, "a record was changed meanwhile"));
    }
  }
  for (const Write& write : transaction.writes) {
    if (write.value) {
      TRY_VOID(writing_
                   .query("insert into record(key, revision, value) values(?1, ?2, ?3)"
                          " on conflict(key) do update set revision = ?2, value = ?3")
                   .bind(1, write.key)
                   .bind(2, static_cast<std::int64_t>(next))
                   .bind(3, *write.value)
                   .run());
    } else {
      TRY_VOID(writing_.query("delete from record where key = ?1").bind(1, write.key).run());
    }
  }
  return next;
}

}  // namespace atoll::engines
