#include "scripts/scripts.h"

#include "scripts/keys.h"
#include "scripts/registry_under_test.h"

namespace atoll::scripts {
namespace {

using Names = std::vector<std::string>;

class ScriptsTest : public RegistryTest {
 protected:
  Names names(Scope scope, Scripts::Query query = {}) {
    Names names;
    for (const Script& script : run(registry.scripts.list(scope, query)).scripts) {
      names.push_back(script.name);
    }
    return names;
  }
  // Keys that are left in the store and say anything about scripts.
  Names script_keys() {
    Names keys;
    for (const auto& [key, record] : meta.records()) {
      for (auto kind : {"script", "version", "deployment", "secret", "tagged", "blob_user", "route",
                        "domain"}) {
        if (key.starts_with(kind)) keys.push_back(key);
      }
    }
    return keys;
  }
  static Result<Publication> next_to(const ScriptState* current) {
    Publication publication;
    if (current == nullptr) return fail(not_found("no such script"));
    publication.content = current->latest.version.content;
    publication.secrets = current->latest.secrets;
    publication.settings = current->script.settings;
    publication.tags = current->script.tags;
    publication.source = "api";
    publication.author = kAnn;
    publication.deploy_with_annotations = Json::object();
    return publication;
  }
};

TEST_F(ScriptsTest, AnUploadCreatesScriptVersionAndDeploymentAtOnce) {
  Published published = upload(account_scope(), "blog", "code", {"customer-1"});

  EXPECT_TRUE(published.created);
  EXPECT_EQ(published.version.number, 1u);
  Script script = *run(registry.scripts.find(account_scope(), "blog"));
  EXPECT_EQ(script.tag.size(), 32u);
  EXPECT_EQ(script.tags, Names{"customer-1"});
  EXPECT_EQ(script.latest_version_id, published.version.id);
  ASSERT_TRUE(script.active);
  EXPECT_EQ(script.active->versions, (std::vector<Deployment::Share>{{published.version.id, 100}}));
  EXPECT_EQ(script.summary.etag, "etag");
  EXPECT_EQ(script.summary.handlers, Names{"fetch"});
  EXPECT_EQ(events.taken(), (Names{"script blog", "routes"}));

  ActiveScript active = run(registry.scripts.load_active(account_scope(), "blog"));
  ASSERT_EQ(active.versions.size(), 1u);
  EXPECT_EQ(active.versions[0].version.author.email, "ann@example.com");
  EXPECT_EQ(run(registry.scripts.load_blob(active.versions[0].version.content.bundle_id)), "code");
}

TEST_F(ScriptsTest, ANewUploadReplacesTheActiveVersionAndKeepsTheTag) {
  Published first = upload(account_scope(), "blog", "one");
  Published second = upload(account_scope(), "blog", "two");

  EXPECT_FALSE(second.created);
  EXPECT_EQ(second.version.number, 2u);
  EXPECT_EQ(second.script.tag, first.script.tag);
  EXPECT_EQ(second.script.created_on, first.script.created_on);
  ActiveScript active = run(registry.scripts.load_active(account_scope(), "blog"));
  EXPECT_EQ(active.versions[0].version.id, second.version.id);
  EXPECT_EQ(run(registry.scripts.list_deployments(account_scope(), "blog")).size(), 2u);
}

TEST_F(ScriptsTest, AVersionMayBeUploadedWithoutDeployingIt) {
  Published first = upload(account_scope(), "blog");
  Published second = run(registry.scripts.publish_version(
      account_scope(), "blog", [](const ScriptState* current) -> Result<Publication> {
        auto publication = next_to(current);
        publication->content.etag = "newer";
        publication->deploy_with_annotations.reset();
        return publication;
      }));

  EXPECT_EQ(second.script.latest_version_id, second.version.id);
  EXPECT_EQ(second.script.active->versions[0].version_id, first.version.id);
  EXPECT_EQ(second.script.summary.etag, "etag");
  ScriptState state = *run(registry.scripts.load_state(account_scope(), "blog"));
  EXPECT_EQ(state.latest.version.id, second.version.id);
  EXPECT_EQ(state.deployed->version.id, first.version.id);
}

TEST_F(ScriptsTest, AScriptNeverDeployedHasNothingToRun) {
  run(registry.scripts.publish_version(account_scope(), "draft",
                                       [](const ScriptState*) -> Result<Publication> {
                                         Publication publication;
                                         publication.content.format = CodeFormat::None;
                                         return publication;
                                       }));
  EXPECT_EQ(refusal(registry.scripts.load_active(account_scope(), "draft")).kind(),
            ErrorKind::NotFound);
  EXPECT_EQ(refusal(registry.scripts.load_active(account_scope(), "absent")).kind(),
            ErrorKind::NotFound);
}

TEST_F(ScriptsTest, SecretsTravelOnlyWhereTheyAreAskedFor) {
  run(registry.scripts.publish_version(
      account_scope(), "blog", [](const ScriptState*) -> Result<Publication> {
        Publication publication;
        publication.content.bindings = {{"KEY", "secret_text"},
                                        {"WHO", "plain_text", {{"text", "world"}}}};
        publication.secrets = {{"KEY", "hush"}};
        publication.deploy_with_annotations = Json::object();
        return publication;
      }));

  ActiveScript active = run(registry.scripts.load_active(account_scope(), "blog"));
  EXPECT_EQ(active.versions[0].secrets, (Secrets{{"KEY", "hush"}}));
  EXPECT_EQ(active.versions[0].version.content.bindings[1].details["text"], "world");
  for (const auto& [key, record] : meta.records()) {
    EXPECT_EQ(record.value.find("hush") != std::string::npos, key.starts_with("secrets/")) << key;
  }
}

TEST_F(ScriptsTest, RefusesBindingsThatDoNotAddUp) {
  auto message = [&](std::vector<Binding> bindings, Secrets secrets) {
    return refusal(registry.scripts.publish_version(account_scope(), "blog",
                                                    [=](const ScriptState*) -> Result<Publication> {
                                                      Publication publication;
                                                      publication.content.bindings = bindings;
                                                      publication.secrets = secrets;
                                                      return publication;
                                                    }))
        .message();
  };
  EXPECT_EQ(message({{"A", "json"}, {"A", "json"}}, {}), "two bindings are named 'A'");
  EXPECT_EQ(message({{"", "json"}}, {}), "a binding has no name");
  EXPECT_EQ(message({{"A", "secret_text"}}, {}), "the secret 'A' has no value");
  EXPECT_EQ(message({}, {{"A", "x"}}), "a secret value belongs to no secret binding");
  EXPECT_EQ(message({{"A", "secret_text", {{"text", "x"}}}}, {{"A", "x"}}),
            "a secret would be stored among the bindings");
  EXPECT_TRUE(script_keys().empty());
}

TEST_F(ScriptsTest, PassesTheComposersRefusalOn) {
  Error error = refusal(registry.scripts.publish_version(
      account_scope(), "absent", [](const ScriptState* current) { return next_to(current); }));
  EXPECT_EQ(error.kind(), ErrorKind::NotFound);
  EXPECT_EQ(error.message(), "no such script");
}

TEST_F(ScriptsTest, RefusesCodeThatIsNotStored) {
  Error error = refusal(registry.scripts.publish_version(
      account_scope(), "blog", [](const ScriptState*) -> Result<Publication> {
        Publication publication;
        publication.content.bundle_id = std::string(64, 'a');
        return publication;
      }));
  EXPECT_EQ(error.kind(), ErrorKind::NotFound);
}

TEST_F(ScriptsTest, AnOvertakenPublicationIsComposedAgain) {
  upload(account_scope(), "blog");
  int composed = 0;
  bool interfered = false;
  meta.before_commit = [&](const auto&) {
    if (std::exchange(interfered, true)) return;
    Published other = upload(account_scope(), "blog", "the other's");
    EXPECT_EQ(other.version.number, 2u);
  };

  Published mine = run(
      registry.scripts.publish_version(account_scope(), "blog", [&](const ScriptState* current) {
        ++composed;
        return next_to(current);
      }));

  EXPECT_EQ(composed, 2);
  EXPECT_EQ(mine.version.number, 3u);
}

TEST_F(ScriptsTest, NamesFollowTheRulesOfTheirScope) {
  Scope prod = namespace_scope("prod");
  EXPECT_TRUE(check_script_name(account_scope(), "a-b_9"));
  EXPECT_FALSE(check_script_name(account_scope(), "Blog"));
  EXPECT_FALSE(check_script_name(account_scope(), "-blog"));
  EXPECT_FALSE(check_script_name(account_scope(), ""));
  EXPECT_FALSE(check_script_name(account_scope(), std::string(64, 'a')));
  EXPECT_TRUE(check_script_name(prod, "Caf\xC3\xA9 \x25 1"));
  EXPECT_TRUE(check_script_name(prod, std::string(255, 'A')));
  EXPECT_FALSE(check_script_name(prod, std::string(256, 'A')));
  EXPECT_FALSE(check_script_name(prod, "a/b"));
  EXPECT_FALSE(check_script_name(prod, "a\nb"));
  EXPECT_FALSE(check_script_name(prod, "\xFF"));
}

TEST_F(ScriptsTest, ScopesDoNotShareNames) {
  Scope prod = namespace_scope("prod");
  Scope test = namespace_scope("test");
  upload(account_scope(), "blog", "account");
  upload(prod, "blog", "prod");

  EXPECT_NE(run(registry.scripts.find(account_scope(), "blog"))->tag,
            run(registry.scripts.find(prod, "blog"))->tag);
  EXPECT_FALSE(run(registry.scripts.find(test, "blog")));
  EXPECT_FALSE(run(registry.scripts.find({"other-account", ""}, "blog")));
}

TEST_F(ScriptsTest, RefusesAnUploadIntoANamespaceThatDoesNotExist) {
  Scope gone{kAccount, random_uuid()};
  Error error = refusal(registry.scripts.publish_version(
      gone, "blog", [](const ScriptState*) -> Result<Publication> { return Publication{}; }));
  EXPECT_EQ(error.kind(), ErrorKind::NotFound);

  Scope prod = namespace_scope("prod");
  error = refusal(registry.scripts.publish_version(
      {"another-account", prod.namespace_id}, "blog",
      [](const ScriptState*) -> Result<Publication> { return Publication{}; }));
  EXPECT_EQ(error.kind(), ErrorKind::NotFound);
}

TEST_F(ScriptsTest, ListsByNamePageByPage) {
  Scope prod = namespace_scope("prod");
  for (auto name : {"c", "a", "B", "d%", "b"}) upload(prod, name);

  EXPECT_EQ(names(prod), (Names{"B", "a", "b", "c", "d%"}));
  auto page = run(registry.scripts.list(prod, {.filter = {}, .after = "a", .limit = 2}));
  ASSERT_EQ(page.scripts.size(), 2u);
  EXPECT_EQ(page.scripts[1].name, "c");
  EXPECT_FALSE(page.complete);
  page = run(registry.scripts.list(prod, {.filter = {}, .after = "c", .limit = 2}));
  EXPECT_EQ(page.scripts.size(), 1u);
  EXPECT_TRUE(page.complete);
  EXPECT_TRUE(names(prod, {.filter = {}, .after = "d%", .limit = 2}).empty());
}

TEST_F(ScriptsTest, ListsByTag) {
  Scope prod = namespace_scope("prod");
  upload(prod, "one", "code", {"live", "cf:service=x"});
  upload(prod, "two", "code", {"live", "beta"});
  upload(prod, "three", "code", {"beta"});
  auto tagged = [&](std::string expression, unsigned limit = 1000) {
    return names(prod, {*TagFilter::parse(expression), "", limit});
  };

  EXPECT_EQ(tagged("live:yes"), (Names{"one", "two"}));
  EXPECT_EQ(tagged("live:yes,beta:no"), Names{"one"});
  EXPECT_EQ(tagged("beta:no"), Names{"one"});
  EXPECT_EQ(tagged("cf:service=x:yes"), Names{"one"});
  EXPECT_EQ(tagged("live:yes,beta:yes"), Names{"two"});
  EXPECT_EQ(tagged("live:yes", 1), Names{"one"});
  EXPECT_EQ(names(prod, {*TagFilter::parse("live:yes"), "one", 10}), Names{"two"});

  upload(prod, "one", "code", {"beta"});
  EXPECT_EQ(tagged("live:yes"), Names{"two"});
  EXPECT_EQ(tagged("beta:yes"), (Names{"one", "three", "two"}));
}

TEST_F(ScriptsTest, AFilteredPageFindsMatchesFarApart) {
  Scope prod = namespace_scope("prod");
  for (char c = 'a'; c <= 'z'; ++c) {
    upload(prod, std::string(1, c), "code", {c == 'b' || c == 'y' ? "rare" : "often"});
  }
  auto page = run(registry.scripts.list(prod, {*TagFilter::parse("often:no"), "", 1}));
  EXPECT_EQ(page.scripts[0].name, "b");
  EXPECT_FALSE(page.complete);
  page = run(registry.scripts.list(prod, {*TagFilter::parse("often:no"), "b", 1}));
  EXPECT_EQ(page.scripts[0].name, "y");
  EXPECT_TRUE(page.complete);
}

TEST_F(ScriptsTest, DeploymentsSplitTrafficBetweenTwoVersions) {
  Published first = upload(account_scope(), "blog", "one");
  Published second = upload(account_scope(), "blog", "two");
  events.taken();

  Deployment deployment = run(registry.scripts.create_deployment(
      account_scope(), "blog",
      {{{first.version.id, 10}, {second.version.id, 90}}, "wrangler", kAnn, {{"note", "slowly"}}}));

  EXPECT_EQ(events.taken(), Names{"script blog"});
  ActiveScript active = run(registry.scripts.load_active(account_scope(), "blog"));
  ASSERT_EQ(active.versions.size(), 2u);
  EXPECT_EQ(active.versions[0].version.id, first.version.id);
  EXPECT_EQ(active.script.active->id, deployment.id);
  EXPECT_EQ(active.script.summary.version_id, second.version.id);
  auto all = run(registry.scripts.list_deployments(account_scope(), "blog"));
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].id, deployment.id);
  EXPECT_EQ(all[0].annotations["note"], "slowly");
  EXPECT_EQ(run(registry.scripts.find_deployment(account_scope(), "blog", all[2].id))->id,
            all[2].id);
}

