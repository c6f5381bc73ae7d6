// Runs each .rest file of this folder against a fresh API; each file is one test.
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <fstream>
#include <set>

#include "exchange.h"
#include "world.h"

namespace atoll::rest_test {
namespace {

class RestFile : public testing::Test {
 public:
  explicit RestFile(std::string path) : path_(std::move(path)) {}

  void TestBody() override {
    variables_["account"] = std::string(kAccount);
    run(world_.populate());
    for (const Exchange& exchange : read_exchanges(path_)) {
      play(exchange);
      if (HasFailure()) return;
    }
  }

 private:
  template <typename T>
  T run(Task<T> task) {
    if constexpr (std::is_void_v<T>) {
      asio::co_spawn(loop_, std::move(task), [](std::exception_ptr thrown) {
        if (thrown) std::rethrow_exception(thrown);
      });
      loop_.restart();
      loop_.run();
    } else {
      std::optional<T> result;
      asio::co_spawn(loop_, std::move(task), [&](std::exception_ptr thrown, T value) {
        if (thrown) std::rethrow_exception(thrown);
        result = std::move(value);
      });
      loop_.restart();
      loop_.run();
      return *std::move(result);
    }
  }

  void play(const Exchange& exchange) {
    management::Request request = exchange.request;
    request.target = "/client/v4" + substitute(request.target, variables_);
    request.body = substitute(request.body, variables_);
    if (exchange.title.find("(no credentials)") == std::string::npos &&
        request.field("authorization").empty() && request.field("x-auth-key").empty()) {
      request.fields.push_back({"authorization", "Bearer " + std::string(kToken)});
    }
    management::Response response = run(api_.handle(std::move(request)));

    std::string shown = path_ + ":" + std::to_string(exchange.line) + ": " + exchange.title + "\n" +
                        response.body.substr(0, 2000);
    EXPECT_EQ(response.status, exchange.status) << shown;
    for (const management::Field& field : exchange.expected_fields) {
      EXPECT_EQ(find_field(response, field.name), field.value) << shown;
    }
    EXPECT_EQ(mismatch(substitute(exchange.expected_body, variables_), response.body, variables_),
              "")
        << shown;
  }

  static std::string find_field(const management::Response& response, const std::string& name) {
    if (name == "content-type") return response.content_type;
    for (const management::Field& field : response.fields) {
      if (field.name == name) return field.value;
    }
    return "(absent)";
  }

  std::string path_;
  World world_;
  asio::io_context loop_;
  management::Api api_{world_.dependencies(), management::Settings()};
  Variables variables_;
};

// Of the specification: path lines are indented by two, their methods by four.
std::set<std::string> specified_routes() {
  std::ifstream file(ATOLL_REST_SPECIFICATION);
  std::set<std::string> routes;
  std::string path;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("  /")) path = line.substr(2, line.size() - 3);
    for (std::string method : {"get", "post", "put", "patch", "delete"}) {
      if (line != "    " + method + ":") continue;
      for (char& c : method) c = static_cast<char>(c - 'a' + 'A');
      routes.insert(method + " " + path);
    }
  }
  return routes;
}

TEST(Specification, ListsExactlyTheRoutesThatExist) {
  World world;
  management::Api api(world.dependencies(), management::Settings());
  std::set<std::string> specified = specified_routes();
  std::set<std::string> existing(api.router().routes().begin(), api.router().routes().end());
  for (const std::string& route : existing) EXPECT_TRUE(specified.contains(route)) << route;
  for (const std::string& route : specified) EXPECT_TRUE(existing.contains(route)) << route;
}

void register_files(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".rest") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    testing::RegisterTest("Rest", file.stem().c_str(), nullptr, nullptr, __FILE__, __LINE__,
                          [file]() -> testing::Test* { return new RestFile(file.string()); });
  }
}

}  // namespace
}  // namespace atoll::rest_test

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  atoll::rest_test::register_files(ATOLL_REST_FOLDER);
  return RUN_ALL_TESTS();
}
