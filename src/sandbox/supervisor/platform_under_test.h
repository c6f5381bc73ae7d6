// A registry on a real engine in a folder of its own, and a loop to run coroutines on: what the
// supervisor's tests stand on.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <filesystem>

#include "bundle/bundle.h"
#include "engines/embedded/embedded_engine.h"
#include "sandbox/supervisor/announcing_kv_store.h"
#include "sandbox/supervisor/host_fleet.h"
#include "sandbox/supervisor/listening_socket.h"
#include "sandbox/supervisor/script_notices.h"

namespace atoll::sandbox {

struct RecordedLog final : EventLog {
  void event(LogLevel, std::string_view message, const Json& fields) override {
    events += std::string(message) + " " + dump_json(fields) + "\n";
  }
  void host_lines(std::string_view text) override { lines += text; }
  std::string events;
  std::string lines;
};

class PlatformTest : public testing::Test {
 protected:
  PlatformTest() {
    folder_ = testing::TempDir() + "atoll-sandbox-XXXXXX";
    EXPECT_NE(::mkdtemp(folder_.data()), nullptr);
    engine_ = *engines::EmbeddedEngine::open({.folder = folder_});
    notices_.emplace(engine_->kv(), log_);
    registry_.emplace(engine_->meta(), engine_->blobs(), *notices_);
    services_.emplace(HostServices{*registry_, engine_->kv(), log_, {}});
    run(make_account());
  }
  ~PlatformTest() override {
    notices_->connect(nullptr);
    fleet_.reset();
    loop_.restart();
    loop_.run_for(std::chrono::seconds(5));
    engine_.reset();
    std::filesystem::remove_all(folder_);
  }

  template <typename T>
  T run(Task<T> task) {
    std::optional<T> result;
    bool done = false;
    asio::co_spawn(loop_, std::move(task), [&](std::exception_ptr thrown, T value) {
      EXPECT_FALSE(thrown);
      result = std::move(value);
      done = true;
    });
    run_until_true(done);
    return std::move(*result);
  }
  void run(Task<void> task) {
    bool done = false;
    asio::co_spawn(loop_, std::move(task), [&](std::exception_ptr thrown) {
      EXPECT_FALSE(thrown);
      done = true;
    });
    run_until_true(done);
  }
  void pass(std::chrono::milliseconds time) {
    loop_.restart();
    loop_.run_for(time);
  }

  // Starts `count` fake hosts on a free port.
  Result<void> start_hosts(unsigned count, std::string mode = "good") {
    auto listening = listen_on("127.0.0.1:0");
    EXPECT_TRUE(listening);
    address_ = listening->address;
    routes_.emplace(*registry_, "atoll.test");
    HostOptions options{"/proc/self/exe", {"atoll-host", "--fake-host", mode}, {}, {}};
    fleet_ = std::make_unique<HostFleet>(loop_, options, std::move(listening->socket), *services_,
                                         *routes_);
    notices_->connect(fleet_.get());
    return run(fleet_->start(count));
  }

  // What the host that accepts the connection answers.
  std::string ask(std::string command) { return run(exchange(std::move(command))); }

  scripts::Version publish(std::string name, std::vector<scripts::Binding> bindings = {},
                           scripts::Secrets secrets = {}, std::string namespace_id = {}) {
    auto published = run(publish_task(name, bindings, secrets, namespace_id));
    EXPECT_TRUE(published) << published.error().message();
    return published->version;
  }

  asio::io_context loop_;
  std::string folder_;
  RecordedLog log_;
  std::unique_ptr<engines::EmbeddedEngine> engine_;
  std::optional<ScriptNotices> notices_;
  std::optional<scripts::Registry> registry_;
  std::optional<HostServices> services_;
  std::optional<RouteTable> routes_;
  std::unique_ptr<HostFleet> fleet_;
  std::string address_;

 private:
  void run_until_true(const bool& done) {
    loop_.restart();
    auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!done && std::chrono::steady_clock::now() < deadline) {
      loop_.run_one_for(std::chrono::milliseconds(50));
      loop_.restart();
    }
    ASSERT_TRUE(done) << "the task did not end in time\n" << log_.events;
  }

  Task<void> make_account() {
    scripts::Account account;
    account.id = "acc";
    account.name = "Account";
    account.subdomain = "acc";
    auto made = co_await registry_->accounts.put_account(account);
    EXPECT_TRUE(made);
  }

  Task<Result<scripts::Published>> publish_task(std::string name,
                                                std::vector<scripts::Binding> bindings,
                                                scripts::Secrets secrets,
                                                std::string namespace_id) {
    auto bundle = bundle::Bundle::encode(
        {{"main.js", bundle::ModuleKind::EsModule, "export default {}", true}});
    CO_CHECK(bundle);
    auto stored = co_await registry_->scripts.store_blob(*bundle);
    CO_CHECK(stored);
    scripts::Publication publication;
    publication.content.bundle_id = *stored;
    publication.content.main_module = "main.js";
    publication.content.bindings = bindings;
    publication.secrets = secrets;
    publication.settings.subdomain_enabled = true;
    publication.deploy_with_annotations = Json::object();
    auto compose = [&](const scripts::ScriptState*) -> Result<scripts::Publication> {
      return publication;
    };
    co_return co_await registry_->scripts.publish_version({"acc", namespace_id}, name, compose);
  }

  Task<std::string> exchange(std::string command) {
    asio::ip::tcp::socket socket(loop_);
    auto port = static_cast<unsigned short>(std::stoi(address_.substr(address_.rfind(':') + 1)));
    co_await socket.async_connect({asio::ip::address_v4::loopback(), port}, kAwaitTuple);
    command += "\n";
    co_await asio::async_write(socket, asio::buffer(command), kAwaitTuple);
    std::string answer;
    co_await asio::async_read(socket, asio::dynamic_buffer(answer), kAwaitTuple);
    if (answer.ends_with('\n')) answer.pop_back();
    co_return answer;
  }
};

}  // namespace atoll::sandbox