TEST_F(ScriptsTest, RefusesDeploymentsThatDoNotAddUp) {
  std::string id = upload(account_scope(), "blog").version.id;
  auto message = [&](std::vector<Deployment::Share> versions) {
    return refusal(
               registry.scripts.create_deployment(account_scope(), "blog", {versions, "api", kAnn}))
        .message();
  };
  EXPECT_EQ(message({}), "a deployment has one or two versions");
  EXPECT_EQ(message({{id, 99}}), "the percentages of a deployment's versions must sum to 100");
  EXPECT_EQ(message({{id, 50}, {id, 50}}), "a deployment names the same version twice");
  EXPECT_EQ(message({{id, 150}, {"x", -50}}), "a version's percentage lies between 0 and 100");
  EXPECT_EQ(message({{"x", 100}}), "there is no version x");
  EXPECT_EQ(refusal(registry.scripts.create_deployment(account_scope(), "absent",
                                                       {{{id, 100}}, "api", kAnn}))
                .kind(),
            ErrorKind::NotFound);
}

TEST_F(ScriptsTest, OldDeploymentsCanBeDeletedAndTheActiveOneCannot) {
  upload(account_scope(), "blog");
  upload(account_scope(), "blog");
  auto all = run(registry.scripts.list_deployments(account_scope(), "blog"));

  run(registry.scripts.delete_deployment(account_scope(), "blog", all[1].id));
  EXPECT_EQ(refusal(registry.scripts.delete_deployment(account_scope(), "blog", all[0].id)).kind(),
            ErrorKind::Conflict);
  EXPECT_EQ(refusal(registry.scripts.delete_deployment(account_scope(), "blog", all[1].id)).kind(),
            ErrorKind::NotFound);
  EXPECT_EQ(run(registry.scripts.list_deployments(account_scope(), "blog")).size(), 1u);
}

