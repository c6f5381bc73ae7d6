# Rooms of the supervisor: the process that holds state and never runs tenant code.
room(crypto USES base LIBS OpenSSL::Crypto)
room(engines USES store crypto LIBS SQLite::SQLite3)
room(scripts USES store crypto bundle)
if(TARGET scripts_test)
  target_link_libraries(scripts_test PRIVATE atoll_engines)
endif()
room(management USES scripts)
# The grammar of route patterns, without the rest of dispatch/, which needs V8.
target_sources(atoll_management PRIVATE ${CMAKE_SOURCE_DIR}/src/dispatch/route_pattern.cc)
room(sandbox DIR sandbox/supervisor USES border store scripts crypto)
if(TARGET sandbox_test)
  target_link_libraries(sandbox_test PRIVATE atoll_engines)
endif()
