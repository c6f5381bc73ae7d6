#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <filesystem>
#include <fstream>
#include <functional>

#include "egress/dns/dns_resolver.h"

namespace atoll::egress {
namespace {

using boost::asio::ip::udp;

std::string be16(unsigned value) {
  return {static_cast<char>(value >> 8), static_cast<char>(value & 0xff)};
}

// The answer to a query: `records` behind a header that counts them.
std::string answer_to(std::string query, unsigned count, const std::string& records,
                      unsigned flags = 0x8180) {
  query.replace(2, 2, be16(flags));
  query.replace(6, 2, be16(count));
  return query + records;
}

// Of the name that the question names (a pointer to it).
std::string record(unsigned type, const std::string& data, const std::string& owner = "\xc0\x0c") {
  return owner + be16(type) + be16(1) + std::string(4, '\0') +
         be16(static_cast<unsigned>(data.size())) + data;
}
const std::string kFour{"\x01\x02\x03\x04", 4};

std::string texts(const std::vector<Address>& addresses) {
  std::string text;
  for (const Address& address : addresses) text += address.to_string() + " ";
  return text;
}

TEST(DnsMessage, AnswersAreReadWithTheirAliases) {
  DnsQuestion question{7, "www.Example", RecordType::A};
  std::string query = dns_query(question);
  auto answer = parse_dns_answer(answer_to(query, 1, record(1, kFour)), question);
  ASSERT_TRUE(answer);
  EXPECT_EQ(texts(answer->addresses), "1.2.3.4 ");

  std::string alias(
      "\x03"
      "two\x04"
      "test\0",
      10);
  answer =
      parse_dns_answer(answer_to(query, 2, record(5, alias) + record(1, kFour, alias)), question);
  EXPECT_EQ(texts(answer->addresses), "1.2.3.4 ");
  answer = parse_dns_answer(answer_to(query, 2, record(5, alias) + record(1, kFour)), question);
  EXPECT_EQ(texts(answer->addresses), "") << "of a name that was not asked for";
  std::string circle = record(5, std::string("\xc0\x0c"));
  EXPECT_TRUE(parse_dns_answer(answer_to(query, 1, circle), question)->addresses.empty());
}

TEST(DnsMessage, WhatIsNoAnswerToTheQuestionIsNone) {
  DnsQuestion question{7, "a.example", RecordType::A};
  std::string query = dns_query(question);
  EXPECT_FALSE(parse_dns_answer(query, question)) << "a question";
  EXPECT_FALSE(parse_dns_answer(answer_to(query, 0, ""), {8, "a.example", RecordType::A}));
  EXPECT_FALSE(parse_dns_answer(answer_to(query, 0, ""), {7, "b.example", RecordType::A}));
  EXPECT_FALSE(parse_dns_answer(answer_to(query, 0, ""), {7, "a.example", RecordType::Aaaa}));
  std::string full = answer_to(query, 1, record(1, kFour));
  for (std::size_t size = 0; size < full.size(); ++size) {
    auto answer = parse_dns_answer(std::string_view(full).substr(0, size), question);
    EXPECT_TRUE(!answer || answer->addresses.empty()) << size;
  }
  EXPECT_EQ(parse_dns_answer(answer_to(query, 0, "", 0x8183), question)->kind,
            DnsAnswer::Kind::NoSuchName);
  EXPECT_EQ(parse_dns_answer(answer_to(query, 0, "", 0x8380), question)->kind,
            DnsAnswer::Kind::Truncated);
}

// Answers on a port of 127.0.0.1 as a function says; with nothing it says nothing.
class DnsResolverTest : public testing::Test {
 protected:
  using Answer = std::function<std::string(const std::string& query)>;

  DnsResolverTest() {
    std::string path = (std::filesystem::temp_directory_path() / "dns-XXXXXX").string();
    folder_ = ::mkdtemp(path.data());
    options_.servers = {server_.local_endpoint()};
    options_.hosts = folder_ + "/hosts";
    options_.attempt = std::chrono::milliseconds(200);
    serve();
  }
  ~DnsResolverTest() override { std::filesystem::remove_all(folder_); }

  void serve() {
    server_.async_receive_from(asio::buffer(packet_), client_,
                               [this](boost::system::error_code error, std::size_t size) {
                                 if (error) return;
                                 ++asked_;
                                 std::string reply = answer_(packet_.substr(0, size));
                                 if (!reply.empty()) server_.send_to(asio::buffer(reply), client_);
                                 serve();
                               });
  }
  std::string resolve(std::string host) {
    DnsResolver resolver(loop_, options_);
    std::string text;
    bool done = false;
    asio::co_spawn(loop_, resolver.resolve(std::move(host)),
                   [&](std::exception_ptr, Result<std::vector<Address>> found) {
                     text = found ? texts(*found) : found.error().message();
                     done = true;
                   });
    while (!done) {
      loop_.restart();
      loop_.run_one();
    }
    loop_.restart();
    loop_.run_for(std::chrono::milliseconds(1));
    return text;
  }
  static bool asks_for_v6(const std::string& query) { return query[query.size() - 3] == 28; }

