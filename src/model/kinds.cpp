#include <upsun/model/kinds.hpp>

#include <boost/mp11/algorithm.hpp>

namespace upsun {

integration_settings make_settings(std::size_t kind) {
  return boost::mp11::mp_with_index<kind_count>(
      kind, [](auto index) { return integration_settings(std::in_place_index<index>); });
}

}  // namespace upsun
