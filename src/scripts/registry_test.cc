// Accounts, tokens, zones, dispatch namespaces, KV namespaces, routes and domains.
#include "scripts/registry.h"

#include "crypto/digest.h"
#include "scripts/registry_under_test.h"

namespace atoll::scripts {
namespace {

using Names = std::vector<std::string>;

class AccountsTest : public RegistryTest {};
class DispatchNamespacesTest : public RegistryTest {};
class KvNamespacesTest : public RegistryTest {};
class RoutesTest : public RegistryTest {
 protected:
  RoutesTest() {
    zone = run(registry.accounts.put_zone({"", kAccount, "example.com", {}}));
    upload(account_scope(), "blog");
    upload(account_scope(), "shop");
    events.taken();
  }
  Names patterns(const std::vector<Route>& routes) {
    Names patterns;
    for (const Route& route : routes) patterns.push_back(route.pattern);
    std::sort(patterns.begin(), patterns.end());
    return patterns;
  }
  Zone zone;
};

TEST_F(AccountsTest, AnAccountCanBeFoundAndChanged) {
  Account account = *run(registry.accounts.find_account(kAccount));
  EXPECT_EQ(account.name, "Ann");
  account.subdomain = "anna";
  run(registry.accounts.put_account(account));

  EXPECT_EQ(run(registry.accounts.find_account_by_subdomain("anna"))->id, kAccount);
  EXPECT_FALSE(run(registry.accounts.find_account_by_subdomain("ann")));
  EXPECT_FALSE(run(registry.accounts.find_account("nobody")));
  EXPECT_EQ(run(registry.accounts.list_accounts()).size(), 1u);
}

TEST_F(AccountsTest, SubdomainsAreUniqueAndHostnames) {
  EXPECT_EQ(refusal(registry.accounts.put_account({.id = "b", .subdomain = "ann"})).kind(),
            ErrorKind::Conflict);
  EXPECT_EQ(refusal(registry.accounts.put_account({.id = "b", .subdomain = "A.b"})).kind(),
            ErrorKind::InvalidInput);
  EXPECT_EQ(refusal(registry.accounts.put_account({.id = "b/c"})).kind(), ErrorKind::InvalidInput);
}

TEST_F(AccountsTest, ATokenIsFoundByItsSecretWhichIsNotStored) {
  ApiToken token = run(registry.accounts.put_token(
      "s3cret-token", {.account_id = kAccount, .name = "ci", .user = kAnn}));

  EXPECT_EQ(token.id.size(), 32u);
  EXPECT_EQ(run(registry.accounts.find_token("s3cret-token"))->user.email, "ann@example.com");
  EXPECT_FALSE(run(registry.accounts.find_token("s3cret-tokeN")));
  for (const auto& [key, record] : meta.records()) {
    EXPECT_EQ((key + record.value).find("s3cret"), std::string::npos) << key;
  }

  EXPECT_EQ(run(registry.accounts.put_token("s3cret-token", {.account_id = kAccount})).id,
            token.id);
  EXPECT_EQ(run(registry.accounts.list_tokens(kAccount)).size(), 1u);
  run(registry.accounts.delete_token(kAccount, token.id));
  EXPECT_FALSE(run(registry.accounts.find_token("s3cret-token")));
  EXPECT_EQ(refusal(registry.accounts.delete_token(kAccount, token.id)).kind(),
            ErrorKind::NotFound);
}

TEST_F(AccountsTest, ATokenIdHasOneSecret) {
  run(registry.accounts.put_token("old", {.id = "boot", .account_id = kAccount}));
  run(registry.accounts.put_token("new", {.id = "boot", .account_id = kAccount}));
  EXPECT_FALSE(run(registry.accounts.find_token("old")));
  EXPECT_TRUE(run(registry.accounts.find_token("new")));
}

TEST_F(AccountsTest, AnExpiredTokenIsNotFound) {
  run(registry.accounts.put_token(
      "old", {.account_id = kAccount, .expires_on = wall_now() - std::chrono::seconds(1)}));
  EXPECT_FALSE(run(registry.accounts.find_token("old")));
}

TEST_F(AccountsTest, AHostnameBelongsToTheZoneWithTheLongestSuffix) {
  Zone wide = run(registry.accounts.put_zone({"", kAccount, "Example.com", {}}));
  Zone narrow = run(registry.accounts.put_zone({"", kAccount, "eu.example.com", {}}));

  EXPECT_EQ(run(registry.accounts.find_zone_of_hostname("a.b.example.com"))->id, wide.id);
  EXPECT_EQ(run(registry.accounts.find_zone_of_hostname("a.eu.example.com"))->id, narrow.id);
  EXPECT_EQ(run(registry.accounts.find_zone_of_hostname("example.com"))->id, wide.id);
  EXPECT_FALSE(run(registry.accounts.find_zone_of_hostname("badexample.com")));
  EXPECT_EQ(run(registry.accounts.list_zones(kAccount)).size(), 2u);
  EXPECT_EQ(refusal(registry.accounts.put_zone({"", kAccount, "example.com", {}})).kind(),
            ErrorKind::Conflict);
}

TEST_F(DispatchNamespacesTest, CreatingATakenNameGivesTheExistingOne) {
  auto first = run(registry.dispatch_namespaces.create(kAccount, "prod", kAnn));
  auto second = run(registry.dispatch_namespaces.create(kAccount, "prod", kAnn));
  EXPECT_FALSE(first.existed);
  EXPECT_TRUE(second.existed);
  EXPECT_EQ(second.dispatch_namespace.id, first.dispatch_namespace.id);
  EXPECT_EQ(second.dispatch_namespace.created_by, "ann");
  EXPECT_EQ(refusal(registry.dispatch_namespaces.create(kAccount, "no/slash", kAnn)).kind(),
            ErrorKind::InvalidInput);
}

TEST_F(DispatchNamespacesTest, RenamingKeepsIdAndScripts) {
  Scope prod = namespace_scope("prod");
  upload(prod, "customer");

  auto renamed =
      run(registry.dispatch_namespaces.update(kAccount, "prod", kAnn, [](DispatchNamespace& wish) {
        wish.name = "production";
        wish.trusted_workers = true;
        wish.id = "hijacked";
        return Result<void>();
      }));

  EXPECT_EQ(renamed.id, prod.namespace_id);
  EXPECT_FALSE(run(registry.dispatch_namespaces.find(kAccount, "prod")));
  EXPECT_TRUE(run(registry.dispatch_namespaces.find(kAccount, "production"))->trusted_workers);
  EXPECT_EQ(run(registry.dispatch_namespaces.find_by_id(prod.namespace_id))->name, "production");
  EXPECT_TRUE(run(registry.scripts.find(prod, "customer")));
  EXPECT_EQ(run(registry.dispatch_namespaces.count_scripts(prod.namespace_id)), 1u);
}

TEST_F(DispatchNamespacesTest, ANameCannotBeTakenByRenaming) {
  namespace_scope("prod");
  namespace_scope("test");
  EXPECT_EQ(refusal(registry.dispatch_namespaces.update(kAccount, "test", kAnn,
                                                        [](DispatchNamespace& wish) {
                                                          wish.name = "prod";
                                                          return Result<void>();
                                                        }))
                .kind(),
            ErrorKind::Conflict);
}

TEST_F(DispatchNamespacesTest, OnlyAnEmptyOneCanBeRemoved) {
  Scope prod = namespace_scope("prod");
  upload(prod, "customer");
  EXPECT_EQ(refusal(registry.dispatch_namespaces.remove(kAccount, "prod")).kind(),
            ErrorKind::Conflict);

  run(registry.scripts.delete_all(prod, {}));
  run(registry.dispatch_namespaces.remove(kAccount, "prod"));

  EXPECT_FALSE(run(registry.dispatch_namespaces.find_by_id(prod.namespace_id)));
  EXPECT_EQ(refusal(registry.dispatch_namespaces.remove(kAccount, "prod")).kind(),
            ErrorKind::NotFound);
}

TEST_F(DispatchNamespacesTest, AnUploadDuringTheRemovalPreventsItOrFails) {
  Scope prod = namespace_scope("prod");
  bool interfered = false;
  meta.before_commit = [&](const auto& transaction) {
    bool removing = transaction.writes.size() == 2 && !transaction.writes[0].value;
    if (!removing || std::exchange(interfered, true)) return;
    upload(prod, "customer");
  };
  EXPECT_EQ(refusal(registry.dispatch_namespaces.remove(kAccount, "prod")).kind(),
            ErrorKind::Conflict);
  EXPECT_TRUE(interfered);
  EXPECT_TRUE(run(registry.scripts.find(prod, "customer")));
}

TEST_F(DispatchNamespacesTest, AreListedByName) {
  for (auto name : {"c", "a", "b"}) namespace_scope(name);
  auto all = run(registry.dispatch_namespaces.list(kAccount));
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].name, "a");
  EXPECT_TRUE(run(registry.dispatch_namespaces.list("another")).empty());
}

