// Kills a process at random moments of its writing and checks that nothing it was told is durable
// has been lost, and that no operation is there by half.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>
#include <set>
#include <sstream>
#include <thread>

#include "crypto/digest.h"
#include "engines/engines_under_test.h"

namespace atoll::engines {
namespace {

using store::KvStore;
using store::MetaStore;

const std::string kSpace = "0123456789abcdef0123456789abcdef";
constexpr int kWriters = 4;
constexpr int kRounds = 12;

std::string value_of(int writer, int number) {
  // Every third value is large enough to be a file.
  std::size_t size = number % 3 == 2 ? 120'000 : 100;
  std::string text = std::to_string(writer) + ":" + std::to_string(number) + ":";
  return text + std::string(size, static_cast<char>('a' + number % 26));
}

std::string text_of(std::string kind, int writer, int number) {
  return kind + " " + std::to_string(writer) + " " + std::to_string(number) + "\n";
}

void acknowledge(int pipe, const std::string& line) {
  if (::write(pipe, line.data(), line.size()) != static_cast<ssize_t>(line.size())) ::_exit(3);
}

// Writes in order, telling the parent after each acknowledgement.
Task<bool> write_forever(EmbeddedEngine& engine, int writer, int first, int pipe) {
  for (int number = first;; ++number) {
    MetaStore::Transaction transaction;
    std::string at = std::to_string(writer) + "/" + std::to_string(number);
    transaction.writes.push_back({"left/" + at, "v"});
    transaction.writes.push_back({"right/" + at, "v"});
    auto committed = co_await engine.meta().commit(std::move(transaction));
    if (!committed) ::_exit(4);
    acknowledge(pipe, text_of("meta", writer, number));

    std::vector<KvStore::Write> writes;
    writes.push_back(
        {"current" + std::to_string(writer), KvStore::Entry{value_of(writer, number), "", {}}});
    writes.push_back(
        {"twin" + std::to_string(writer), KvStore::Entry{value_of(writer, number), "", {}}});
    auto written = co_await engine.kv().write(kSpace, std::move(writes));
    if (!written) ::_exit(5);
    acknowledge(pipe, text_of("kv", writer, number));

    auto blob = co_await engine.blobs().put(value_of(writer, number));
    if (!blob) ::_exit(6);
    acknowledge(pipe, text_of("blob", writer, number));
  }
  co_return true;
}

[[noreturn]] void be_the_writer(const std::string& folder, int first, int pipe) {
  auto engine = EmbeddedEngine::open({.folder = folder});
  if (!engine) ::_exit(2);
  Loop loop;
  for (int writer = 0; writer < kWriters; ++writer) {
    loop.start(write_forever(**engine, writer, first, pipe), [](bool) {});
  }
  loop.run_all();
  ::_exit(7);
}

struct Acknowledged {
  // For each writer the last number acknowledged, -1 for none.
  std::map<int, int> meta, kv, blob;
};

// Starts a writer, kills it after `lifetime` and notes what it said was durable.
void run_and_kill(const std::string& folder, int first, std::chrono::microseconds lifetime,
                  Acknowledged& acknowledged) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    ::close(ends[0]);
    be_the_writer(folder, first, ends[1]);
  }
  ::close(ends[1]);
  std::thread killer([&] {
    std::this_thread::sleep_for(lifetime);
    ::kill(child, SIGKILL);
  });
  std::string said;
  char buffer[4096];
  for (ssize_t got; (got = ::read(ends[0], buffer, sizeof buffer)) > 0;) said.append(buffer, got);
  killer.join();
  ::close(ends[0]);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status)) << "the writer failed with " << WEXITSTATUS(status);

  std::istringstream lines(said.substr(0, said.rfind('\n') + 1));
  std::string kind;
  int writer = 0, number = 0;
  while (lines >> kind >> writer >> number) {
    auto& last = kind == "meta" ? acknowledged.meta
                 : kind == "kv" ? acknowledged.kv
                                : acknowledged.blob;
    last[writer] = number;
  }
}

TEST(Durability, NoAcknowledgedWriteIsLostWhenTheProcessIsKilled) {
  TemporaryFolder folder;
  std::map<int, std::string> there;  // by writer: its current value
  int first = 0;
  int total = 0;
  for (int round = 0; round < kRounds; ++round) {
    Acknowledged acknowledged;
    unsigned random = 0;
    fill_random(&random, sizeof random);
    run_and_kill(folder.path(), first, std::chrono::microseconds(20'000 + random % 150'000),
                 acknowledged);
    if (HasFatalFailure()) return;

    auto engine = EmbeddedEngine::open({.folder = folder.path()});
    ASSERT_TRUE(engine) << engine.error().message();
    Loop loop;
    int next_first = first;
    for (int writer = 0; writer < kWriters; ++writer) {
      std::string name = std::to_string(writer);
      auto has = [&](const std::string& side, int number) {
        auto record =
            loop.run((*engine)->meta().get(side + "/" + name + "/" + std::to_string(number)));
        return record && *record;
      };
      int last = acknowledged.meta.contains(writer) ? acknowledged.meta[writer] : first - 1;
      for (int number = first; number <= last; ++number) {
        EXPECT_TRUE(has("left", number)) << "round " << round << " number " << number;
        ++total;
      }
      EXPECT_EQ(has("left", last + 1), has("right", last + 1)) << "a transaction is there by half";

      auto current = loop.run((*engine)->kv().get(kSpace, "current" + name));
      auto twin = loop.run((*engine)->kv().get(kSpace, "twin" + name));
      ASSERT_TRUE(current && twin);
      // The last one acknowledged, or the one after it; before the first acknowledgement of a
      // round, what was there before or the first one.
      std::set<std::string> possible;
      if (acknowledged.kv.contains(writer)) {
        possible = {value_of(writer, acknowledged.kv[writer]),
                    value_of(writer, acknowledged.kv[writer] + 1)};
      } else {
        possible = {there[writer], value_of(writer, first)};
      }
      there[writer] = *current ? (*current)->value : "";
      EXPECT_TRUE(possible.contains(there[writer]))
          << there[writer].substr(0, 20) << " is there, first " << first << ", acknowledged "
          << (acknowledged.kv.contains(writer) ? acknowledged.kv[writer] : -1);
      EXPECT_EQ(there[writer], *twin ? (*twin)->value : "") << "a write is there by half";
      if (acknowledged.blob.contains(writer)) {
        std::string bytes = value_of(writer, acknowledged.blob[writer]);
        auto blob = loop.run((*engine)->blobs().get(crypto::sha256_hex(bytes)));
        ASSERT_TRUE(blob) << blob.error().message();
        EXPECT_EQ(*blob, bytes);
      }
      next_first = std::max(next_first, last + 2);
    }
    first = next_first;
  }
  EXPECT_GT(total, 0) << "the writers never got to acknowledge anything";
  RecordProperty("acknowledged", total);
}

}  // namespace
}  // namespace atoll::engines
