// ICU's converters, as the Node binary exports them: C functions whose names carry ICU's major
// version. No header ships with the binary; https://unicode-org.github.io/icu-docs documents them.
// When Node moves to another ICU, change the suffix here.
#pragma once

#include <cstdint>

extern "C" {

struct UConverter;
using UErrorCode = std::int32_t;  // 0 success, negative a warning, positive a failure

UConverter* ucnv_open_78(const char* name, UErrorCode* error);
void ucnv_close_78(UConverter*);
// Converts [*source, source_limit) into [*target, target_limit), moving both pointers. error 15
// (buffer overflow): call again.
void ucnv_toUnicode_78(UConverter*, char16_t** target, const char16_t* target_limit,
                       const char** source, const char* source_limit, std::int32_t* offsets,
                       std::int8_t flush, UErrorCode* error);
std::int32_t ucnv_toUCountPending_78(const UConverter*, UErrorCode* error);

// Called for malformed bytes; reason 0 unassigned, 1 illegal, 2 irregular, beyond that a notice of
// reset or close. To go on, it writes a replacement and clears the error.
using UConverterToUCallback = void (*)(const void* context, void* arguments, const char* units,
                                       std::int32_t length, std::int32_t reason, UErrorCode* error);
void ucnv_setToUCallBack_78(UConverter*, UConverterToUCallback action, const void* context,
                            UConverterToUCallback* old_action, const void** old_context,
                            UErrorCode* error);
void ucnv_cbToUWriteUChars_78(void* arguments, const char16_t* text, std::int32_t length,
                              std::int32_t offset, UErrorCode*);
void UCNV_TO_U_CALLBACK_STOP_78(const void*, void*, const char*, std::int32_t, std::int32_t,
                                UErrorCode*);

}  // extern "C"

namespace atoll::js {

inline constexpr UErrorCode kIcuBufferOverflow = 15;

}  // namespace atoll::js