TEST_F(KvNamespacesTest, TitlesAreUniqueInTheAccount) {
  KvNamespace first = run(registry.kv_namespaces.create(kAccount, "sessions/1"));
  EXPECT_EQ(first.id.size(), 32u);
  EXPECT_EQ(refusal(registry.kv_namespaces.create(kAccount, "sessions/1")).kind(),
            ErrorKind::Conflict);
  EXPECT_TRUE(loop.run(registry.kv_namespaces.create("another", "sessions/1")));
  EXPECT_FALSE(run(registry.kv_namespaces.find("another", first.id)));
}

TEST_F(KvNamespacesTest, ATitleIsFreeAgainAfterRenamingOrRemoving) {
  KvNamespace first = run(registry.kv_namespaces.create(kAccount, "a"));
  EXPECT_EQ(run(registry.kv_namespaces.rename(kAccount, first.id, "b")).title, "b");
  KvNamespace second = run(registry.kv_namespaces.create(kAccount, "a"));
  EXPECT_EQ(refusal(registry.kv_namespaces.rename(kAccount, first.id, "a")).kind(),
            ErrorKind::Conflict);
  events.taken();

  run(registry.kv_namespaces.remove(kAccount, second.id));

  EXPECT_EQ(events.taken(), Names{"kv " + second.id});
  EXPECT_EQ(run(registry.kv_namespaces.rename(kAccount, first.id, "a")).title, "a");
  EXPECT_EQ(refusal(registry.kv_namespaces.remove(kAccount, second.id)).kind(),
            ErrorKind::NotFound);
}

