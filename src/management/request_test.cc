#include <gtest/gtest.h>

#include "management/envelope.h"
#include "management/error_body.h"
#include "management/identity.h"
#include "management/paging.h"
#include "management/request.h"

namespace atoll::management {
namespace {

TEST(Query, DecodesLikeForms) {
  Query query("/path?name=a%26b+c&flag&empty=&name=second&broken=%zz");
  EXPECT_EQ(query.text("name"), "a&b c");
  EXPECT_EQ(query.find("flag"), "");
  EXPECT_EQ(query.find("empty"), "");
  EXPECT_EQ(query.text("broken"), "%zz");
  EXPECT_FALSE(query.find("absent"));
  EXPECT_FALSE(Query("/path").find("path"));
}

TEST(HeaderParameter, UnderstandsQuotes) {
  EXPECT_EQ(header_parameter("form-data; name=\"a;b=c\"; filename=x", "filename"), "x");
  EXPECT_EQ(header_parameter("form-data; name=\"a;b=c\"; filename=x", "name"), "a;b=c");
  EXPECT_EQ(header_parameter("form-data ; Name = x ", "name"), "x");
  EXPECT_FALSE(header_parameter("form-data; flag", "flag"));
  EXPECT_FALSE(header_parameter("form-data; name=\"open", "name"));
}

TEST(Paging, APagePastTheEndIsEmpty) {
  Json rows = Json::array({1, 2, 3});
  auto body = [&](const char* target) {
    return *parse_json(page_of(rows, *read_page_query(Query(target))).body);
  };
  EXPECT_EQ(body("/?page=2&per_page=2")["result"], Json::array({3}));
  EXPECT_EQ(body("/?page=3&per_page=2")["result"], Json::array());
  EXPECT_EQ(body("/?page=999999999&per_page=2")["result"], Json::array());
  EXPECT_EQ(body("/?page=2&per_page=2")["result_info"]["total_pages"], 2);
  EXPECT_EQ(body("/?page=0")["result"].size(), 3u);
  EXPECT_FALSE(read_page_query(Query("/?page=-1")));
  EXPECT_FALSE(read_page_query(Query("/?per_page=1e3")));
  EXPECT_EQ(read_page_query(Query("/?per_page=5000"))->per_page, kMaxPerPage);
}

TEST(Paging, CursorsComeBackAsTheyWere) {
  std::string key("a/\0\xffz", 5);
  EXPECT_EQ(*read_cursor(Query("/?cursor=" + make_cursor(key))), key);
  EXPECT_EQ(*read_cursor(Query("/")), "");
  EXPECT_FALSE(read_cursor(Query("/?cursor=abc")));
  EXPECT_FALSE(read_cursor(Query("/?cursor=zz")));
}

TEST(Credentials, OnlyABearerOrAKeyWithItsEmailCounts) {
  auto of = [](std::vector<Field> fields) {
    return read_credentials(Request{"GET", "/", std::move(fields), {}});
  };
  EXPECT_EQ(*of({{"authorization", "bearer  secret"}}), "secret");
  EXPECT_EQ(*of({{"x-auth-key", "k"}, {"x-auth-email", "e"}}), "k");
  EXPECT_EQ(of({{"x-auth-key", "k"}}).error().status, 401u);
  EXPECT_EQ(of({}).error().code, codes::kAuthentication);
  EXPECT_EQ(of({{"authorization", "Basic x"}}).error().status, 401u);
  EXPECT_EQ(of({{"authorization", "Bearer a b"}}).error().code, codes::kMalformedCredentials);
}

TEST(ErrorBody, FinalConflictsAreMarkedAndInternalTextStaysInside) {
  auto retry = [](const ApiError& error) {
    for (const Field& field : error_response(error).fields) {
      if (field.name == "x-should-retry") return field.value;
    }
    return std::string();
  };
  EXPECT_EQ(retry({409, codes::kPatternTaken, "taken"}), "false");
  EXPECT_EQ(retry({409, codes::kConcurrentChange, "again"}), "");
  EXPECT_EQ(error_response(internal_error("opening meta.db")).body.find("meta.db"),
            std::string::npos);
  EXPECT_EQ(error_response(internal_error("x")).status, 500u);
  EXPECT_NE(error_response(ApiError(400, 1, "")).body.find("Unknown error"), std::string::npos);
}

}  // namespace
}  // namespace atoll::management
