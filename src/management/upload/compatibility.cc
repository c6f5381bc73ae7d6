#include "management/upload/compatibility.h"

#include "compatibility/flags.h"

namespace atoll::management {

Answer<void> check_compatibility_date(std::string_view date, WallTime now) {
  if (date.empty()) return {};
  std::string shown(date.substr(0, 40));
  bool has_form = date.size() == 10 && date[4] == '-' && date[7] == '-';
  for (std::size_t i = 0; has_form && i < date.size(); ++i) {
    if (i != 4 && i != 7 && (date[i] < '0' || date[i] > '9')) has_form = false;
  }
  auto parsed = has_form ? parse_rfc3339(std::string(date) + "T00:00:00Z") : std::nullopt;
  if (!parsed) {
    return fail(refused("compatibility_date \"" + shown +
                        "\" is not a calendar date in the form YYYY-MM-DD"));
  }
  if (*parsed > now + std::chrono::days(1)) {
    return fail(refused("compatibility_date \"" + shown + "\" lies in the future"));
  }
  return {};
}

Answer<void> check_compatibility_flags(const std::vector<std::string>& flags) {
  Result<void> checked = compatibility::check_flags(flags);
  if (!checked) return fail(refused(checked.error().message()));
  return {};
}

}  // namespace atoll::management