TEST_F(KvNamespacesTest, ARemovalThatACrashInterruptedIsFinishedLater) {
  std::string id = run(registry.kv_namespaces.create(kAccount, "a")).id;
  int commits = 0;
  store::MetaStore::Record mark;
  meta.before_commit = [&](const auto&) {
    if (++commits != 2) return;  // the event is sent, the removal not yet marked as finished
    for (const auto& [key, record] : meta.records()) {
      if (key.starts_with("kv_removed/")) mark = record;
    }
  };
  run(registry.kv_namespaces.remove(kAccount, id));
  events.taken();
  run(registry.kv_namespaces.finish_removals());
  EXPECT_EQ(events.taken(), Names{});

  EXPECT_TRUE(loop.run(meta.commit({{}, {{mark.key, mark.value}}})));
  run(registry.kv_namespaces.finish_removals());
  EXPECT_EQ(events.taken(), Names{"kv " + id});
  run(registry.kv_namespaces.finish_removals());
  EXPECT_EQ(events.taken(), Names{});
}

TEST_F(KvNamespacesTest, AreListedByTitleOrId) {
  for (auto title : {"c", "a", "b"}) run(registry.kv_namespaces.create(kAccount, title));
  auto by_title = run(registry.kv_namespaces.list(kAccount, KvNamespaces::Order::ByTitle));
  ASSERT_EQ(by_title.size(), 3u);
  EXPECT_EQ(by_title[0].title, "a");
  auto by_id = run(registry.kv_namespaces.list(kAccount, KvNamespaces::Order::ById));
  EXPECT_LT(by_id[0].id, by_id[1].id);
}

TEST_F(RoutesTest, APatternIsUniqueInItsZone) {
  Route route = run(registry.routes.put({"", zone.id, "", "example.com/*", "blog"}));
  EXPECT_EQ(route.account_id, kAccount);
  EXPECT_EQ(events.taken(), Names{"routes"});
  EXPECT_EQ(refusal(registry.routes.put({"", zone.id, "", "example.com/*", "shop"})).kind(),
            ErrorKind::Conflict);
  EXPECT_EQ(refusal(registry.routes.put({"", zone.id, "", "x/*", "absent"})).kind(),
            ErrorKind::InvalidInput);
  EXPECT_EQ(refusal(registry.routes.put({"", "nowhere", "", "x/*", ""})).kind(),
            ErrorKind::NotFound);
}