TEST_F(ScriptsTest, ListsVersionsNewestFirst) {
  for (int i = 0; i < 5; ++i) upload(account_scope(), "blog");
  auto page = run(registry.scripts.list_versions(account_scope(), "blog", 1, 2));
  EXPECT_EQ(page.total, 5u);
  ASSERT_EQ(page.versions.size(), 2u);
  EXPECT_EQ(page.versions[0].number, 4u);
  EXPECT_EQ(page.versions[1].number, 3u);
  EXPECT_TRUE(run(registry.scripts.list_versions(account_scope(), "blog", 5, 2)).versions.empty());
}

TEST_F(ScriptsTest, ForgetsOldVersionsButNotDeployedOnes) {
  Published first = upload(account_scope(), "blog", "first");
  std::string tag = first.script.tag;
  auto publish_only = [&] {
    run(registry.scripts.publish_version(account_scope(), "blog",
                                         [](const ScriptState* current) -> Result<Publication> {
                                           auto publication = next_to(current);
                                           publication->deploy_with_annotations.reset();
                                           return publication;
                                         }));
  };
  for (unsigned i = 0; i < kKeptVersions + 5; ++i) publish_only();

  auto page = run(registry.scripts.list_versions(account_scope(), "blog", 0, 1000));
  EXPECT_EQ(page.total, kKeptVersions + 1);
  EXPECT_EQ(page.versions.back().id, first.version.id);
  run(registry.scripts.load_active(account_scope(), "blog"));

  upload(account_scope(), "blog", "last");
  publish_only();
  page = run(registry.scripts.list_versions(account_scope(), "blog", 0, 1000));
  EXPECT_EQ(page.total, kKeptVersions);
}

