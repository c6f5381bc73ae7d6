// The link to Node, all of it: this library is attached to a copy of the Node binary, whose start
// code calls __libc_start_main. Ours replaces Node's main with atoll_host_main, so Node never
// starts and only its exported libraries (V8, OpenSSL, ICU, ada, zlib) are used.
#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>

extern "C" int atoll_host_main(int argc, char** argv, char** envp);

extern "C" __attribute__((visibility("default"))) int __libc_start_main(
    int (*)(int, char**, char**), int argc, char** argv, int (*init)(int, char**, char**),
    void (*fini)(), void (*rtld_fini)(), void* stack_end) {
  using StartMain = int (*)(int (*)(int, char**, char**), int, char**, int (*)(int, char**, char**),
                            void (*)(), void (*)(), void*);
  auto start = reinterpret_cast<StartMain>(dlsym(RTLD_NEXT, "__libc_start_main"));
  if (start == nullptr) {
    std::fputs("atoll-host: the C library has no __libc_start_main\n", stderr);
    std::abort();
  }
  return start(atoll_host_main, argc, argv, init, fini, rtld_fini, stack_end);
}
