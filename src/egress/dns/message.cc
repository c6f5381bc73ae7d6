#include "egress/dns/message.h"

#include <algorithm>

namespace atoll::egress {
namespace {

constexpr std::size_t kMaxNameBytes = 253;
constexpr std::size_t kMaxLabelBytes = 63;
constexpr std::size_t kMaxRecords = 128;
constexpr std::size_t kMaxAliases = 16;
constexpr std::uint16_t kInternet = 1;
constexpr std::uint16_t kAlias = 5;

void put16(std::string& bytes, std::uint16_t value) {
  bytes.push_back(static_cast<char>(value >> 8));
  bytes.push_back(static_cast<char>(value & 0xff));
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

// Reads forward; after a failure everything else fails too.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  bool failed() const { return failed_; }
  std::size_t at() const { return at_; }

  std::uint16_t number16() {
    std::string_view two = take(2);
    if (two.size() < 2) return 0;
    return static_cast<std::uint16_t>(static_cast<unsigned char>(two[0]) << 8 |
                                      static_cast<unsigned char>(two[1]));
  }
  std::string_view take(std::size_t count) {
    if (failed_ || bytes_.size() - at_ < count) {
      failed_ = true;
      return {};
    }
    at_ += count;
    return bytes_.substr(at_ - count, count);
  }

  // Labels with dots between. What lies behind a pointer must lie before it, so there is an end.
  std::string name() {
    std::string name;
    std::size_t at = at_;
    std::size_t limit = bytes_.size();  // labels lie before it
    bool jumped = false;
    for (;;) {
      if (failed_ || at >= limit) return fail();
      auto length = static_cast<unsigned char>(bytes_[at]);
      if ((length & 0xc0) == 0xc0) {
        if (at + 2 > limit) return fail();
        std::size_t target = (length & 0x3fu) << 8 | static_cast<unsigned char>(bytes_[at + 1]);
        if (!jumped) at_ = at + 2;
        jumped = true;
        if (target >= at) return fail();
        limit = at;
        at = target;
        continue;
      }
      if (length > kMaxLabelBytes || at + 1 + length > limit) return fail();
      ++at;
      if (length == 0) break;
      if (!name.empty()) name.push_back('.');
      name.append(bytes_.substr(at, length));
      if (name.size() > kMaxNameBytes) return fail();
      at += length;
    }
    if (!jumped) at_ = at;
    return name;
  }

 private:
  std::string fail() {
    failed_ = true;
    return {};
  }

  std::string_view bytes_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

struct Record {
  std::string owner;
  std::uint16_t type = 0;
  std::string target;  // of an alias
  std::optional<Address> address;
};

std::optional<Address> address_of(std::uint16_t type, std::string_view data) {
  if (type == static_cast<std::uint16_t>(RecordType::A) && data.size() == 4) {
    boost::asio::ip::address_v4::bytes_type bytes;
    std::copy(data.begin(), data.end(), bytes.begin());
    return boost::asio::ip::address_v4(bytes);
  }
  if (type == static_cast<std::uint16_t>(RecordType::Aaaa) && data.size() == 16) {
    boost::asio::ip::address_v6::bytes_type bytes;
    std::copy(data.begin(), data.end(), bytes.begin());
    return plain(boost::asio::ip::address_v6(bytes));
  }
  return std::nullopt;
}

std::vector<Record> read_records(Reader& reader, std::size_t count) {
  std::vector<Record> records;
  for (std::size_t i = 0; i < std::min(count, kMaxRecords); ++i) {
    Record record;
    record.owner = reader.name();
    record.type = reader.number16();
    std::uint16_t group = reader.number16();
    reader.take(4);  // how long it may be kept
    std::uint16_t length = reader.number16();
    if (record.type == kAlias) {
      std::size_t end = reader.at() + length;
      record.target = reader.name();
      if (reader.at() != end) break;
    } else {
      record.address = address_of(record.type, reader.take(length));
    }
    if (reader.failed()) break;  // what came before it counts
    if (group == kInternet) records.push_back(std::move(record));
  }
  return records;
}

std::vector<Address> addresses_of(const std::vector<Record>& records, const DnsQuestion& question) {
  std::string name = question.name;
  for (std::size_t i = 0; i < kMaxAliases; ++i) {
    auto alias = std::ranges::find_if(records, [&](const Record& record) {
      return record.type == kAlias && same_name(record.owner, name);
    });
    if (alias == records.end()) break;
    name = alias->target;
  }
  std::vector<Address> addresses;
  for (const Record& record : records) {
    if (record.address && record.type == static_cast<std::uint16_t>(question.type) &&
        same_name(record.owner, name)) {
      addresses.push_back(*record.address);
    }
  }
  return addresses;
}

}  // namespace

bool is_dns_name(std::string_view name) {
  if (name.empty() || name.size() > kMaxNameBytes) return false;
  std::size_t label = 0;
  for (char c : name) {
    if (c == '.' && label == 0) return false;
    label = c == '.' ? 0 : label + 1;
    if (label > kMaxLabelBytes) return false;
  }
  return label > 0;
}

std::string dns_query(const DnsQuestion& question) {
  std::string bytes;
  put16(bytes, question.id);
  put16(bytes, 0x0100);  // recursion desired
  put16(bytes, 1);
  put16(bytes, 0);
  put16(bytes, 0);
  put16(bytes, 0);
  std::string_view rest = question.name;
  while (!rest.empty()) {
    std::string_view label = rest.substr(0, rest.find('.'));
    bytes.push_back(static_cast<char>(label.size()));
    bytes.append(label);
    rest.remove_prefix(std::min(label.size() + 1, rest.size()));
  }
  bytes.push_back('\0');
  put16(bytes, static_cast<std::uint16_t>(question.type));
  put16(bytes, kInternet);
  return bytes;
}

std::optional<DnsAnswer> parse_dns_answer(std::string_view bytes, const DnsQuestion& question) {
  Reader reader(bytes);
  std::uint16_t id = reader.number16();
  std::uint16_t flags = reader.number16();
  std::uint16_t questions = reader.number16();
  std::uint16_t answers = reader.number16();
  reader.take(4);
  bool is_answer = (flags & 0xf800) == 0x8000;  // a response to a standard query
  if (reader.failed() || id != question.id || !is_answer || questions != 1) return {};
  std::string name = reader.name();
  std::uint16_t type = reader.number16();
  std::uint16_t group = reader.number16();
  if (reader.failed() || !same_name(name, question.name) || group != kInternet ||
      type != static_cast<std::uint16_t>(question.type)) {
    return {};
  }
  DnsAnswer answer;
  unsigned code = flags & 0x000f;
  if (flags & 0x0200) {
    answer.kind = DnsAnswer::Kind::Truncated;
  } else if (code == 3) {
    answer.kind = DnsAnswer::Kind::NoSuchName;
  } else if (code == 0) {
    answer.kind = DnsAnswer::Kind::Answered;
    answer.addresses = addresses_of(read_records(reader, answers), question);
  }
  return answer;
}

}  // namespace atoll::egress
