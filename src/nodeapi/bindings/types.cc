// internalBinding('types'): what a value is, whatever its prototype says.
#include "nodeapi/bindings/bindings.h"

namespace atoll::nodeapi {
namespace {

template <bool (v8::Value::*is)() const>
void check(const js::Arguments& info) {
  info.GetReturnValue().Set(((*info[0])->*is)());
}

void is_any_array_buffer(const js::Arguments& info) {
  info.GetReturnValue().Set(info[0]->IsArrayBuffer() || info[0]->IsSharedArrayBuffer());
}

void is_boxed_primitive(const js::Arguments& info) {
  info.GetReturnValue().Set(info[0]->IsNumberObject() || info[0]->IsStringObject() ||
                            info[0]->IsBooleanObject() || info[0]->IsBigIntObject() ||
                            info[0]->IsSymbolObject());
}

using v8::Value;
constexpr js::NativeFunction kFunctions[] = {
    {"isExternal", check<&Value::IsExternal>},
    {"isDate", check<&Value::IsDate>},
    {"isArgumentsObject", check<&Value::IsArgumentsObject>},
    {"isBigIntObject", check<&Value::IsBigIntObject>},
    {"isBooleanObject", check<&Value::IsBooleanObject>},
    {"isNumberObject", check<&Value::IsNumberObject>},
    {"isStringObject", check<&Value::IsStringObject>},
    {"isSymbolObject", check<&Value::IsSymbolObject>},
    {"isBoxedPrimitive", is_boxed_primitive},
    {"isNativeError", check<&Value::IsNativeError>},
    {"isRegExp", check<&Value::IsRegExp>},
    {"isAsyncFunction", check<&Value::IsAsyncFunction>},
    {"isGeneratorFunction", check<&Value::IsGeneratorFunction>},
    {"isGeneratorObject", check<&Value::IsGeneratorObject>},
    {"isPromise", check<&Value::IsPromise>},
    {"isMap", check<&Value::IsMap>},
    {"isSet", check<&Value::IsSet>},
    {"isMapIterator", check<&Value::IsMapIterator>},
    {"isSetIterator", check<&Value::IsSetIterator>},
    {"isWeakMap", check<&Value::IsWeakMap>},
    {"isWeakSet", check<&Value::IsWeakSet>},
    {"isArrayBuffer", check<&Value::IsArrayBuffer>},
    {"isDataView", check<&Value::IsDataView>},
    {"isSharedArrayBuffer", check<&Value::IsSharedArrayBuffer>},
    {"isProxy", check<&Value::IsProxy>},
    {"isModuleNamespaceObject", check<&Value::IsModuleNamespaceObject>},
    {"isAnyArrayBuffer", is_any_array_buffer},
};

}  // namespace

const Binding kTypesBinding{"types", kFunctions};

}  // namespace atoll::nodeapi
