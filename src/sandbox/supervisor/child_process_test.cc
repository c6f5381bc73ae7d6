#include "sandbox/supervisor/child_process.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <thread>

#include "sandbox/border/channel.h"
#include "sandbox/supervisor/child_output.h"
#include "sandbox/supervisor/listening_socket.h"

namespace atoll::sandbox {
namespace asio = boost::asio;

namespace {

TEST(ChildProcess, DiesWithItsSupervisorEvenWhenThatIsKilled) {
  asio::io_context loop;
  auto sockets = *border::make_socket_pair();
  std::string printed;
  ChildOutput output(loop, [&](std::string_view line) { printed = line; });
  UniqueFd output_end = *output.open();
  auto supervisor = ChildProcess::start(loop, {"/proc/self/exe",
                                               {"atoll", "--fake-supervisor", "x"},
                                               {},
                                               output_end.get(),
                                               sockets.theirs.get()});
  ASSERT_TRUE(supervisor) << supervisor.error().message();
  while (printed.empty()) loop.run_one_for(std::chrono::seconds(5));
  pid_t grandchild = std::stoi(printed);
  ASSERT_GT(grandchild, 0);
  EXPECT_EQ(::kill(grandchild, 0), 0);
  (*supervisor)->kill();
  bool gone = false;
  for (int i = 0; i < 100 && !gone; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    // Orphans are reaped by init; where nothing reaps, a zombie is dead enough.
    std::string path = "/proc/" + printed + "/stat";
    std::FILE* stat = std::fopen(path.c_str(), "r");
    char state = 'X';
    if (stat) {
      if (std::fscanf(stat, "%*d %*s %c", &state) != 1) state = 'X';
      std::fclose(stat);
    }
    gone = state == 'Z' || state == 'X';
  }
  EXPECT_TRUE(gone);
}

TEST(ChildProcess, AnAbsentExecutableIsNotFound) {
  asio::io_context loop;
  auto sockets = *border::make_socket_pair();
  auto child = ChildProcess::start(
      loop, {"/nonexistent/atoll-host", {"atoll-host"}, {}, 2, sockets.theirs.get()});
  ASSERT_FALSE(child);
  EXPECT_EQ(child.error().kind(), ErrorKind::NotFound);
  EXPECT_NE(child.error().message().find("/nonexistent/atoll-host"), std::string::npos);
}

TEST(ListeningSocket, PicksAFreePortAndTellsAPortInUse) {
  auto first = listen_on("127.0.0.1:0");
  ASSERT_TRUE(first) << first.error().message();
  EXPECT_TRUE(first->address.starts_with("127.0.0.1:"));
  EXPECT_NE(first->address, "127.0.0.1:0");
  auto second = listen_on(first->address);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message(), "the address " + first->address + " is in use");
}

TEST(ListeningSocket, RefusesWhatIsNoAddress) {
  for (const char* text : {"", "8080", "localhost:80", "127.0.0.1:", "127.0.0.1:65536",
                           "127.0.0.1:80x", "::1:80", "[::1]", "[::1:80", "1.2.3:80"}) {
    auto socket = listen_on(text);
    ASSERT_FALSE(socket) << text;
    EXPECT_EQ(socket.error().kind(), ErrorKind::InvalidInput) << text;
  }
}

}  // namespace
}  // namespace atoll::sandbox
