// The other side of the border, for tests: run with --fake-host this test program is not a test but
// an isolate host (or compiler) without V8. It answers a line of text on each connection that it
// accepts, so that a test can make it ask its supervisor for things.
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <map>
#include <sstream>

#include "sandbox/border/supervisor_link.h"
#include "sandbox/supervisor/child_process.h"

namespace atoll::sandbox {
namespace {

namespace asio = boost::asio;
using border::Handle;

std::string content_of(const UniqueFd& file) {
  std::string content(1 << 20, '\0');
  ssize_t size = ::pread(file.get(), content.data(), content.size(), 0);
  content.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  return content;
}

class FakeHost final : border::SupervisorLink::Handler {
 public:
  explicit FakeHost(asio::io_context& loop)
      : loop_(loop), link_(loop, UniqueFd(border::kBorderDescriptor), *this) {}

 private:
  // Who asks, and gets one line.
  struct Connection {
    virtual ~Connection() = default;
    virtual void answer(std::string text) = 0;
  };
  struct Accepted final : Connection {
    explicit Accepted(asio::ip::tcp::socket accepted) : socket(std::move(accepted)) {}
    asio::ip::tcp::socket socket;
    asio::streambuf received;
    void answer(std::string text) override {
      boost::system::error_code ignored;
      asio::write(socket, asio::buffer(text + "\n"), ignored);
      (void)socket.close(ignored);
    }
  };
  // Another fake host, over a link.
  struct Linked final : Connection {
    Linked(asio::io_context& loop, UniqueFd socket) : stream(loop, socket.release()) {}
    asio::posix::stream_descriptor stream;
    asio::streambuf received;
    void answer(std::string text) override {
      boost::system::error_code ignored;
      asio::write(stream, asio::buffer(text + "\n"), ignored);
    }
  };

  void on_welcome(border::Welcome welcome, UniqueFd listener) override {
    if (!listener) return;  // the compiler, or another lane
    acceptor_.emplace(loop_, asio::ip::tcp::v4(), listener.release());
  }
  void on_routes_changed(border::RoutesChanged change) override {
    for (auto& route : change.upserts) routes_[route.id] = route;
    for (auto& id : change.removed) routes_.erase(id);
  }
  void on_routes_ready() override {
    if (acceptor_) accept();
  }
  void on_script_changed(const std::string& key) override { heard_ += "script " + key + ";"; }
  void on_kv_changed(Handle kv, const std::vector<std::string>& keys) override {
    heard_ += "kv " + std::to_string(kv);
    for (const auto& key : keys) heard_ += " " + key;
    heard_ += ";";
  }
  void on_check_script(border::CheckScript check, UniqueFd bundle,
                       border::SupervisorLink::CheckDone done) override {
    std::string code = content_of(bundle);
    border::CheckOutcome outcome;
    if (code.find("hang") != std::string::npos) {
      while (true) ::pause();
    }
    if (code.find("crash") != std::string::npos) std::abort();
    if (code.find("bad") != std::string::npos) outcome.error = "SyntaxError: bad";
    if (::write(border::kBorderDescriptor, "", 0) < 0) outcome.error = "no border";
    outcome.handlers = {"fetch", check.compatibility_date};
    outcome.startup_time_ms = static_cast<std::uint32_t>(::getpid());
    done(outcome);
  }
  void on_drain(std::uint32_t) override { std::_Exit(0); }
  void on_disconnected(const Error&) override { std::_Exit(1); }
  void on_serve_link(std::uint64_t, UniqueFd socket) override {
    serve(std::make_shared<Linked>(loop_, std::move(socket)));
  }
  void on_allow_call(std::uint64_t link, Handle script) override {
    allowed_ += std::to_string(link) + "=" + std::to_string(script) + ";";
  }

  void serve(std::shared_ptr<Linked> caller) {
    asio::async_read_until(caller->stream, caller->received, '\n',
                           [this, caller](boost::system::error_code failed, std::size_t) {
                             if (failed) return;
                             std::istream lines(&caller->received);
                             std::string line;
                             std::getline(lines, line);
                             obey(caller, line);
                             serve(caller);
                           });
  }

