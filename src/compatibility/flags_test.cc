#include "compatibility/flags.h"

#include <gtest/gtest.h>

namespace atoll::compatibility {
namespace {

TEST(FlagSet, is_on_from_the_date_of_the_flag) {
  EXPECT_FALSE(FlagSet("2025-10-31", {}).has("enable_ctx_exports"));
  EXPECT_TRUE(FlagSet("2025-11-17", {}).has("enable_ctx_exports"));
  EXPECT_FALSE(FlagSet("", {}).has("enable_ctx_exports"));
}

TEST(FlagSet, obeys_names_before_dates) {
  EXPECT_TRUE(FlagSet("2021-11-02", {"nodejs_compat"}).has("nodejs_compat"));
  EXPECT_FALSE(FlagSet("2026-08-22", {"no_nodejs_compat"}).has("nodejs_compat"));
  EXPECT_TRUE(FlagSet("2026-08-22", {}).has("nodejs_compat"));
}

TEST(FlagSet, implies_from_a_date_on_unless_switched_off) {
  EXPECT_FALSE(FlagSet("2024-09-22", {"nodejs_compat"}).has("nodejs_compat_v2"));
  EXPECT_TRUE(FlagSet("2024-09-23", {"nodejs_compat"}).has("nodejs_compat_v2"));
  EXPECT_FALSE(
      FlagSet("2024-09-23", {"nodejs_compat", "no_nodejs_compat_v2"}).has("nodejs_compat_v2"));
}

TEST(FlagSet, implies_through_an_implied_flag) {
  FlagSet flags("2025-09-01", {"nodejs_compat"});
  EXPECT_TRUE(flags.has("enable_nodejs_http_modules"));
  EXPECT_TRUE(flags.has("enable_nodejs_http_server_modules"));
  EXPECT_FALSE(FlagSet("2025-09-01", {"nodejs_compat", "disable_nodejs_http_modules"})
                   .has("enable_nodejs_http_server_modules"));
}

TEST(FlagSet, passes_over_names_that_mean_nothing) {
  EXPECT_FALSE(FlagSet("2026-08-22", {"no_such_flag"}).has_named("no_such_flag"));
}

TEST(check_flags, names_what_is_wrong) {
  EXPECT_TRUE(check_flags({"nodejs_compat", "global_fetch_strictly_public"}));
  EXPECT_EQ(check_flags({"nodejs_kompat"}).error().message(),
            "No such compatibility flag: nodejs_kompat");
  EXPECT_EQ(check_flags({"nodejs_compat", "nodejs_compat"}).error().message(),
            "Compatibility flag specified multiple times: nodejs_compat");
  EXPECT_EQ(
      check_flags({"disallow_eval_during_startup", "allow_eval_during_startup"}).error().message(),
      "Compatibility flags are mutually contradictory: allow_eval_during_startup vs "
      "disallow_eval_during_startup");
}

}  // namespace
}  // namespace atoll::compatibility
