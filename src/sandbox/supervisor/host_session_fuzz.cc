// A host that has been taken over says anything. The session must neither fall nor stop, and
// nothing of a script that the host has not loaded may come back: neither a secret nor a value.
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "bundle/bundle.h"
#include "engines/memory/memory_engine.h"
#include "sandbox/supervisor/host_session.h"

namespace atoll::sandbox {
namespace {

constexpr std::string_view kOthersWord = "nobody may read this";

struct NoEvents final : scripts::ScriptEvents {
  Task<void> on_script_changed(scripts::Scope, std::string) override { co_return; }
  Task<void> on_namespace_changed(scripts::Scope) override { co_return; }
  Task<void> on_routes_changed() override { co_return; }
  Task<void> on_kv_namespace_deleted(std::string) override { co_return; }
};

struct NoLog final : EventLog {
  void event(LogLevel, std::string_view, const Json&) override {}
  void host_lines(std::string_view) override {}
};

struct NoWayOut final : WayOut {
  Task<Result<Opened>> open(WayOutRequest, std::uint64_t) override {
    co_return fail(Error(ErrorKind::Denied, "no"));
  }
  void cut(std::uint64_t) override {}
  void release(std::uint64_t) override {}
};

struct Watching final : HostSession::Observer {
  void on_hello() override {}
  void on_session_closed(const Error&) override {}
  void on_kv_written(const std::string&, const std::string&, HostSession&) override {}
  void on_lane_changed(const scripts::Scope&, const std::string&) override {}
  void on_link_closed(HostSession&, std::uint64_t) override {}
};

// Two accounts with a script each; the host is let in on one of them.
class World {
 public:
  World() : registry_(meta_, blobs_, events_) {
    run(make_account("mine"));
    run(make_account("others"));
  }

  // Everything the supervisor has said to `input`, after Hello and one route.
  std::string answer_to(std::string_view input) {
    engines::MemoryKvStore kv;
    HostServices services{registry_, kv, log_, {}};
    services.way_out = &way_out_;
    run(fill(kv));
    auto pair = border::make_socket_pair();
    CHECK(pair);
    UniqueFd ours = std::move(pair->ours);
    auto session = HostSession::start(loop_, std::move(pair->theirs), services, watching_, 0);
    say(ours, framed(border::MessageType::Hello, 0, border::encode(border::Hello())));
    settle();
    session->change_routes({.upserts = {{"r", "a.test/*", "mine", "app"}}, .removed = {}}, [] {});
    std::string heard;
    while (!input.empty()) {
      std::size_t sent = say(ours, input);
      settle();
      listen(ours, heard);
      if (sent == 0) break;
      input.remove_prefix(sent);
    }
    ours = UniqueFd();
    settle();
    session->end();
    session.reset();
    settle();
    return heard;
  }

  static std::string framed(border::MessageType type, std::uint32_t id, std::string body) {
    border::Frame frame{type, 0, id, std::move(body)};
    return border::encode_frame_header(frame) + frame.body;
  }

 private:
  void settle() {
    loop_.restart();
    while (loop_.poll() > 0) loop_.restart();
  }

  template <typename T>
  void run(Task<T> task) {
    bool done = false;
    asio::co_spawn(loop_, std::move(task), [&](std::exception_ptr thrown, auto&&... result) {
      CHECK(!thrown);
      (CHECK(result), ...);
      done = true;
    });
    settle();
    CHECK(done);
  }

  Task<Result<void>> make_account(std::string account) {
    auto put = co_await registry_.accounts.put_account(
        {.id = account, .name = account, .subdomain = account});
    CO_CHECK(put);
    auto kv = co_await registry_.kv_namespaces.create(account, "values");
    CO_CHECK(kv);
    kv_ids_.push_back(kv->id);
    auto tenants = co_await registry_.dispatch_namespaces.create(account, "tenants", {});
    CO_CHECK(tenants);
    auto bundle = bundle::Bundle::encode(
        {{"main.js", bundle::ModuleKind::EsModule, "export default {}", true}});
    CO_CHECK(bundle);
    auto stored = co_await registry_.scripts.store_blob(*bundle);
    CO_CHECK(stored);
    scripts::Publication publication;
    publication.content.bundle_id = *stored;
    publication.content.main_module = "main.js";
    // The second binding names what belongs to the other account or to nobody.
    publication.content.bindings = {
        {"VALUES", "kv_namespace", {{"namespace_id", kv->id}}},
        {"OTHERS", "kv_namespace", {{"namespace_id", kv_ids_.front()}}},
        {"PEER", "service", {{"service", "app"}}},
        {"TENANTS", "dispatch_namespace", {{"namespace", "tenants"}}},
        {"SECRET", "secret_text", Json::object()},
    };
    publication.secrets = {{"SECRET", account == "mine" ? "mine" : std::string(kOthersWord)}};
    publication.deploy_with_annotations = Json::object();
    auto compose = [&](const scripts::ScriptState*) -> Result<scripts::Publication> {
      return publication;
    };
    auto published = co_await registry_.scripts.publish_version({account, ""}, "app", compose);
    CO_CHECK(published);
    co_return Result<void>();
  }

  Task<Result<void>> fill(engines::MemoryKvStore& kv) {
    for (std::size_t i = 0; i < kv_ids_.size(); ++i) {
      store::KvStore::Entry entry{i == 0 ? "mine" : std::string(kOthersWord), "", {}};
      auto written = co_await kv.write(kv_ids_[i], {{"key", entry}});
      CO_CHECK(written);
    }
    co_return Result<void>();
  }

  static std::size_t say(const UniqueFd& socket, std::string_view bytes) {
    ssize_t sent = ::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return sent < 0 ? 0 : static_cast<std::size_t>(sent);
  }

  // Descriptors that come along are dropped by the kernel, as there is no room for them.
  static void listen(const UniqueFd& socket, std::string& heard) {
    std::array<char, 65'536> buffer;
    for (;;) {
      ssize_t got = ::recv(socket.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (got <= 0) return;
      heard.append(buffer.data(), static_cast<std::size_t>(got));
    }
  }

  asio::io_context loop_;
  engines::MemoryMetaStore meta_;
  engines::MemoryBlobStore blobs_;
  NoEvents events_;
  NoLog log_;
  NoWayOut way_out_;
  Watching watching_;
  scripts::Registry registry_;
  std::vector<std::string> kv_ids_;
};

// Well-formed frames of the types that hosts send, with any bodies: [type][id][size] body, and so
// on.
std::string frames_of(std::string_view bytes) {
  constexpr auto kFirst = static_cast<unsigned>(border::MessageType::LoadScript);
  std::string frames;
  while (bytes.size() >= 3) {
    auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    auto type = static_cast<border::MessageType>(kFirst + byte(0) % 9);
    std::uint32_t id = byte(1);
    std::size_t size = std::min<std::size_t>(byte(2), bytes.size() - 3);
    frames += World::framed(type, id, std::string(bytes.substr(3, size)));
    bytes.remove_prefix(3 + size);
  }
  return frames;
}

}  // namespace
}  // namespace atoll::sandbox

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace atoll::sandbox;
  if (size == 0 || size > 4096) return 0;
  static World* world = new World();
  std::string_view input(reinterpret_cast<const char*>(data + 1), size - 1);
  std::string said = data[0] % 2 == 0 ? std::string(input) : frames_of(input);
  CHECK(world->answer_to(said).find(kOthersWord) == std::string::npos);
  return 0;
}
