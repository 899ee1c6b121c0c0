target_sources(upsun PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/address_book.cpp
  ${CMAKE_CURRENT_LIST_DIR}/connect_answer.cpp
  ${CMAKE_CURRENT_LIST_DIR}/connect_race.cpp
  ${CMAKE_CURRENT_LIST_DIR}/deadline_wheel.cpp
  ${CMAKE_CURRENT_LIST_DIR}/http_date.cpp
  ${CMAKE_CURRENT_LIST_DIR}/name_cache.cpp
  ${CMAKE_CURRENT_LIST_DIR}/origin.cpp
  ${CMAKE_CURRENT_LIST_DIR}/pipeline.cpp
  ${CMAKE_CURRENT_LIST_DIR}/plain_head.cpp
  ${CMAKE_CURRENT_LIST_DIR}/pool_core.cpp
  ${CMAKE_CURRENT_LIST_DIR}/proxy.cpp
  ${CMAKE_CURRENT_LIST_DIR}/request_head.cpp
  ${CMAKE_CURRENT_LIST_DIR}/response_parser.cpp
  ${CMAKE_CURRENT_LIST_DIR}/route.cpp
  ${CMAKE_CURRENT_LIST_DIR}/validators.cpp)