  // Asks the host at the other end of a link.
  void ask_over(std::uint64_t link, std::string line, std::shared_ptr<Connection> connection) {
    auto asked = links_[link];
    if (!asked) return connection->answer("error: no link");
    boost::system::error_code ignored;
    asio::write(asked->stream, asio::buffer(line + "\n"), ignored);
    asio::async_read_until(asked->stream, asked->received, '\n',
                           [asked, connection](boost::system::error_code, std::size_t) {
                             std::istream lines(&asked->received);
                             std::string answer;
                             std::getline(lines, answer);
                             connection->answer(answer);
                           });
  }

  void accept() {
    acceptor_->async_accept([this](boost::system::error_code error, asio::ip::tcp::socket socket) {
      if (error) return;
      auto connection = std::make_shared<Accepted>(std::move(socket));
      asio::async_read_until(connection->socket, connection->received, '\n',
                             [this, connection](boost::system::error_code failed, std::size_t) {
                               if (failed) return;
                               std::istream lines(&connection->received);
                               std::string line;
                               std::getline(lines, line);
                               obey(connection, line);
                             });
      accept();
    });
  }

  void obey(std::shared_ptr<Connection> connection, const std::string& line) {
    std::istringstream words(line);
    std::string command, first, second;
    words >> command >> first >> second;
    auto number = [](const std::string& text) { return std::strtoull(text.c_str(), nullptr, 10); };
    if (command == "pid") {
      connection->answer(std::to_string(::getpid()));
    } else if (command == "routes") {
      std::string all;
      for (auto& [id, route] : routes_) all += route.pattern + "=" + route.script_name + ";";
      connection->answer(all);
    } else if (command == "route") {
      connection->answer(std::to_string(routes_[first].target));
    } else if (command == "load") {
      load(connection, number(first), second);
    } else if (command == "via") {
      ask_over(number(first), line.substr(line.find(second)), connection);
    } else if (command == "allowed") {
      connection->answer(allowed_);
    } else if (command == "closed") {
      link_.link_closed(number(first));
      connection->answer("told");
    } else if (command == "burn") {
      border::Stats stats;
      stats.long_turns.push_back({number(first), static_cast<std::uint32_t>(number(second))});
      link_.stats(stats);
      connection->answer("told");
    } else if (command == "get") {
      link_.kv_get(number(first), {second}, [connection](auto values) {
        if (!values) return connection->answer("error " + values.error().message());
        auto& entry = values->entries[0];
        connection->answer(entry ? entry->value + " " + entry->metadata : "absent");
      });
    } else if (command == "put") {
      link_.kv_write(number(first), second, border::KvEntry{"value of " + second, "", {}},
                     [connection](auto done) {
                       connection->answer(done ? "done" : "error " + done.error().message());
                     });
    } else if (command == "flood") {
      flood(connection, number(first), number(second));
    } else if (command == "list") {
      link_.kv_list({number(first), second, "", 1000}, [connection](auto page) {
        if (!page) return connection->answer("error " + page.error().message());
        std::string all;
        for (auto& key : page->keys) all += key.name + ";";
        connection->answer(all);
      });
    } else if (command == "cache") {
      link_.store_code_cache(number(first), second);
      connection->answer("sent");
    } else if (command == "heard") {
      connection->answer(std::exchange(heard_, {}));
    } else if (command == "log") {
      link_.log(line + "\n");
      connection->answer("logged");
    } else if (command == "print") {
      std::printf("%s\n", line.c_str());
      std::fflush(stdout);
      connection->answer("printed");
    } else if (command == "descriptors") {
      connection->answer(open_descriptors());
    } else if (command == "nonsense") {
      (void)!::write(border::kBorderDescriptor, "GET / HTTP/1.1\r\n\r\n", 18);
    } else if (command == "busy") {
      connection->answer("busy");
      ::usleep(static_cast<useconds_t>(number(first)) * 1000);
    } else {
      link_.flush_log();
      std::_Exit(9);
    }
  }

