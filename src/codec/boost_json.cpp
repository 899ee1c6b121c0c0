// Boost.JSON's own sources, compiled into this library so that users need no package with its
// binary.
#include <boost/json/src.hpp>
