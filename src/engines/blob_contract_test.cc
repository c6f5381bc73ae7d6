// What BlobStore promises, run against every engine.
#include <sys/mman.h>

#include "crypto/digest.h"
#include "engines/engines_under_test.h"

namespace atoll::engines {
namespace {

class BlobContract : public ContractTest {
 protected:
  store::BlobStore& store() { return engine_->blobs(); }

  std::string put(std::string bytes) {
    auto id = loop_.run(store().put(bytes));
    EXPECT_TRUE(id) << id.error().message();
    return *id;
  }
};
CONTRACT_SUITE(BlobContract);

TEST_P(BlobContract, TheIdIsTheDigestOfTheBytes) {
  EXPECT_EQ(put("hello"), crypto::sha256_hex("hello"));
}

TEST_P(BlobContract, ReadsBackWhatWasStored) {
  for (std::size_t size : {0u, 1u, 5'000'000u}) {
    std::string bytes(size, '\0');
    fill_random(bytes.data(), bytes.size());
    EXPECT_EQ(*loop_.run(store().get(put(bytes))), bytes) << size;
  }
}

TEST_P(BlobContract, StoringTheSameBytesAgainSucceeds) {
  std::string id = put("twice");
  EXPECT_EQ(put("twice"), id);
  EXPECT_EQ(*loop_.run(store().get(id)), "twice");
}

TEST_P(BlobContract, AnAbsentBlobIsNotFound) {
  for (std::string id : {crypto::sha256_hex("absent"), std::string("../../etc/passwd"),
                         std::string(), std::string("zz")}) {
    EXPECT_EQ(loop_.run(store().get(id)).error().kind(), ErrorKind::NotFound) << id;
    EXPECT_EQ(loop_.run(store().open(id)).error().kind(), ErrorKind::NotFound) << id;
    EXPECT_TRUE(loop_.run(store().remove(id))) << id;
  }
}

TEST_P(BlobContract, ARemovedBlobIsGone) {
  std::string id = put("gone");
  ASSERT_TRUE(loop_.run(store().remove(id)));
  EXPECT_EQ(loop_.run(store().get(id)).error().kind(), ErrorKind::NotFound);
  EXPECT_EQ(put("gone"), id);
  EXPECT_EQ(*loop_.run(store().get(id)), "gone");
}

TEST_P(BlobContract, AnOpenedBlobCanBeMappedEvenAfterItWasRemoved) {
  std::string bytes(10'000, 'm');
  std::string id = put(bytes);
  auto fd = loop_.run(store().open(id));
  ASSERT_TRUE(fd);
  ASSERT_TRUE(loop_.run(store().remove(id)));

  void* mapping = ::mmap(nullptr, bytes.size(), PROT_READ, MAP_SHARED, fd->get(), 0);

  ASSERT_NE(mapping, MAP_FAILED);
  EXPECT_EQ(std::string_view(static_cast<char*>(mapping), bytes.size()), bytes);
  ::munmap(mapping, bytes.size());
}

TEST_P(BlobContract, OverlappingWritesOfTheSameBytesAllSucceed) {
  for (int i = 0; i < 20; ++i) {
    loop_.start(store().put("shared"), [](Result<std::string> id) { EXPECT_TRUE(id); });
  }
  loop_.run_all();
  EXPECT_EQ(*loop_.run(store().get(crypto::sha256_hex("shared"))), "shared");
}

}  // namespace
}  // namespace atoll::engines