TEST_F(ScriptsTest, ForgetsOldDeployments) {
  for (unsigned i = 0; i < kKeptDeployments + 5; ++i) upload(account_scope(), "blog");
  EXPECT_EQ(run(registry.scripts.list_deployments(account_scope(), "blog")).size(),
            kKeptDeployments);
}

TEST_F(ScriptsTest, SettingsChangeWithoutANewVersion) {
  upload(account_scope(), "blog", "code", {"a"});
  events.taken();

  Script script = run(registry.scripts.update(account_scope(), "blog", [](Script& script) {
    script.settings.logpush = true;
    script.settings.subdomain_enabled = true;
    script.tags = {"b"};
    script.name = "hijacked";
    return Result<void>();
  }));

  EXPECT_EQ(script.name, "blog");
  EXPECT_EQ(events.taken(), (Names{"script blog", "routes"}));
  script = *run(registry.scripts.find(account_scope(), "blog"));
  EXPECT_TRUE(script.settings.logpush);
  EXPECT_EQ(script.latest_version_number, 1u);
  EXPECT_EQ(names(account_scope(), {*TagFilter::parse("b:yes"), "", 10}), Names{"blog"});
  EXPECT_TRUE(names(account_scope(), {*TagFilter::parse("a:yes"), "", 10}).empty());
}

