# The isolate host: a copy of the Node binary with libatoll-host.so attached, and the snapshot of the
# built-in JavaScript. V8 cannot be linked against; its symbols are found in the Node binary at load.
room(js HOST USES base)
room(net_tls HOST DIR net/tls USES net)
room(coding HOST DIR http/coding USES http js)
room(runtime HOST USES js http coding net border bundle compatibility)
room(webapi HOST USES runtime coding)
room(nodeapi HOST USES runtime webapi coding)
room(kv HOST DIR bindings/kv USES runtime)
room(fetch HOST DIR bindings/fetch USES runtime)
room(cache HOST DIR bindings/cache USES runtime)
room(dispatch HOST WITHOUT routing USES runtime routing)
file(GLOB v8_subclasses CONFIGURE_DEPENDS src/js/platform.cc src/js/buffer_allocator.cc
     src/js/shared_source.cc src/js/*_no_rtti.cc src/runtime/*_no_rtti.cc src/webapi/*/*_no_rtti.cc)
set_source_files_properties(${v8_subclasses} PROPERTIES COMPILE_OPTIONS -fno-rtti)

# attach_to_node(EXECUTABLE LIBRARY): a copy of the Node binary that loads the library beside it.
function(attach_to_node executable library)
  add_custom_command(OUTPUT ${executable}
    COMMAND cp ${ATOLL_NODE_PACKAGE}/bin/node ${executable}.tmp
    COMMAND patchelf --set-rpath "$ORIGIN" ${executable}.tmp
    COMMAND patchelf --add-needed lib${library}.so ${executable}.tmp
    COMMAND mv ${executable}.tmp ${executable}
    DEPENDS ${ATOLL_NODE_PACKAGE}/bin/node VERBATIM)
endfunction()

# host_library(TARGET OUTPUT_NAME source...): what is attached; defines atoll_host_main.
function(host_library target output_name)
  add_library(${target} SHARED ${ARGN} src/js/node/take_over.cc)
  set_target_properties(${target} PROPERTIES OUTPUT_NAME ${output_name}
                        LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
  target_link_libraries(${target} PRIVATE
                        atoll_dispatch
                        atoll_kv
                        atoll_fetch
                        atoll_cache
                        atoll_nodeapi
                        atoll_net_tls
                        atoll_webapi
                        atoll_runtime
                        atoll_observability)
  target_link_options(${target} PRIVATE -Wl,--exclude-libs,ALL -Wl,-z,undefs)
endfunction()

file(GLOB host_sources CONFIGURE_DEPENDS src/apps/isolate_host/*.cc)
host_library(atoll-host-library atoll-host ${host_sources})
attach_to_node(atoll-host atoll-host)

file(GLOB_RECURSE builtin_sources CONFIGURE_DEPENDS src/webapi/*.js src/bindings/*.js
     src/nodeapi/*.js)
add_custom_command(OUTPUT builtins.js builtin_parts.json
  COMMAND ${ATOLL_NODE_PACKAGE}/bin/node ${CMAKE_SOURCE_DIR}/tools/bundle_builtins.mjs
          ${CMAKE_BINARY_DIR}/builtins.js ${CMAKE_BINARY_DIR}/builtin_parts.json
  DEPENDS ${builtin_sources} tools/bundle_builtins.mjs VERBATIM)
# What isolates compile when a Worker needs it: lazy parts of the built-ins; the sources of Node's own
# library, read out of the Node binary, and ours that stand in for some.
file(GLOB_RECURSE library_sources CONFIGURE_DEPENDS src/nodeapi/library/*.js)
add_custom_command(OUTPUT node_library.pack
  COMMAND ${ATOLL_NODE_PACKAGE}/bin/node ${CMAKE_SOURCE_DIR}/tools/pack_node_library.mjs
          ${CMAKE_BINARY_DIR}/node_library.pack ${CMAKE_BINARY_DIR}/builtin_parts.json
  DEPENDS ${library_sources} builtin_parts.json tools/pack_node_library.mjs VERBATIM)
add_custom_command(OUTPUT builtins.snapshot
  COMMAND ./atoll-host --build-snapshot builtins.js node_library.pack builtins.uncached
  COMMAND ./atoll-host --cache-library builtins.uncached builtins.snapshot
  DEPENDS builtins.js node_library.pack atoll-host atoll-host-library VERBATIM)
add_custom_target(isolate-host ALL DEPENDS atoll-host builtins.snapshot)

get_property(host_tests GLOBAL PROPERTY ATOLL_HOST_TESTS)
if(host_tests)
  host_library(atoll-host-test-library atoll-host-test ${host_tests} src/apps/isolate_host/natives.cc
               src/apps/isolate_host/testing/host_test_main.cc)
  target_link_libraries(atoll-host-test-library PRIVATE GTest::gtest)
  attach_to_node(atoll-host-test atoll-host-test)
  add_custom_target(isolate-host-test ALL DEPENDS atoll-host-test atoll-host-test-library
                    builtins.snapshot)
  # Breaks out of itself, or tries to: see tests/e2e/escape.test.mjs.
  file(GLOB escape_sources CONFIGURE_DEPENDS src/apps/isolate_host/testing/escape*.cc)
  host_library(atoll-host-escape-library atoll-host-escape ${escape_sources}
               src/apps/isolate_host/natives.cc src/apps/isolate_host/start_up.cc)
  attach_to_node(atoll-host-escape atoll-host-escape)
  add_custom_target(isolate-host-escape ALL DEPENDS atoll-host-escape atoll-host-escape-library
                    builtins.snapshot)
  add_test(NAME host COMMAND atoll-host-test ${CMAKE_BINARY_DIR}/builtins.snapshot)
endif()