  asio::io_context loop_{1};
  udp::socket server_{loop_, udp::endpoint(asio::ip::address_v4::loopback(), 0)};
  udp::endpoint client_;
  std::string packet_ = std::string(512, '\0');
  Answer answer_ = [](const std::string& query) {
    return asks_for_v6(query) ? answer_to(query, 0, "") : answer_to(query, 1, record(1, kFour));
  };
  int asked_ = 0;
  std::string folder_;
  DnsResolver::Options options_;
};

TEST_F(DnsResolverTest, NamesAreAskedForAndNumbersAreNot) {
  EXPECT_EQ(resolve("www.example"), "1.2.3.4 ");
  EXPECT_EQ(resolve("www.example."), "1.2.3.4 ");
  int asked = asked_;
  for (const char* host : {"127.0.0.1", "::ffff:127.0.0.1", "2130706433", "0x7f.1", "127.1",
                           "0177.0.0.1", "127.0.0.1."}) {
    EXPECT_EQ(resolve(host), "127.0.0.1 ") << host;
  }
  EXPECT_EQ(resolve("localhost"), "127.0.0.1 ::1 ");
  EXPECT_EQ(resolve("a.localhost."), "127.0.0.1 ::1 ");
  EXPECT_EQ(resolve("a..example"), "there is no address for this name");
  EXPECT_EQ(asked_, asked);
}

TEST_F(DnsResolverTest, BothFamiliesComeIPv4First) {
  std::string six(16, '\x20');
  answer_ = [six](const std::string& query) {
    return answer_to(query, 1, asks_for_v6(query) ? record(28, six) : record(1, kFour));
  };
  EXPECT_EQ(resolve("both.example"), "1.2.3.4 2020:2020:2020:2020:2020:2020:2020:2020 ");
}

TEST_F(DnsResolverTest, AFileOfHostsWins) {
  std::ofstream(options_.hosts) << "# comment\n10.1.1.1 Intern intern.example # too\n";
  EXPECT_EQ(resolve("intern"), "10.1.1.1 ");
  EXPECT_EQ(resolve("INTERN.example"), "10.1.1.1 ");
}

TEST_F(DnsResolverTest, WhatOthersSendIsNotBelieved) {
  answer_ = [&](const std::string& query) {
    std::string other = query;
    other[0] = static_cast<char>(other[0] ^ 1);
    server_.send_to(asio::buffer(answer_to(other, 1, record(1, std::string("\x0a\0\0\x01", 4)))),
                    client_);
    return answer_to(query, 1, record(asks_for_v6(query) ? 28 : 1, kFour));
  };
  EXPECT_EQ(resolve("www.example"), "1.2.3.4 ");
}

TEST_F(DnsResolverTest, FailuresAreTold) {
  answer_ = [](const std::string& query) { return answer_to(query, 0, "", 0x8183); };
  EXPECT_EQ(resolve("none.example"), "there is no address for this name");
  answer_ = [](const std::string& query) { return answer_to(query, 0, "", 0x8182); };
  EXPECT_EQ(resolve("broken.example"), "the name could not be looked up");
  answer_ = [](const std::string&) { return std::string(); };
  options_.attempt = std::chrono::milliseconds(20);
  EXPECT_EQ(resolve("silent.example"), "the name could not be looked up");
}

TEST_F(DnsResolverTest, ALongAnswerComesByTcp) {
  answer_ = [](const std::string& query) { return answer_to(query, 0, "", 0x8380); };
  asio::ip::tcp::acceptor acceptor(
      loop_, {asio::ip::address_v4::loopback(), server_.local_endpoint().port()});
  std::function<void()> accept = [&] {
    acceptor.async_accept([&](boost::system::error_code error, asio::ip::tcp::socket accepted) {
      if (error) return;
      accept();
      auto socket = std::make_shared<asio::ip::tcp::socket>(std::move(accepted));
      auto query = std::make_shared<std::string>(512, '\0');
      socket->async_read_some(
          asio::buffer(*query), [socket, query](boost::system::error_code lost, std::size_t size) {
            if (lost || size < 2) return;
            std::string asked = query->substr(2, size - 2);
            std::string answer = answer_to(asked, 1, record(asks_for_v6(asked) ? 28 : 1, kFour));
            asio::write(*socket, asio::buffer(be16(static_cast<unsigned>(answer.size())) + answer));
          });
    });
  };
  accept();
  EXPECT_EQ(resolve("long.example"), "1.2.3.4 ");
}

TEST(NameServer, AddressesWithAndWithoutPorts) {
  auto text = [](const char* written) {
    auto parsed = parse_name_server(written);
    return parsed ? parsed->address().to_string() + " " + std::to_string(parsed->port()) : "none";
  };
  EXPECT_EQ(text("10.0.0.2"), "10.0.0.2 53");
  EXPECT_EQ(text("10.0.0.2:5353"), "10.0.0.2 5353");
  EXPECT_EQ(text("::1"), "::1 53");
  EXPECT_EQ(text("[::1]:54"), "::1 54");
  EXPECT_EQ(text("[::1]"), "::1 53");
  for (const char* wrong :
       {"", "dns.example", "10.0.0.2:", "10.0.0.2:0", "10.0.0.2:99999", "[::1"}) {
    EXPECT_EQ(text(wrong), "none") << wrong;
  }
}

}  // namespace
}  // namespace atoll::egress
