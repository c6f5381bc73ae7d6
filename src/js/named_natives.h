// Functions of C++ for built-in JavaScript that is loaded when a Worker needs it. What the start-up
// snapshot holds of them costs every isolate; these are made when their part is loaded.
#pragma once

#include <string_view>
#include <vector>

#include "js/native_function.h"

namespace atoll::js {

// A function of C++ that bears a name and is no constructor.
v8::MaybeLocal<v8::Function> make_native(v8::Local<v8::Context> context, std::string_view name,
                                         v8::FunctionCallback callback);

// Once, before the first isolate. The tables' rows must outlive the process.
void set_named_natives(const std::vector<NativeTable>& natives);

// nativesNamed("a b c") → an object of these functions, without a prototype. Throws for a name that
// no table has.
NativeTable named_natives();

}  // namespace atoll::js