TEST_F(RoutesTest, ARouteCanBeReplacedAndRemoved) {
  Route route = run(registry.routes.put({"", zone.id, "", "a/*", "blog"}));
  route.pattern = "b/*";
  route.script = "";
  run(registry.routes.put(route));
  EXPECT_EQ(run(registry.routes.find(zone.id, route.id))->pattern, "b/*");
  EXPECT_TRUE(run(registry.routes.list_for_script(kAccount, "blog")).empty());
  run(registry.routes.put({"", zone.id, "", "a/*", "shop"}));

  run(registry.routes.remove(zone.id, route.id));
  EXPECT_EQ(patterns(run(registry.routes.list(zone.id))), Names{"a/*"});
  EXPECT_EQ(patterns(run(registry.routes.list_all())), Names{"a/*"});
  EXPECT_EQ(refusal(registry.routes.put(route)).kind(), ErrorKind::NotFound);
}

TEST_F(RoutesTest, TheRoutesOfAScriptAreReplacedAsASet) {
  Zone other = run(registry.accounts.put_zone({"", kAccount, "example.net", {}}));
  auto first = run(registry.routes.replace_for_script(
      kAccount, "blog", {{zone.id, "a/*"}, {other.id, "a/*"}, {zone.id, "a/*"}}));
  EXPECT_EQ(first.size(), 2u);

  auto second = run(
      registry.routes.replace_for_script(kAccount, "blog", {{zone.id, "a/*"}, {zone.id, "b/*"}}));

  EXPECT_EQ(patterns(run(registry.routes.list(zone.id))), (Names{"a/*", "b/*"}));
  EXPECT_TRUE(run(registry.routes.list(other.id)).empty());
  EXPECT_EQ(second[0].id, first[0].id);
}

TEST_F(RoutesTest, AnotherScriptsPatternStopsTheWholeReplacement) {
  run(registry.routes.put({"", zone.id, "", "shop/*", "shop"}));
  Error error = refusal(registry.routes.replace_for_script(
      kAccount, "blog", {{zone.id, "a/*"}, {zone.id, "shop/*"}}));
  EXPECT_EQ(error.kind(), ErrorKind::Conflict);
  EXPECT_NE(error.message().find("shop/*"), std::string::npos);
  EXPECT_EQ(patterns(run(registry.routes.list(zone.id))), Names{"shop/*"});
}

TEST_F(RoutesTest, RemovingAZoneRemovesItsRoutes) {
  run(registry.routes.put({"", zone.id, "", "a/*", "blog"}));
  run(registry.accounts.delete_zone(zone.id));
  EXPECT_TRUE(run(registry.routes.list_all()).empty());
  EXPECT_TRUE(run(registry.routes.list_for_script(kAccount, "blog")).empty());
  EXPECT_FALSE(run(registry.accounts.find_zone_by_name("example.com")));
}

TEST_F(RoutesTest, WhatIsAttachedDuringARemovalDoesNotOutliveIt) {
  enum { None, AddRoute, AddDomain } next = None;
  meta.before_commit = [&](const auto&) {
    switch (std::exchange(next, None)) {
      case None:
        return;
      case AddRoute:
        run(registry.routes.put({"", zone.id, "", "late/*", "blog"}));
        return;
      case AddDomain:
        run(registry.routes.put_domain(
            {.account_id = kAccount, .hostname = "late.com", .script = "shop"}));
        return;
    }
  };
  next = AddRoute;
  run(registry.scripts.remove(account_scope(), "blog"));
  EXPECT_TRUE(run(registry.routes.list_all()).empty());
  next = AddDomain;
  run(registry.scripts.remove(account_scope(), "shop"));
  EXPECT_TRUE(run(registry.routes.list_all_domains()).empty());

  upload(account_scope(), "blog");
  next = AddRoute;
  run(registry.accounts.delete_zone(zone.id));
  EXPECT_TRUE(run(registry.routes.list_all()).empty());
}