TEST_F(ScriptsTest, FindsAScriptByItsTag) {
  Published published = upload(account_scope(), "blog");
  EXPECT_EQ(run(registry.scripts.find_by_tag(kAccount, published.script.tag))->name, "blog");
  EXPECT_FALSE(run(registry.scripts.find_by_tag("another", published.script.tag)));
}

TEST_F(ScriptsTest, DeletingAScriptLeavesNothingBehind) {
  Zone zone = run(registry.accounts.put_zone({"", kAccount, "example.com", {}}));
  upload(account_scope(), "blog", "one", {"t"});
  upload(account_scope(), "blog", "two", {"t"});
  run(registry.routes.put({"", zone.id, "", "example.com/*", "blog"}));
  run(registry.routes.put_domain(
      {.account_id = kAccount, .hostname = "blog.example.com", .script = "blog"}));
  run(registry.scripts.attach_code_cache(
      account_scope(), "blog",
      run(registry.scripts.find(account_scope(), "blog"))->latest_version_id, "cache"));
  events.taken();

  run(registry.scripts.remove(account_scope(), "blog"));

  EXPECT_EQ(events.taken(), (Names{"script blog", "routes"}));
  EXPECT_EQ(script_keys(), Names{});
  EXPECT_EQ(refusal(registry.scripts.remove(account_scope(), "blog")).kind(), ErrorKind::NotFound);
  EXPECT_EQ(run(registry.scripts.collect_blobs()), 3u);
  EXPECT_EQ(blobs.size(), 0u);
}

