#include "sandbox/supervisor/host_fleet.h"

#include <signal.h>

#include "sandbox/supervisor/platform_under_test.h"

namespace atoll::sandbox {
namespace {

using HostFleetTest = PlatformTest;

TEST_F(HostFleetTest, AStartedHostKnowsTheRoutesAndLoadsWhatTheyLeadTo) {
  scripts::Binding text{"GREETING", "plain_text", {{"text", "hello"}}};
  scripts::Binding json{"PLAN", "json", {{"json", {{"level", 3}}}}};
  scripts::Binding secret{"KEY", "secret_text", Json::object()};
  publish("shop", {text, json, secret}, {{"KEY", "s3cret"}});
  ASSERT_TRUE(start_hosts(1));
  EXPECT_EQ(ask("routes"), "shop.atoll.test/*=shop;shop.acc.atoll.test/*=shop;");
  std::string loaded = ask("load " + ask("route hostname:shop"));
  EXPECT_TRUE(loaded.starts_with("found acc//shop version=")) << loaded;
  EXPECT_NE(loaded.find("GREETING=0:hello PLAN=0:{\"level\":3} KEY=0:s3cret code=export"),
            std::string::npos)
      << loaded;
}

TEST_F(HostFleetTest, AHostHasNoDescriptorsBesidesItsOwn) {
  ASSERT_TRUE(start_hosts(1));
  std::string descriptors = ask("descriptors");
  EXPECT_TRUE(descriptors.starts_with("0=/dev/null 1=pipe:")) << descriptors;
  EXPECT_EQ(descriptors.find(folder_), std::string::npos) << descriptors;
}

TEST_F(HostFleetTest, AHandleThatWasNotGrantedIsRefusedAndLogged) {
  publish("shop");
  ASSERT_TRUE(start_hosts(1));
  EXPECT_EQ(ask("load 4711"), "error no such script");
  EXPECT_EQ(ask("load 4711 user"), "error no such dispatch namespace");
  EXPECT_EQ(ask("get 4711 key"), "error no such KV namespace");
  // A script's handle is not a key to other kinds of thing.
  std::string script = ask("route hostname:shop");
  EXPECT_EQ(ask("get " + script + " key"), "error no such KV namespace");
  EXPECT_EQ(ask("load " + script + " user"), "error no such dispatch namespace");
  EXPECT_NE(log_.events.find("handle_refused"), std::string::npos);
}

TEST_F(HostFleetTest, AHandleOfOneHostMeansNothingToAnother) {
  publish("shop");
  ASSERT_TRUE(start_hosts(1));
  std::string handle = ask("route hostname:shop");
  ASSERT_TRUE(ask("load " + handle).starts_with("found"));
  ASSERT_TRUE(run(registry_->scripts.remove({"acc", ""}, "shop")));
  EXPECT_EQ(ask("load " + handle), "not found acc//shop");
  ::kill(fleet_->hosts()[0]->pid(), SIGKILL);
  EXPECT_EQ(ask("routes"), "");
  EXPECT_EQ(ask("load " + handle), "error no such script");
}

TEST_F(HostFleetTest, KvIsReachedThroughTheBindingsOfALoadedScriptOnly) {
  auto kv = run(registry_->kv_namespaces.create("acc", "settings"));
  ASSERT_TRUE(kv);
  std::vector<store::KvStore::Write> writes;
  writes.push_back({"colour", store::KvStore::Entry{"blue", "{}", {}}});
  ASSERT_TRUE(run(engine_->kv().write(kv->id, std::move(writes))));
  scripts::Binding own{"KV", "kv_namespace", {{"namespace_id", kv->id}}};
  scripts::Binding foreign{"OTHER", "kv_namespace", {{"namespace_id", std::string(32, 'f')}}};
  publish("shop", {own, foreign});
  ASSERT_TRUE(start_hosts(1));
  std::string loaded = ask("load " + ask("route hostname:shop"));
  std::size_t place = loaded.find(" KV=");
  ASSERT_NE(place, std::string::npos) << loaded;
  EXPECT_NE(loaded.find(" OTHER=0:"), std::string::npos) << loaded;
  std::string handle = loaded.substr(place + 4, loaded.find(':', place) - place - 4);

  EXPECT_EQ(ask("get " + handle + " colour"), "blue {}");
  EXPECT_EQ(ask("get " + handle + " shape"), "absent");
  EXPECT_EQ(ask("put " + handle + " shape"), "done");
  EXPECT_EQ(ask("get " + handle + " shape"), "value of shape ");
  EXPECT_EQ(ask("list " + handle + " s"), "shape;");
  EXPECT_EQ(ask("heard"), "");  // its own write is no news

  AnnouncingKvStore announcing(engine_->kv(), *fleet_);
  std::vector<store::KvStore::Write> removal;
  removal.push_back({"colour", std::nullopt});
  ASSERT_TRUE(run(announcing.write(kv->id, std::move(removal))));
  EXPECT_EQ(ask("heard"), "kv " + handle + " colour;");
  ASSERT_TRUE(run(registry_->kv_namespaces.remove("acc", kv->id)));
  EXPECT_EQ(ask("heard"), "kv " + handle + ";");
  EXPECT_EQ(ask("get " + handle + " shape"), "absent");
}

TEST_F(HostFleetTest, AFloodOfLargeValuesIsAnsweredOneWayOrTheOtherAndEndsNoHost) {
  auto kv = run(registry_->kv_namespaces.create("acc", "settings"));
  ASSERT_TRUE(kv);
  publish("shop", {{"KV", "kv_namespace", {{"namespace_id", kv->id}}}});
  ASSERT_TRUE(start_hosts(1));
  std::string loaded = ask("load " + ask("route hostname:shop"));
  std::size_t place = loaded.find(" KV=") + 4;
  std::string handle = loaded.substr(place, loaded.find(':', place) - place);
  std::string host = ask("pid");
  std::string answer = ask("flood " + handle + " 25");
  EXPECT_TRUE(answer.ends_with(" refused")) << answer;
  EXPECT_EQ(ask("pid"), host);
  EXPECT_EQ(ask("get " + handle + " absent"), "absent");
}

TEST_F(HostFleetTest, DispatchesIntoANamespaceByName) {
  auto space = run(registry_->dispatch_namespaces.create("acc", "customers", {}));
  ASSERT_TRUE(space);
  std::string id = space->dispatch_namespace.id;
  publish("ann", {}, {}, id);
  publish("dispatcher", {{"CUSTOMERS", "dispatch_namespace", {{"namespace", "customers"}}},
                         {"SELF", "service", {{"service", "dispatcher"}}}});
  ASSERT_TRUE(start_hosts(1));
  std::string loaded = ask("load " + ask("route hostname:dispatcher"));
  std::size_t place = loaded.find("CUSTOMERS=") + 10;
  std::string handle = loaded.substr(place, loaded.find(':', place) - place);
  EXPECT_TRUE(ask("load " + handle + " ann").starts_with("found acc/" + id + "/ann"));
  EXPECT_EQ(ask("load " + handle + " bob"), "not found acc/" + id + "/bob");
  EXPECT_EQ(ask("load " + handle + " ../../acc//dispatcher").substr(0, 9), "not found");
  // A namespace opens its scripts, not those of the account.
  EXPECT_EQ(ask("load " + handle + " dispatcher"), "not found acc/" + id + "/dispatcher");
}

TEST_F(HostFleetTest, HostsHearOfAPublicationBeforeItIsAnswered) {
  ASSERT_TRUE(start_hosts(1));
  EXPECT_EQ(ask("routes"), "");
  publish("shop");
  EXPECT_EQ(ask("routes"), "shop.atoll.test/*=shop;shop.acc.atoll.test/*=shop;");
  EXPECT_NE(ask("heard").find("script acc//shop;"), std::string::npos);
  ASSERT_TRUE(run(registry_->scripts.remove({"acc", ""}, "shop")));
  EXPECT_EQ(ask("routes"), "");
  EXPECT_NE(ask("heard").find("script acc//shop;"), std::string::npos);
}

TEST_F(HostFleetTest, ABusyHostDelaysAPublicationByTwoSecondsAtMost) {
  ASSERT_TRUE(start_hosts(1));
  EXPECT_EQ(ask("busy 5000"), "busy");
  auto began = std::chrono::steady_clock::now();
  run(fleet_->script_changed({"acc", ""}, "shop"));
  auto took = std::chrono::steady_clock::now() - began;
  EXPECT_GE(took, std::chrono::milliseconds(1900));
  EXPECT_LT(took, std::chrono::milliseconds(2500));
  ::kill(fleet_->hosts()[0]->pid(), SIGKILL);
}

TEST_F(HostFleetTest, AKilledHostIsBackWithinATenthOfASecondAndNoConnectionIsLost) {
  publish("shop");
  ASSERT_TRUE(start_hosts(1));
  std::string first = ask("pid");
  ::kill(static_cast<pid_t>(std::stoi(first)), SIGKILL);
  // Asked while nobody accepts: the connection waits in the supervisor's socket.
  auto began = std::chrono::steady_clock::now();
  std::string second = ask("pid");
  auto took = std::chrono::steady_clock::now() - began;
  EXPECT_NE(second, first);
  EXPECT_NE(second, "");
  EXPECT_LT(took, std::chrono::milliseconds(100));
  EXPECT_EQ(ask("routes"), "shop.atoll.test/*=shop;shop.acc.atoll.test/*=shop;");
  EXPECT_NE(log_.events.find("host_ended {\"host\":0"), std::string::npos);
  EXPECT_NE(log_.events.find("signal 9 (Killed)"), std::string::npos);
}

TEST_F(HostFleetTest, TheOthersGoOnWhileOneIsDown) {
  ASSERT_TRUE(start_hosts(2));
  pid_t victim = fleet_->hosts()[1]->pid();
  ::kill(victim, SIGKILL);
  for (int i = 0; i < 20; ++i) EXPECT_NE(ask("pid"), std::to_string(victim));
}

TEST_F(HostFleetTest, WhatAHostPrintsAndLogsReachesTheLogEvenWhenItDies) {
  ASSERT_TRUE(start_hosts(1));
  ask("print last words");
  ask("log a line");
  ask("exit");
  pass(std::chrono::milliseconds(200));
  EXPECT_NE(log_.events.find("host_output {\"host\":0,\"text\":\"print last words\"}"),
            std::string::npos)
      << log_.events;
  EXPECT_NE(log_.events.find("exit code 9"), std::string::npos);
  EXPECT_EQ(log_.lines, "log a line\n");
}

TEST_F(HostFleetTest, AHostThatBreaksTheProtocolIsReplaced) {
  ASSERT_TRUE(start_hosts(1));
  std::string first = ask("pid");
  ask("nonsense");
  EXPECT_NE(ask("pid"), first);
  EXPECT_NE(log_.events.find("host_broke_protocol"), std::string::npos);
}

TEST_F(HostFleetTest, AHostThatDiesAtOnceIsReportedInsteadOfRestartedForEver) {
  auto started = start_hosts(1, "dies");
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().message(), "no isolate host could be started: exit code 7");
}

TEST_F(HostFleetTest, StoresACodeCacheForAGrantedVersion) {
  publish("shop");
  ASSERT_TRUE(start_hosts(1));
  std::string handle = ask("route hostname:shop");
  std::string loaded = ask("load " + handle);
  ASSERT_NE(loaded.find("cached=0"), std::string::npos) << loaded;
  std::size_t place = loaded.find("version=") + 8;
  ask("cache " + loaded.substr(place, loaded.find(' ', place) - place) + " BYTES");
  pass(std::chrono::milliseconds(200));
  EXPECT_NE(ask("load " + handle).find("cached=1"), std::string::npos);
}

TEST_F(HostFleetTest, DrainingEndsEveryHostAndReplacesNone) {
  ASSERT_TRUE(start_hosts(2));
  pid_t first = fleet_->hosts()[0]->pid();
  run(fleet_->drain(std::chrono::seconds(5)));
  EXPECT_EQ(::kill(first, 0), -1);
  EXPECT_FALSE(fleet_->hosts()[0]->running());
  EXPECT_FALSE(fleet_->hosts()[1]->running());
  EXPECT_NE(log_.events.find("exit code 0"), std::string::npos);
}

TEST_F(HostFleetTest, AHostThatDoesNotDrainIsKilled) {
  ASSERT_TRUE(start_hosts(1));
  ask("busy 20000");
  auto began = std::chrono::steady_clock::now();
  run(fleet_->drain(std::chrono::milliseconds(300)));
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(1));
  EXPECT_FALSE(fleet_->hosts()[0]->running());
}

TEST(RestartDelay, IsNothingUntilDeathsComeYoungAndOften) {
  RestartDelay delay;
  using std::chrono::milliseconds;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(delay.after_death(milliseconds(10)), milliseconds(0));
  EXPECT_EQ(delay.after_death(milliseconds(10)), milliseconds(100));
  EXPECT_EQ(delay.after_death(milliseconds(10)), milliseconds(200));
  for (int i = 0; i < 20; ++i) delay.after_death(milliseconds(10));
  EXPECT_EQ(delay.after_death(milliseconds(10)), milliseconds(10'000));
  EXPECT_EQ(delay.after_death(std::chrono::minutes(1)), milliseconds(0));
}

}  // namespace
}  // namespace atoll::sandbox
