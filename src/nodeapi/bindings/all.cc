#include "nodeapi/bindings/bindings.h"

namespace atoll::nodeapi {
namespace {

constexpr const Binding* kBindings[] = {
    &kBufferBinding, &kStringDecoderBinding, &kTypesBinding, &kUtilBinding, &kZlibBinding,
};

}  // namespace

std::span<const Binding* const> all_bindings() { return kBindings; }

}  // namespace atoll::nodeapi
