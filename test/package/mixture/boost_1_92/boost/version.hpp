// Another Boost than the library's.
#pragma once
#define BOOST_VERSION 109200
#define BOOST_LIB_VERSION "1_92"
