// Any date and any names of flags, one per line, the date first: checked or refused, and the set
// says of each flag what its parts say.
#include <algorithm>
#include <cstdint>

#include "base/check.h"
#include "compatibility/flags.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace atoll::compatibility;
  constexpr std::size_t kMaxLines = 50;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<std::string> names;
  while (!text.empty() && names.size() < kMaxLines) {
    std::size_t end = std::min(text.find('\n'), text.size());
    names.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (names.empty()) return 0;
  std::string date = std::move(names.front());
  names.erase(names.begin());

  bool accepted = check_flags(names).has_value();
  FlagSet set(date, names);
  for (std::size_t i = 0; i < kFlags.size(); ++i) {
    CHECK(set.at(i) == set.has_named(kFlags[i].name));
    bool named = std::ranges::find(names, kFlags[i].name) != names.end();
    bool opposed = std::ranges::find(names, kFlags[i].opposite) != names.end();
    CHECK(!named || set.at(i));
    CHECK(!accepted || !(named && opposed));
  }
  return 0;
}
