// atoll-host-escape: starts and locks itself as an isolate host does, and then behaves as if tenant
// code had broken V8 and ran native code. A platform started with it as host_program finds the
// outcome of each attempt in its log; `--attempt NAME` makes one that should end the process.
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdio>
#include <cstring>

#include "apps/isolate_host/start_up.h"
#include "apps/isolate_host/testing/escape.h"
#include "sandbox/border/supervisor_link.h"

namespace atoll::host {
namespace {

void say(const std::string& line) {
  std::string text = "escape: " + line + "\n";
  (void)!::write(STDERR_FILENO, text.data(), text.size());
}

void report(const std::string& name, long result) {
  say(name + ": " +
      (result < 0 ? "refused, " + std::string(std::strerror(static_cast<int>(-result)))
                  : "SUCCEEDED with " + std::to_string(result)));
}

// Speaks to the supervisor as a host must, and asks for what nobody granted it.
class Intruder final : public border::SupervisorLink::Handler {
 public:
  Intruder(boost::asio::io_context& loop, wall::Layers walls)
      : loop_(loop), link_(loop, UniqueFd(border::kBorderDescriptor), *this, walls) {}

  void on_welcome(border::Welcome, UniqueFd listener) override { listener_ = std::move(listener); }
  void on_routes_changed(border::RoutesChanged change) override {
    for (const auto& route : change.upserts) granted_ = std::max(granted_, route.target);
  }
  void on_routes_ready() override {
    // Later: the supervisor first hears that this host is ready.
    pause_.expires_after(std::chrono::milliseconds(200));
    pause_.async_wait([this](auto) { attack(); });
  }
  void on_script_changed(const std::string&) override {}
  void on_kv_changed(border::Handle, const std::vector<std::string>&) override {}
  void on_check_script(border::CheckScript, UniqueFd, border::SupervisorLink::CheckDone) override {}
  void on_drain(std::uint32_t) override { ::_exit(0); }
  void on_disconnected(const Error&) override { ::_exit(0); }

 private:
  auto expect_refusal(std::string name) {
    ++asked_;
    return [this, name = std::move(name)](auto answer) {
      say(name + ": " + (answer ? "SUCCEEDED" : "refused, " + answer.error().message()));
      if (--asked_ == 0) say("done");
    };
  }

  void attack() {
    for (auto& attempts :
         {file_attempts(), socket_attempts(), process_attempts(), kernel_attempts()}) {
      for (const Attempt& attempt : attempts) report(attempt.name, attempt.run());
    }
    for (border::Handle handle = 0; handle <= kHandles; ++handle) {
      std::string number = " with handle " + std::to_string(handle);
      if (handle == 0 || handle > granted_) {
        link_.load_script(handle, "", expect_refusal("load a script" + number));
      }
      link_.load_script(handle, "victim", expect_refusal("load a user Worker" + number));
      link_.kv_get(handle, {"secret"}, expect_refusal("read a key" + number));
      link_.kv_write(handle, "secret", std::nullopt, expect_refusal("remove a key" + number));
      link_.kv_list({.handle = handle}, expect_refusal("list keys" + number));
      link_.connect({.version = handle, .host = "127.0.0.1", .port = 80},
                    expect_refusal("connect" + number));
    }
  }

  static constexpr border::Handle kHandles = 40;

  boost::asio::io_context& loop_;
  boost::asio::steady_timer pause_{loop_};
  border::SupervisorLink link_;
  UniqueFd listener_;
  border::Handle granted_ = 0;  // the routes' scripts, which a host may load
  int asked_ = 0;
};

int attempt_treason(const std::string& name) {
  if (!start_up(Sandbox::On)) return 3;
  for (const Attempt& attempt : treason_attempts()) {
    if (attempt.name == name) report(name, attempt.run());
  }
  return 0;
}

int intrude() {
  auto started = start_up(Sandbox::On);
  if (!started) return 3;
  boost::asio::io_context loop(1);
  Intruder intruder(loop, started->walls);
  loop.run();
  return 0;
}

}  // namespace
}  // namespace atoll::host

extern "C" int atoll_host_main(int argc, char** argv, char**) {
  using namespace atoll::host;
  std::string mode = argc > 1 ? argv[1] : "";
  int status = 0;
  if (mode == "--list") {
    for (const Attempt& attempt : treason_attempts()) std::puts(attempt.name.c_str());
  } else if (mode == "--attempt" && argc == 3) {
    status = attempt_treason(argv[2]);
  } else {
    status = intrude();
  }
  std::fflush(nullptr);
  ::_exit(status);
}
