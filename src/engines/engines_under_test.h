// The engines that the contract tests run against, and how those run a task.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "async/task.h"
#include "base/random.h"
#include "engines/embedded/embedded_engine.h"
#include "engines/memory/memory_engine.h"

namespace atoll::engines {

// Removed with all its contents.
class TemporaryFolder {
 public:
  TemporaryFolder()
      : path_(std::filesystem::temp_directory_path() / ("atoll-test-" + random_hex(8))) {
    std::filesystem::create_directory(path_);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  std::string path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// Runs tasks to their end on a loop of its own.
class Loop {
 public:
  template <typename T>
  T run(Task<T> task) {
    std::optional<T> result;
    start(std::move(task), [&](T value) { result = std::move(value); });
    run_all();
    return std::move(*result);
  }

  // Starts a task; run_all() then runs everything that was started, overlapping.
  template <typename T, typename Done>
  void start(Task<T> task, Done done) {
    asio::co_spawn(loop_, std::move(task), [done](std::exception_ptr failure, T value) mutable {
      if (failure) std::rethrow_exception(failure);
      done(std::move(value));
    });
  }
  void run_all() {
    loop_.restart();
    loop_.run();
  }
  asio::io_context& context() { return loop_; }

 private:
  asio::io_context loop_;
};

// Time that stands still until a test moves it.
class TestClock {
 public:
  WallTime now() const { return WallTime(std::chrono::milliseconds(now_ms_.load())); }
  void advance(std::chrono::milliseconds by) { now_ms_ += by.count(); }

 private:
  std::atomic<std::int64_t> now_ms_ = 1'767'322'800'000;
};

class EngineUnderTest {
 public:
  virtual ~EngineUnderTest() = default;
  virtual store::MetaStore& meta() = 0;
  virtual store::KvStore& kv() = 0;
  virtual store::BlobStore& blobs() = 0;
};

class MemoryUnderTest final : public EngineUnderTest {
 public:
  explicit MemoryUnderTest(TestClock& clock) : kv_([&clock] { return clock.now(); }) {}
  store::MetaStore& meta() override { return meta_; }
  store::KvStore& kv() override { return kv_; }
  store::BlobStore& blobs() override { return blobs_; }

 private:
  MemoryMetaStore meta_;
  MemoryKvStore kv_;
  MemoryBlobStore blobs_;
};

class EmbeddedUnderTest final : public EngineUnderTest {
 public:
  explicit EmbeddedUnderTest(TestClock& clock) {
    auto engine = EmbeddedEngine::open({.folder = folder_.path(),
                                        .now = [&clock] { return clock.now(); },
                                        .kv = {.open_files = 4,  // few, so that tests evict
                                               .purge_every = std::chrono::milliseconds(20)}});
    CHECK(engine);
    engine_ = std::move(*engine);
  }
  store::MetaStore& meta() override { return engine_->meta(); }
  store::KvStore& kv() override { return engine_->kv(); }
  store::BlobStore& blobs() override { return engine_->blobs(); }

 private:
  TemporaryFolder folder_;
  std::unique_ptr<EmbeddedEngine> engine_;
};

struct NamedEngine {
  const char* name;
  std::function<std::unique_ptr<EngineUnderTest>(TestClock&)> open;
};

inline std::vector<NamedEngine> all_engines() {
  return {
      {"Memory", [](TestClock& clock) { return std::make_unique<MemoryUnderTest>(clock); }},
      {"Embedded", [](TestClock& clock) { return std::make_unique<EmbeddedUnderTest>(clock); }}};
}

// Base of the contract suites: a fresh engine, a loop and a clock for each test.
class ContractTest : public testing::TestWithParam<NamedEngine> {
 protected:
  ContractTest() : engine_(GetParam().open(clock_)) {}

  Loop loop_;
  TestClock clock_;
  std::unique_ptr<EngineUnderTest> engine_;
};

#define CONTRACT_SUITE(Suite)                                                    \
  INSTANTIATE_TEST_SUITE_P(EveryEngine, Suite, testing::ValuesIn(all_engines()), \
                           [](const auto& engine) { return std::string(engine.param.name); })

}  // namespace atoll::engines
