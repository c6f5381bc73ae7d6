// Runs the tests of the rooms that need V8: atoll-host-test SNAPSHOT [GoogleTest options].
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>

#include "apps/isolate_host/natives.h"
#include "runtime/testing/worker_fixture.h"

extern "C" int atoll_host_main(int argc, char** argv, char**) {
  testing::InitGoogleTest(&argc, argv);
  if (argc != 2) {
    std::fputs("usage: atoll-host-test SNAPSHOT [GoogleTest options]\n", stderr);
    _exit(2);
  }
  atoll::runtime::WorkerFixture::use_snapshot(argv[1], atoll::host::all_natives());
  int status = RUN_ALL_TESTS();
  std::fflush(nullptr);
  _exit(status);  // V8 does not like to be taken down by static destructors
}