TEST_F(ScriptsTest, CollectsOnlyBlobsThatNobodyUses) {
  upload(account_scope(), "one", "shared");
  upload(account_scope(), "two", "shared");
  run(registry.scripts.store_blob("never published"));
  run(registry.scripts.remove(account_scope(), "one"));

  EXPECT_EQ(run(registry.scripts.collect_blobs()), 1u);

  ActiveScript two = run(registry.scripts.load_active(account_scope(), "two"));
  EXPECT_EQ(run(registry.scripts.load_blob(two.versions[0].version.content.bundle_id)), "shared");
}

TEST_F(ScriptsTest, CollectingDoesNotLookAtBlobsInUse) {
  for (int i = 0; i < 20; ++i) upload(account_scope(), "blog" + std::to_string(i), "code");
  run(registry.scripts.collect_blobs());
  for (const auto& [key, record] : meta.records()) {
    EXPECT_FALSE(key.starts_with("blob_idle/")) << key;
  }
}

TEST_F(ScriptsTest, KeepsTheNewestCodeCache) {
  Published published = upload(account_scope(), "blog");
  auto attach = [&](std::string bytes) {
    run(registry.scripts.attach_code_cache(account_scope(), "blog", published.version.id, bytes));
  };
  attach("old");
  attach("new");
  attach("new");

  Version version =
      *run(registry.scripts.find_version(account_scope(), "blog", published.version.id));
  EXPECT_EQ(run(registry.scripts.load_blob(version.content.code_cache_id)), "new");
  EXPECT_EQ(run(registry.scripts.collect_blobs()), 1u);
  EXPECT_EQ(refusal(registry.scripts.attach_code_cache(account_scope(), "blog", "x", "y")).kind(),
            ErrorKind::NotFound);
}

TEST_F(ScriptsTest, DeletesByTag) {
  Scope prod = namespace_scope("prod");
  upload(prod, "one", "code", {"trial"});
  upload(prod, "two", "code", {"paid"});
  upload(prod, "three", "code", {"trial"});
  events.taken();

  EXPECT_EQ(run(registry.scripts.delete_all(prod, *TagFilter::parse("trial:yes"))),
            (Names{"one", "three"}));

  EXPECT_EQ(names(prod), Names{"two"});
  EXPECT_EQ(events.taken(), (Names{"script one", "script three"}));
  EXPECT_EQ(run(registry.dispatch_namespaces.count_scripts(prod.namespace_id)), 1u);
}

TEST(TagFilter, RefusesBrokenTerms) {
  for (auto text : {"a", "a:maybe", ":yes", "a:yes,", ",a:yes", "a:yes,,b:no", "a:YES"}) {
    EXPECT_FALSE(TagFilter::parse(text)) << text;
  }
  EXPECT_TRUE(TagFilter::parse("")->empty());
  EXPECT_TRUE(TagFilter::parse("a:b:yes")->matches({"a:b"}));
}

TEST(Tags, AreFewShortAndDistinct) {
  EXPECT_EQ(*check_tags({"a", "b", "a"}), (Names{"a", "b"}));
  EXPECT_EQ(check_tags({"1", "2", "3", "4", "5", "6", "7", "8", "9"}).error().kind(),
            ErrorKind::LimitReached);
  for (std::string tag : {"", "a,b", "a&b", "\xFF"}) {
    EXPECT_EQ(check_tags({tag}).error().kind(), ErrorKind::InvalidInput) << tag;
  }
  EXPECT_FALSE(check_tags({std::string(129, 'x')}));
}

}  // namespace
}  // namespace atoll::scripts
