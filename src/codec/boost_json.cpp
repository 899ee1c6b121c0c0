// Boost.JSON's own sources, compiled into this library: users need no package with its binary.
#include <boost/json/src.hpp>
