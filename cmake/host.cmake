# The isolate host: a copy of the Node binary with libatoll-host.so attached, and the snapshot of the
# built-in JavaScript. V8 cannot be linked against; its symbols are found in the Node binary at load.
room(js HOST USES base)
room(runtime HOST USES js http border bundle)
room(webapi HOST USES runtime)
room(kv HOST DIR bindings/kv USES runtime)
room(dispatch HOST USES runtime)
file(GLOB v8_subclasses CONFIGURE_DEPENDS src/js/platform.cc src/js/buffer_allocator.cc
     src/js/shared_source.cc src/js/*_no_rtti.cc src/runtime/*_no_rtti.cc src/webapi/*/*_no_rtti.cc)
set_source_files_properties(${v8_subclasses} PROPERTIES COMPILE_OPTIONS -fno-rtti)

file(GLOB host_sources CONFIGURE_DEPENDS src/apps/isolate_host/*.cc)
add_library(atoll-host-library SHARED ${host_sources} src/js/node/take_over.cc)
set_target_properties(atoll-host-library PROPERTIES OUTPUT_NAME atoll-host)
target_link_libraries(atoll-host-library PRIVATE atoll_dispatch atoll_kv atoll_webapi atoll_runtime)
target_link_options(atoll-host-library PRIVATE -Wl,--exclude-libs,ALL -Wl,-z,undefs)
set_target_properties(atoll-host-library PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})

add_custom_command(OUTPUT atoll-host
  COMMAND cp ${ATOLL_NODE_PACKAGE}/bin/node atoll-host.tmp
  COMMAND patchelf --set-rpath "$ORIGIN" atoll-host.tmp
  COMMAND patchelf --add-needed libatoll-host.so atoll-host.tmp
  COMMAND mv atoll-host.tmp atoll-host
  DEPENDS ${ATOLL_NODE_PACKAGE}/bin/node VERBATIM)
file(GLOB_RECURSE builtin_sources CONFIGURE_DEPENDS src/webapi/*.js src/bindings/*.js)
add_custom_command(OUTPUT builtins.js
  COMMAND ${ATOLL_NODE_PACKAGE}/bin/node ${CMAKE_SOURCE_DIR}/tools/bundle_builtins.mjs
          ${CMAKE_BINARY_DIR}/builtins.js
  DEPENDS ${builtin_sources} tools/bundle_builtins.mjs VERBATIM)
add_custom_command(OUTPUT builtins.snapshot
  COMMAND ./atoll-host --build-snapshot builtins.js builtins.snapshot
  DEPENDS builtins.js atoll-host atoll-host-library VERBATIM)
add_custom_target(isolate-host ALL DEPENDS atoll-host builtins.snapshot)