  // Writes and reads a value of 4 MiB, each `count` times, all at once.
  void flood(std::shared_ptr<Connection> connection, Handle kv, std::uint64_t count) {
    struct Tally {
      std::uint64_t left, good = 0, refused = 0;
    };
    auto tally = std::make_shared<Tally>(Tally{2 * count});
    auto count_one = [connection, tally](bool good) {
      ++(good ? tally->good : tally->refused);
      if (--tally->left > 0) return;
      connection->answer(std::to_string(tally->good) + " good " + std::to_string(tally->refused) +
                         " refused");
    };
    for (std::uint64_t i = 0; i < count; ++i) {
      border::KvEntry large{std::string(4u << 20, 'x'), "", {}};
      link_.kv_write(kv, "large", std::move(large),
                     [count_one](auto done) { count_one(done.has_value()); });
      link_.kv_get(kv, {"large"}, [count_one](auto values) { count_one(values.has_value()); });
    }
  }

  void load(std::shared_ptr<Connection> connection, Handle handle, const std::string& name) {
    link_.load_script(handle, name, [this, connection](auto loaded) {
      if (!loaded) return connection->answer("error " + loaded.error().message());
      if (loaded->script.status == border::LoadStatus::Held) return connection->answer("held");
      if (loaded->script.status == border::LoadStatus::Elsewhere) {
        bool fresh = !loaded->descriptors.empty();
        if (fresh) {
          links_[loaded->script.link] =
              std::make_shared<Linked>(loop_, std::move(loaded->descriptors.front()));
        }
        return connection->answer("elsewhere " + loaded->script.script_key +
                                  " link=" + std::to_string(loaded->script.link) +
                                  " target=" + std::to_string(loaded->script.link_target) +
                                  (fresh ? " new" : ""));
      }
      if (loaded->script.status == border::LoadStatus::NotFound) {
        return connection->answer("not found " + loaded->script.script_key);
      }
      const auto& version = loaded->script.versions.at(0);
      std::string text = "found " + loaded->script.script_key;
      text += " version=" + std::to_string(version.handle);
      text += " cached=" + std::to_string(version.code_cache_descriptor.has_value());
      for (const auto& binding : version.bindings) {
        text += " " + binding.name + "=" + std::to_string(binding.handle) + ":" + binding.text;
      }
      std::string code = content_of(loaded->descriptors.at(version.bundle_descriptor));
      bool writable =
          ::pwrite(loaded->descriptors[version.bundle_descriptor].get(), "x", 1, 0) == 1;
      connection->answer(text + (writable ? " WRITABLE" : "") +
                         " code=" + (code.find("export") != std::string::npos ? "export" : "?"));
    });
  }

  static std::string open_descriptors() {
    std::string all;
    for (int i = 0; i < 256; ++i) {
      char target[256] = {};
      std::string path = "/proc/self/fd/" + std::to_string(i);
      if (::readlink(path.c_str(), target, sizeof target - 1) > 0) {
        all += std::to_string(i) + "=" + target + " ";
      }
    }
    return all;
  }

  asio::io_context& loop_;
  std::optional<asio::ip::tcp::acceptor> acceptor_;
  std::map<std::string, border::Route> routes_;
  std::string heard_;
  std::string allowed_;
  std::map<std::uint64_t, std::shared_ptr<Linked>> links_;
  border::SupervisorLink link_;
};

// Starts a child that would live for ever, tells its id, and waits to be killed.
[[noreturn]] void run_fake_supervisor() {
  asio::io_context loop;
  auto child = ChildProcess::start(
      loop, {"/proc/self/exe", {"atoll-host", "--fake-host", "mute"}, {}, 2, 3});
  std::printf("%d\n", child ? (*child)->pid() : -1);
  std::fflush(stdout);
  while (true) ::pause();
}

// Runs before main(), because main() is GoogleTest's.
__attribute__((constructor(65535))) void run_as_asked(int count, char** arguments, char**) {
  std::string what = count > 2 ? arguments[1] : "";
  if (what == "--fake-supervisor") run_fake_supervisor();
  // By its own name it can take atoll-host's place beside a real `atoll`.
  if (what != "--fake-host" && std::string(arguments[0]) != "atoll-host") return;
  std::string mode = what == "--fake-host" ? arguments[2] : "good";
  if (mode == "dies") std::_Exit(7);
  if (mode == "mute") {
    while (true) ::pause();
  }
  asio::io_context loop;
  FakeHost host(loop);
  loop.run();
  std::_Exit(0);
}

}  // namespace
}  // namespace atoll::sandbox
