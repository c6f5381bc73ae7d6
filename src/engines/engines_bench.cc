// Latency and rate of the embedded engine: engines_bench [folder]
#include <algorithm>
#include <chrono>
#include <cstdio>

#include "engines/engines_under_test.h"

namespace {

using namespace atoll;
using namespace atoll::engines;
using Clock = std::chrono::steady_clock;

const std::string kSpace = "0123456789abcdef0123456789abcdef";

struct Sample {
  std::vector<double> micros;
};

Task<bool> commit_many(store::MetaStore& store, int client, int count, Sample& sample) {
  for (int i = 0; i < count; ++i) {
    store::MetaStore::Transaction transaction;
    transaction.writes.push_back(
        {std::to_string(client) + "/" + std::to_string(i), std::string(1000, 'v')});
    auto start = Clock::now();
    CHECK(co_await store.commit(std::move(transaction)));
    sample.micros.push_back(
        std::chrono::duration<double, std::micro>(Clock::now() - start).count());
  }
  co_return true;
}

Task<bool> put_many(store::KvStore& store, int client, int count, Sample& sample) {
  for (int i = 0; i < count; ++i) {
    std::vector<store::KvStore::Write> writes;
    writes.push_back({std::to_string(client) + "/" + std::to_string(i),
                      store::KvStore::Entry{std::string(1000, 'v'), "", {}}});
    auto start = Clock::now();
    CHECK(co_await store.write(kSpace, std::move(writes)));
    sample.micros.push_back(
        std::chrono::duration<double, std::micro>(Clock::now() - start).count());
  }
  co_return true;
}

Task<bool> get_many(store::KvStore& store, int client, int count, Sample& sample) {
  for (int i = 0; i < count; ++i) {
    auto start = Clock::now();
    auto entry = co_await store.get(kSpace, std::to_string(client) + "/" + std::to_string(i % 100));
    CHECK(entry && *entry);
    sample.micros.push_back(
        std::chrono::duration<double, std::micro>(Clock::now() - start).count());
  }
  co_return true;
}

template <typename Start>
void measure(const char* what, int clients, int count, Start start) {
  Loop loop;
  Sample sample;
  auto begin = Clock::now();
  for (int client = 0; client < clients; ++client) {
    loop.start(start(client, count, sample), [](bool) {});
  }
  loop.run_all();
  double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  std::sort(sample.micros.begin(), sample.micros.end());
  std::printf("%-12s %3d clients  %8.0f/s  p50 %7.0f us  p99 %7.0f us\n", what, clients,
              static_cast<double>(sample.micros.size()) / seconds,
              sample.micros[sample.micros.size() / 2],
              sample.micros[sample.micros.size() * 99 / 100]);
}

}  // namespace

int main(int argc, char** argv) {
  TemporaryFolder folder;
  auto engine = EmbeddedEngine::open({.folder = argc > 1 ? argv[1] : folder.path()});
  CHECK(engine);
  auto& meta = (*engine)->meta();
  auto& kv = (*engine)->kv();
  for (int clients : {1, 16, 64}) {
    int count = 2000 / clients + 100;
    measure("meta commit", clients, count, [&](int client, int count, Sample& sample) {
      return commit_many(meta, client, count, sample);
    });
    measure("kv put", clients, count, [&](int client, int count, Sample& sample) {
      return put_many(kv, client, count, sample);
    });
    measure("kv get", clients, 20'000 / clients, [&](int client, int count, Sample& sample) {
      return get_many(kv, client, count, sample);
    });
  }
}
