// Published vectors for what lies under crypto.subtle and node:crypto.
#include <gtest/gtest.h>

#include "webapi/crypto/digest.h"
// OpenSSL's structures first.
#include "webapi/crypto/checksum.h"
#include "webapi/crypto/cipher.h"
#include "webapi/crypto/derive.h"
#include "webapi/crypto/key.h"
#include "webapi/crypto/scrypt.h"
#include "webapi/crypto/signature.h"

namespace atoll::webapi {
namespace {

Bytes bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string hex(Bytes bytes) {
  std::string text;
  for (std::uint8_t byte : bytes) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

std::string from_hex(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

StopSign go_on() {
  return StopSign([](void*) { return false; }, nullptr);
}

template <typename Algorithm>
std::string sum_of(std::string_view text) {
  typename Algorithm::State state;
  unsigned char sum[Algorithm::kSize];
  Algorithm::init(state);
  Algorithm::update(state, text.data(), text.size());
  Algorithm::finish(state, sum);
  return hex({sum, sizeof(sum)});
}

TEST(Checksum, AgreesWithTheCatalogue) {
  EXPECT_EQ(sum_of<Crc32>("123456789"), "cbf43926");
  EXPECT_EQ(sum_of<Crc32c>("123456789"), "e3069283");
  EXPECT_EQ(sum_of<Crc64Nvme>("123456789"), "ae8b14860a799888");
}

TEST(Pbkdf2, AgreesWithRfc6070) {
  auto key = pbkdf2(EVP_sha1(), bytes("password"), bytes("salt"), 4096, 20, go_on());
  ASSERT_TRUE(key);
  EXPECT_EQ(hex(key->view()), "4b007901b765489abead49d926f721d065a429c1");
  key = pbkdf2(EVP_sha1(), bytes("passwordPASSWORDpassword"),
               bytes("saltSALTsaltSALTsaltSALTsaltSALTsalt"), 4096, 25, go_on());
  EXPECT_EQ(hex(key->view()), "3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038");
}

TEST(Pbkdf2, IsTheSameForDigestsWithoutAFastPath) {
  const std::string longer(200, 'k');
  auto fast = pbkdf2(EVP_sha256(), bytes(longer), bytes("salt"), 1000, 70, go_on());
  unsigned char expected[70];
  PKCS5_PBKDF2_HMAC(longer.data(), static_cast<int>(longer.size()),
                    reinterpret_cast<const unsigned char*>("salt"), 4, 1000, EVP_sha256(), 70,
                    expected);
  EXPECT_EQ(hex(fast->view()), hex({expected, 70}));
  PKCS5_PBKDF2_HMAC("p", 1, reinterpret_cast<const unsigned char*>("salt"), 4, 1000, EVP_sha3_256(),
                    70, expected);
  EXPECT_EQ(hex(pbkdf2(EVP_sha3_256(), bytes("p"), bytes("salt"), 1000, 70, go_on())->view()),
            hex({expected, 70}));
}

TEST(Pbkdf2, StopsWhenTold) {
  int looks = 0;
  StopSign stop([](void* count) { return ++*static_cast<int*>(count) > 3; }, &looks);
  EXPECT_FALSE(pbkdf2(EVP_sha512(), bytes("p"), bytes("s"), 2'000'000'000, 64, stop));
}

TEST(Derivation, RefusesDigestsWithoutHmac) {
  EXPECT_FALSE(pbkdf2(EVP_shake128(), bytes("p"), bytes("s"), 1, 64, go_on()));
  EXPECT_FALSE(hkdf(EVP_shake256(), bytes("p"), bytes("s"), {}, 64));
}

TEST(Hkdf, AgreesWithRfc5869) {
  const std::string key(22, '\x0b');
  const std::string salt = from_hex("000102030405060708090a0b0c");
  const std::string info = from_hex("f0f1f2f3f4f5f6f7f8f9");
  EXPECT_EQ(hex(hkdf(EVP_sha256(), bytes(key), bytes(salt), bytes(info), 42)->view()),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  EXPECT_EQ(hex(hkdf(EVP_sha256(), bytes(key), {}, {}, 42)->view()),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
  EXPECT_FALSE(hkdf(EVP_sha256(), bytes(key), {}, {}, 255 * 32 + 1));
}

TEST(Scrypt, AgreesWithRfc7914) {
  auto with = [](std::string_view password, std::string_view salt, webapi::ScryptCost cost) {
    return hex(webapi::scrypt(bytes(password), bytes(salt), cost, 64, go_on())->view());
  };
  EXPECT_EQ(with("", "", {16, 1, 1}),
            "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
            "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906");
  EXPECT_EQ(with("password", "NaCl", {1024, 8, 16}),
            "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
            "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640");
}

TEST(Scrypt, RefusesWhatIsNotAllowedAndStopsWhenTold) {
  EXPECT_FALSE(scrypt_memory({15, 1, 1}));
  EXPECT_FALSE(scrypt_memory({1, 1, 1}));
  EXPECT_FALSE(scrypt_memory({65536, 1, 1}));
  EXPECT_FALSE(scrypt_memory({16, 0, 1}));
  EXPECT_FALSE(scrypt_memory({std::uint64_t{1} << 40, 8, 1}));
  EXPECT_EQ(scrypt_memory({16384, 8, 1}), 128u * 8 * 16386);
  int looks = 0;
  StopSign stop([](void* count) { return ++*static_cast<int*>(count) > 5; }, &looks);
  EXPECT_FALSE(scrypt(bytes("p"), bytes("s"), {1 << 16, 8, 1}, 64, stop));
}

TEST(AesCtr, WrapsItsCounterAround) {
  const std::string key(16, 'k');
  const std::string data(16 * 5, 'd');
  std::string counter(16, '\xff');
  // With four bits the counter goes 15, 0, 1, 2, 3: the rest of the block stays.
  std::string whole(data.size(), '\0');
  ASSERT_TRUE(aes_ctr(bytes(key), bytes(counter), 4, bytes(data),
                      reinterpret_cast<std::uint8_t*>(whole.data())));
  std::string second = counter;
  second.back() = '\xf0';
  std::string rest(data.size() - 16, '\0');
  ASSERT_TRUE(aes_ctr(bytes(key), bytes(second), 64, bytes(data).subspan(16),
                      reinterpret_cast<std::uint8_t*>(rest.data())));
  EXPECT_EQ(whole.substr(16), rest);
  EXPECT_FALSE(aes_ctr(bytes(key), bytes(counter), 2, bytes(data),
                       reinterpret_cast<std::uint8_t*>(whole.data())));
}

TEST(AesGcm, RefusesWhatWasTouched) {
  const std::string key(32, 'k');
  const Gcm gcm{
      .key = bytes(key), .iv = bytes("nonce"), .additional_data = bytes("aad"), .tag_bytes = 12};
  std::string sealed(5 + 12, '\0');
  ASSERT_TRUE(aes_gcm_encrypt(gcm, bytes("hello"), reinterpret_cast<std::uint8_t*>(sealed.data())));
  std::string opened(5, '\0');
  auto* to = reinterpret_cast<std::uint8_t*>(opened.data());
  ASSERT_TRUE(aes_gcm_decrypt(gcm, bytes(sealed), to));
  EXPECT_EQ(opened, "hello");
  sealed[2] ^= 1;
  EXPECT_FALSE(aes_gcm_decrypt(gcm, bytes(sealed), to));
  EXPECT_EQ(opened, std::string(5, '\0'));
}

TEST(AesWrap, AgreesWithRfc3394) {
  const std::string key = from_hex("000102030405060708090A0B0C0D0E0F");
  const std::string data = from_hex("00112233445566778899AABBCCDDEEFF");
  auto wrapped = aes_wrap(Direction::Encrypt, bytes(key), bytes(data));
  ASSERT_TRUE(wrapped);
  EXPECT_EQ(hex(wrapped->view()), "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5");
  EXPECT_EQ(hex(aes_wrap(Direction::Decrypt, bytes(key), wrapped->view())->view()),
            hex(bytes(data)));
  EXPECT_FALSE(aes_wrap(Direction::Decrypt, bytes(data), wrapped->view()));
}

TEST(Key, RoundTripsThroughEveryForm) {
  Pkey ec = generate_ec("secp521r1");
  ASSERT_NE(ec, nullptr);
  const std::string pkcs8 = pkcs8_of(ec.get());
  Pkey again = private_key_from_pkcs8(bytes(pkcs8));
  ASSERT_NE(again, nullptr);
  EXPECT_EQ(curve_of(again.get()), "secp521r1");
  const std::string point = raw_public_key(ec.get());
  EXPECT_EQ(point.size(), 133u);
  EXPECT_EQ(EVP_PKEY_eq(ec_public_key("secp521r1", bytes(point)).get(), ec.get()), 1);
  EXPECT_EQ(ec_public_key("prime256v1", bytes(point)), nullptr);
  EXPECT_EQ(private_key_from_pkcs8(bytes(pkcs8 + "x")), nullptr);
  EXPECT_EQ(private_key_from_pkcs8(bytes(pkcs8).first(pkcs8.size() - 1)), nullptr);
  EXPECT_EQ(public_key_from_spki({}), nullptr);
}

TEST(Key, RefusesPointsOffTheCurve) {
  const std::string x(32, '\1');
  const std::string y(32, '\2');
  EXPECT_EQ(ec_key("prime256v1", bytes(x), bytes(y), std::nullopt), nullptr);
}

TEST(Key, RefusesRsaThatWouldTakeTooLong) {
  const std::string n(2049, '\x7f');
  EXPECT_EQ(rsa_key({.n = bytes(n), .e = bytes("\1\0\1")}), nullptr);
}

TEST(Key, GenerationStopsWhenTold) {
  int looks = 0;
  StopSign stop([](void* count) { return ++*static_cast<int*>(count) > 2; }, &looks);
  EXPECT_EQ(generate_rsa(4096, 65537, stop), nullptr);
}

TEST(Signature, OfEcdsaIsTwoNumbersOfFixedWidth) {
  Pkey ec = generate_ec("secp521r1");
  const SignatureForm form{.scheme = Scheme::Ecdsa, .digest = EVP_sha256(), .salt_bytes = 0};
  auto signature = sign(ec.get(), form, bytes("message"));
  ASSERT_TRUE(signature);
  EXPECT_EQ(signature->size(), 132u);
  EXPECT_TRUE(verify(ec.get(), form, bytes(*signature), bytes("message")));
  EXPECT_FALSE(verify(ec.get(), form, bytes(*signature), bytes("massage")));
  EXPECT_FALSE(verify(ec.get(), form, bytes(*signature).first(131), bytes("message")));
  EXPECT_FALSE(verify(ec.get(), form, {}, bytes("message")));
}

}  // namespace
}  // namespace atoll::webapi
