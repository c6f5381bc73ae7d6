# Rooms of the supervisor: the process that holds state and never runs tenant code.
room(crypto USES base LIBS OpenSSL::Crypto)
room(engines USES store crypto LIBS SQLite::SQLite3)
room(scripts USES store crypto bundle)
if(TARGET scripts_test)
  target_link_libraries(scripts_test PRIVATE atoll_engines)
endif()
room(management USES scripts)
