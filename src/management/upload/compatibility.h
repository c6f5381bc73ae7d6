// Compatibility dates and flags of uploads.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "management/api_error.h"

namespace atoll::management {

// 10021 unless `date` is empty or an ISO date no later than tomorrow: the uploader's clock may be
// ahead of UTC by most of a day.
Answer<void> check_compatibility_date(std::string_view date, WallTime now);

// 10021 naming the flag that is unknown, given twice, or contradicts another.
Answer<void> check_compatibility_flags(const std::vector<std::string>& flags);

// For uploads that name none: before every date-dependent change.
inline constexpr std::string_view kOldestCompatibilityDate = "2021-11-02";

}  // namespace atoll::management
