// Who may run what: the border between lanes, tried from both sides.
#include "sandbox/supervisor/lane_hosts.h"

#include <signal.h>
#include <sys/resource.h>

#include "sandbox/supervisor/platform_under_test.h"

namespace atoll::sandbox {
namespace {

class Lanes : public PlatformTest {
 protected:
  void blame(const scripts::Scope& scope, const std::string& script) {
    services_->quarantine.blame(scope, script, "it ended a host", "", now());
  }
  static SteadyTime now() { return std::chrono::steady_clock::now(); }

  Result<void> put_group(scripts::TrustGroup group) {
    auto stored = run(registry_->trust_groups.put(std::move(group)));
    if (!stored) return stored;
    return run(fleet_->groups_changed());
  }
  std::string lanes() {
    std::string all;
    fleet_->for_each_host([&](const Host& host) { all += host.lane() + ";"; });
    return all;
  }
  std::string handle(const std::string& script) { return ask("route hostname:" + script); }

  // "N" of "… word=N …".
  static std::string value(const std::string& text, const std::string& word) {
    std::size_t place = text.find(word + "=");
    if (place == text.npos) return "none in " + text;
    place += word.size() + 1;
    return text.substr(place, text.find_first_of(" :", place) - place);
  }
};

TEST_F(Lanes, ThereIsOnlyTheDefaultOneUntilAScriptNeedsAnother) {
  publish("shop");
  ASSERT_TRUE(start_hosts(2));
  EXPECT_TRUE(ask("load " + handle("shop")).starts_with("found"));
  EXPECT_EQ(lanes(), "default;default;");
}

TEST_F(Lanes, AScriptThatEndedAHostIsGivenToAHostOfItsOwnOnly) {
  scripts::Binding secret{"KEY", "secret_text", Json::object()};
  publish("bomb", {secret}, {{"KEY", "s3cret"}});
  publish("neighbour");
  ASSERT_TRUE(start_hosts(1));
  blame({"acc", ""}, "bomb");

  std::string elsewhere = ask("load " + handle("bomb"));
  EXPECT_TRUE(elsewhere.starts_with("elsewhere acc//bomb link=1")) << elsewhere;
  EXPECT_TRUE(elsewhere.ends_with(" new")) << elsewhere;
  EXPECT_EQ(elsewhere.find("s3cret"), std::string::npos);
  EXPECT_EQ(lanes(), "default;quarantine:acc//bomb;");
  std::string target = value(elsewhere, "target");

  EXPECT_EQ(ask("via 1 allowed"), "1=" + target + ";");
  std::string loaded = ask("via 1 load " + target);
  EXPECT_TRUE(loaded.starts_with("found acc//bomb")) << loaded;
  EXPECT_NE(loaded.find("KEY=0:s3cret"), std::string::npos) << loaded;

  std::string again = ask("load " + handle("bomb"));
  EXPECT_FALSE(again.ends_with(" new")) << again;
  EXPECT_EQ(value(again, "link"), "1");
}

TEST_F(Lanes, AHostOfAnotherLaneHasNoHandleForAnythingElse) {
  publish("bomb");
  publish("neighbour");
  ASSERT_TRUE(start_hosts(1));
  blame({"acc", ""}, "bomb");
  std::string target = value(ask("load " + handle("bomb")), "target");
  for (int other = 0; other < 20; ++other) {
    if (std::to_string(other) == target) continue;
    std::string text = std::to_string(other);
    EXPECT_TRUE(ask("via 1 load " + text).starts_with("error no such")) << other;
    EXPECT_TRUE(ask("via 1 load " + text + " name").starts_with("error no such")) << other;
    EXPECT_TRUE(ask("via 1 get " + text + " key").starts_with("error no such")) << other;
  }
}

TEST_F(Lanes, AServiceBindingLeadsBackToTheDefaultLane) {
  publish("helper");
  publish("bomb", {{"HELPER", "service", {{"service", "helper"}}}});
  ASSERT_TRUE(start_hosts(1));
  blame({"acc", ""}, "bomb");
  std::string target = value(ask("load " + handle("bomb")), "target");
  std::string helper = value(ask("via 1 load " + target), "HELPER");
  std::string back = ask("via 1 load " + helper);
  EXPECT_TRUE(back.starts_with("elsewhere acc//helper link=2")) << back;
}

TEST_F(Lanes, WhoLostALinkGetsANewOne) {
  publish("bomb");
  ASSERT_TRUE(start_hosts(1));
  blame({"acc", ""}, "bomb");
  EXPECT_EQ(value(ask("load " + handle("bomb")), "link"), "1");
  EXPECT_EQ(ask("closed 1"), "told");
  EXPECT_EQ(value(ask("load " + handle("bomb")), "link"), "2");
}

TEST_F(Lanes, WhenAHostOfItsOwnEndsTheScriptIsHeldThenGetsAnother) {
  publish("bomb");
  ASSERT_TRUE(start_hosts(1));
  blame({"acc", ""}, "bomb");
  ASSERT_TRUE(ask("load " + handle("bomb")).starts_with("elsewhere"));
  EXPECT_EQ(ask("via 1 exit"), "");
  pass(std::chrono::milliseconds(1500));
  EXPECT_EQ(lanes(), "default;");
  EXPECT_EQ(value(ask("load " + handle("bomb")), "link"), "2");
  blame({"acc", ""}, "bomb");
  EXPECT_EQ(ask("load " + handle("bomb")), "held");
}

TEST_F(Lanes, LongTurnsMoveAUserWorkerToHostsThatYield) {
  auto made = run(registry_->dispatch_namespaces.create("acc", "prod", {}));
  ASSERT_TRUE(made);
  const std::string id = made->dispatch_namespace.id;
  publish("user", {}, {}, id);
  publish("main", {{"USERS", "dispatch_namespace", {{"namespace", "prod"}}}});
  ASSERT_TRUE(start_hosts(1));
  std::string users = value(ask("load " + handle("main")), "USERS");
  std::string version = value(ask("load " + users + " user"), "version");
  std::string main_version = value(ask("load " + handle("main")), "version");

  EXPECT_EQ(ask("burn " + main_version + " 100000"), "told");  // the owner's own script stays
  EXPECT_EQ(ask("burn 4711 100000"), "told");                  // was never granted
  EXPECT_EQ(ask("burn " + version + " 100"), "told");          // too little
  EXPECT_TRUE(ask("load " + users + " user").starts_with("found"));
  EXPECT_EQ(ask("burn " + version + " 2000"), "told");
  std::string moved = ask("load " + users + " user");
  EXPECT_TRUE(moved.starts_with("elsewhere acc/" + id + "/user")) << moved;
  EXPECT_TRUE(ask("load " + handle("main")).starts_with("found"));
  EXPECT_EQ(lanes(), "default;busy;");
  fleet_->for_each_host([](const Host& host) {
    int niceness = ::getpriority(PRIO_PROCESS, static_cast<id_t>(host.pid()));
    EXPECT_EQ(niceness, host.lane() == kBusyLane ? ChildProcess::kYielding : 0);
  });
}

TEST_F(Lanes, TrustGroupsNeverShareAHost) {
  auto red = run(registry_->dispatch_namespaces.create("acc", "red", {}));
  auto blue = run(registry_->dispatch_namespaces.create("acc", "blue", {}));
  ASSERT_TRUE(red && blue);
  for (const auto& made : {*red, *blue}) publish("user", {}, {}, made.dispatch_namespace.id);
  publish("main", {{"RED", "dispatch_namespace", {{"namespace", "red"}}},
                   {"BLUE", "dispatch_namespace", {{"namespace", "blue"}}}});
  ASSERT_TRUE(start_hosts(1));
  auto main_handle = [&](const std::string& binding) {
    return value(ask("load " + handle("main")), binding);
  };
  ASSERT_TRUE(ask("load " + main_handle("RED") + " user").starts_with("found"));
  pid_t knows_red = fleet_->hosts()[0]->pid();

  ASSERT_TRUE(put_group({"acc", "reds", {red->dispatch_namespace.id}, {}}));
  EXPECT_NE(fleet_->hosts()[0]->pid(), knows_red);  // it had seen their code
  ASSERT_TRUE(put_group({"acc", "blues", {blue->dispatch_namespace.id}, {}}));
  EXPECT_EQ(put_group({"acc", "both", {red->dispatch_namespace.id}, {}}).error().kind(),
            ErrorKind::Conflict);
  std::string of_red = ask("load " + main_handle("RED") + " user");
  std::string of_blue = ask("load " + main_handle("BLUE") + " user");
  EXPECT_TRUE(of_red.starts_with("elsewhere")) << of_red;
  EXPECT_TRUE(of_blue.starts_with("elsewhere")) << of_blue;
  EXPECT_NE(value(of_red, "link"), value(of_blue, "link"));
  EXPECT_NE(lanes().find("group:acc/reds;group:acc/blues;"), std::string::npos) << lanes();
  std::string link = value(of_red, "link");
  EXPECT_TRUE(ask("via " + link + " load " + value(of_red, "target")).starts_with("found"));

  ASSERT_TRUE(run(registry_->trust_groups.remove("acc", "reds")));
  ASSERT_TRUE(run(fleet_->groups_changed()));
  EXPECT_TRUE(ask("load " + main_handle("RED") + " user").starts_with("found"));
}

TEST_F(Lanes, AHostIsReplacedByAFreshOneFirst) {
  publish("shop");
  ASSERT_TRUE(start_hosts(2));
  std::vector<pid_t> before;
  for (const auto& host : fleet_->hosts()) before.push_back(host->pid());
  run(fleet_->replace_all("a test"));
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_TRUE(fleet_->hosts()[i]->ready());
    EXPECT_NE(fleet_->hosts()[i]->pid(), before[i]);
  }
  EXPECT_TRUE(ask("load " + handle("shop")).starts_with("found"));
  pass(std::chrono::milliseconds(1500));
  EXPECT_EQ(lanes(), "default;default;");
}

}  // namespace
}  // namespace atoll::sandbox
