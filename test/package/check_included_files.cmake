# Runs COMMAND, which prints a make rule of the files a source includes, and fails when one of them is of the parts that must stay inside the library.
separate_arguments(command UNIX_COMMAND "${COMMAND}")
execute_process(COMMAND ${command} OUTPUT_VARIABLE rule COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[^ \n\\]+" files "${rule}")

list(FILTER files INCLUDE REGEX "/(upsun/client\\.hpp|boost/(beast|json|asio/ssl)[/.].*|openssl/.*)$")
list(REMOVE_DUPLICATES files)
list(POP_FRONT files client)
if(NOT client MATCHES "/upsun/client\\.hpp$")
  message(FATAL_ERROR "the list does not name upsun/client.hpp: ${rule}")
endif()
if(files)
  message(FATAL_ERROR "upsun/client.hpp includes ${files}")
endif()