TEST_F(RoutesTest, ACustomDomainMovesWithinItsAccountOnly) {
  CustomDomain domain = run(registry.routes.put_domain(
      {.account_id = kAccount, .hostname = "App.Example.com", .script = "blog"}));
  EXPECT_EQ(domain.hostname, "app.example.com");
  CustomDomain moved = run(registry.routes.put_domain(
      {.account_id = kAccount, .hostname = "app.example.com", .script = "shop"}));
  EXPECT_EQ(moved.id, domain.id);
  EXPECT_EQ(run(registry.routes.find_domain_by_hostname("app.example.com"))->script, "shop");
  EXPECT_EQ(run(registry.routes.list_all_domains()).size(), 1u);

  run(registry.accounts.put_account({.id = "another"}));
  upload({"another", ""}, "blog");
  EXPECT_EQ(refusal(registry.routes.put_domain(
                        {.account_id = "another", .hostname = "app.example.com", .script = "blog"}))
                .kind(),
            ErrorKind::Conflict);

  run(registry.routes.remove_domain(kAccount, domain.id));
  EXPECT_FALSE(run(registry.routes.find_domain_by_hostname("app.example.com")));
}

TEST_F(RoutesTest, TheDomainsOfAScriptAreReplacedAsASet) {
  auto domains = [](Names hostnames) {
    std::vector<CustomDomain> domains;
    for (auto& hostname : hostnames) domains.push_back({.hostname = hostname});
    return domains;
  };
  auto replace = [&](std::string script, Names hostnames, Routes::Takeover takeover) {
    return run(
        registry.routes.replace_domains_for_script(kAccount, script, domains(hostnames), takeover));
  };

  auto changes = replace("blog", {"a.com", "b.com"}, Routes::Takeover::Refuse);
  EXPECT_EQ(changes.added.size(), 2u);

  changes = replace("blog", {"b.com", "c.com"}, Routes::Takeover::Refuse);
  EXPECT_EQ(changes.added.size(), 1u);
  EXPECT_EQ(changes.removed.size(), 1u);
  EXPECT_TRUE(changes.updated.empty());

  changes = replace("shop", {"b.com", "d.com"}, Routes::Takeover::Refuse);
  ASSERT_EQ(changes.conflicting.size(), 1u);
  EXPECT_EQ(changes.conflicting[0].script, "blog");
  EXPECT_FALSE(run(registry.routes.find_domain_by_hostname("d.com")));

  changes = replace("shop", {"b.com", "d.com"}, Routes::Takeover::Allow);
  EXPECT_EQ(changes.updated.size(), 1u);
  EXPECT_EQ(run(registry.routes.find_domain_by_hostname("b.com"))->script, "shop");
}

TEST(Registry, WorksOnTheEmbeddedEngineUnderOverlappingUploads) {
  engines::TestClock clock;
  engines::EmbeddedUnderTest engine(clock);
  NoScriptEvents events;
  Registry registry(engine.meta(), engine.blobs(), events);
  engines::Loop loop;
  ASSERT_TRUE(loop.run(registry.accounts.put_account({.id = kAccount})));
  auto space = loop.run(registry.dispatch_namespaces.create(kAccount, "prod", kAnn));
  Scope prod{kAccount, space->dispatch_namespace.id};
  auto compose = [](const ScriptState* current) -> Result<Publication> {
    Publication publication;
    publication.content.format = CodeFormat::None;
    publication.content.bindings = {{"N", "secret_text"}};
    publication.secrets = {
        {"N", current ? std::to_string(std::stoi(current->latest.secrets.at("N")) + 1) : "1"}};
    publication.deploy_with_annotations = Json::object();
    return publication;
  };

  for (int i = 0; i < 20; ++i) {
    for (std::string name : {"same", "own"}) {
      std::string full = name == "own" ? name + std::to_string(i) : name;
      loop.start(registry.scripts.publish_version(prod, full, compose),
                 [](Result<Published> published) {
                   EXPECT_TRUE(published) << published.error().message();
                 });
    }
  }
  loop.run_all();

  auto same = loop.run(registry.scripts.load_active(prod, "same"));
  ASSERT_TRUE(same);
  EXPECT_EQ(same->versions[0].secrets.at("N"), "20");
  EXPECT_EQ(same->versions[0].version.number, 20u);
  EXPECT_EQ(*loop.run(registry.dispatch_namespaces.count_scripts(prod.namespace_id)), 21u);
}

}  // namespace
}  // namespace atoll::scripts
