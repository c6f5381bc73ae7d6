# Rooms of the supervisor: the process that holds state and never runs tenant code.
room(crypto USES base LIBS OpenSSL::Crypto)
room(engines USES store crypto LIBS SQLite::SQLite3)
room(scripts USES store crypto bundle)
if(TARGET scripts_test)
  target_link_libraries(scripts_test PRIVATE atoll_engines)
endif()
room(management USES scripts routing compatibility)
# The .rest files against the API with stores in memory, and the same API on a socket.
add_library(rest_world STATIC EXCLUDE_FROM_ALL tests/rest/fake_checker.cc tests/rest/world.cc)
target_link_libraries(rest_world PUBLIC atoll_management atoll_engines atoll_egress)
add_executable(rest_test tests/rest/rest_test.cc tests/rest/exchange.cc tests/rest/server_test.cc)
target_compile_definitions(rest_test PRIVATE
    ATOLL_REST_FOLDER="${CMAKE_SOURCE_DIR}/tests/rest"
    ATOLL_REST_SPECIFICATION="${CMAKE_SOURCE_DIR}/spec/management.openapi.yaml")
target_link_libraries(rest_test PRIVATE rest_world GTest::gtest)
gtest_discover_tests(rest_test TEST_PREFIX rest. DISCOVERY_MODE PRE_TEST)
add_executable(rest_scratch_server tests/rest/scratch_server.cc)
target_link_libraries(rest_scratch_server PRIVATE rest_world)
add_test(NAME rest.sdk WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
         COMMAND ${CMAKE_SOURCE_DIR}/node_modules/.bin/node --test tests/rest/sdk.test.mjs)
set_tests_properties(rest.sdk PROPERTIES
                     ENVIRONMENT "REST_SERVER=$<TARGET_FILE:rest_scratch_server>")
room(egress USES async)
room(sandbox DIR sandbox/supervisor USES border routing store scripts crypto)
if(TARGET sandbox_test)
  target_link_libraries(sandbox_test PRIVATE atoll_engines)
endif()
if(TARGET host_session_fuzz)
  target_link_libraries(host_session_fuzz PRIVATE atoll_engines)
endif()
room(platform DIR apps/platform USES management sandbox engines egress observability)

# The program. Its test starts it, with the fake host of sandbox_test in the place of atoll-host.
add_executable(atoll src/apps/cli/main.cc src/apps/cli/command_line.cc)
target_link_libraries(atoll PRIVATE atoll_platform)
target_link_options(atoll PRIVATE -static-libstdc++ -static-libgcc)
add_executable(atoll_test src/apps/cli/atoll_test.cc src/apps/cli/command_line.cc)
target_link_libraries(atoll_test PRIVATE atoll_platform GTest::gtest GTest::gtest_main)
add_dependencies(atoll_test atoll sandbox_test)
gtest_discover_tests(atoll_test TEST_PREFIX atoll. DISCOVERY_MODE PRE_TEST)
