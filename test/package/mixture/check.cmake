# Compiles main.cpp as the library was compiled, which links, and in ways that differ, which must not: the linker names what differs.
cmake_minimum_required(VERSION 3.25)

# OPTIONS, and the symbol that is then missing.
set(mixtures
    "-fno-rtti" without_rtti
    "-DBOOST_ASIO_DISABLE_THREADS" with_BOOST_ASIO_DISABLE_THREADS
    "-DBOOST_ASIO_DISABLE_EPOLL" with_BOOST_ASIO_DISABLE_EPOLL
    "-DBOOST_ASIO_DISABLE_EVENTFD" with_BOOST_ASIO_DISABLE_EVENTFD
    "-DBOOST_ASIO_ENABLE_HANDLER_TRACKING" with_BOOST_ASIO_ENABLE_HANDLER_TRACKING
    "-DBOOST_ASIO_USE_TS_EXECUTOR_AS_DEFAULT" with_BOOST_ASIO_USE_TS_EXECUTOR_AS_DEFAULT
    "-DBOOST_ASIO_DISABLE_SMALL_BLOCK_RECYCLING" with_BOOST_ASIO_DISABLE_SMALL_BLOCK_RECYCLING
    "-DBOOST_ASIO_RECYCLING_ALLOCATOR_CACHE_SIZE=8" with_BOOST_ASIO_RECYCLING_ALLOCATOR_CACHE_SIZE_8
    "-D_GLIBCXX_DEBUG" with_GLIBCXX_DEBUG
    "-I${CMAKE_CURRENT_LIST_DIR}/boost_1_92" boost_version_109200
    "-I${CMAKE_CURRENT_LIST_DIR}/upsun_0_99" upsun_version_0_99)

function(link options)
  execute_process(COMMAND ${COMPILER} -std=c++20 ${options} -I${INCLUDE} ${CMAKE_CURRENT_LIST_DIR}/main.cpp ${LIBRARY} -o ${PROGRAM} RESULT_VARIABLE code
                  OUTPUT_VARIABLE output ERROR_VARIABLE output)
  set(code ${code} PARENT_SCOPE)
  set(output ${output} PARENT_SCOPE)
endfunction()

link("")
if(NOT code EQUAL 0)
  message(FATAL_ERROR "compiled as the library was, the program must link:\n${output}")
endif()
while(mixtures)
  list(POP_FRONT mixtures options symbol)
  link(${options})
  if(code EQUAL 0 OR NOT output MATCHES "upsun::needs_library_built::${symbol}")
    message(FATAL_ERROR "compiled with ${options} the program must not link, for want of ${symbol}:\n${output}")
  endif()
endwhile()
