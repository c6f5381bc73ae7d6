#include "egress/audit_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "async/offload.h"
#include "egress/script_policy.h"

namespace atoll::egress {
namespace {

constexpr std::uint64_t kSegments = 16;
constexpr std::uint64_t kLeastSegmentBytes = 16u << 10;
constexpr std::size_t kMaxQueuedBytes = 8u << 20;
constexpr std::uint64_t kMaxExaminedBytes = 32u << 20;  // by one read
constexpr auto kWaitForWriter = std::chrono::seconds(2);
constexpr std::string_view kSuffix = ".jsonl";

struct Place {
  std::uint64_t segment = ~0ull;
  std::uint64_t offset = ~0ull;  // of a line; those before it come next
};

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t number = 0;
  auto end = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || end.ec != std::errc() || end.ptr != text.data() + text.size()) return {};
  return number;
}

Result<Place> parse_cursor(std::string_view text) {
  if (text.empty()) return Place();
  std::size_t dot = text.find('.');
  auto segment = number_of(text.substr(0, dot));
  auto offset = number_of(dot == std::string_view::npos ? "" : text.substr(dot + 1));
  if (!segment || !offset) return fail(invalid_input("this cursor is none"));
  return Place{*segment, *offset};
}

std::string quoted(std::string_view member, const std::string& value) {
  return "\"" + std::string(member) + "\":" + dump_json(Json(value));
}

// What a line must hold as text to be worth reading, and what its members must be.
class Filter {
 public:
  static Result<Filter> of(const AuditQuery& query) {
    Filter filter(query);
    if (!query.host.empty()) filter.host_ = TRY(HostPattern::parse(query.host));
    filter.add("account", query.account_id);
    if (query.namespace_id) filter.parts_.push_back(quoted("namespace", *query.namespace_id));
    filter.add("script", query.script);
    filter.add("verdict", query.verdict);
    filter.add("event", query.event);
    return filter;
  }

  // Nothing when the line does not match.
  std::optional<Json> match(std::string_view line) const {
    for (const std::string& part : parts_) {
      if (line.find(part) == std::string_view::npos) return {};
    }
    auto row = parse_json(line);
    if (!row || !row->is_object()) return {};
    // The text might have stood in another member.
    bool same = matches(*row, "account", query_.account_id) &&
                (!query_.namespace_id || json_string(*row, "namespace") == *query_.namespace_id) &&
                matches(*row, "script", query_.script) &&
                matches(*row, "verdict", query_.verdict) && matches(*row, "event", query_.event);
    if (!same || !in_time(*row)) return {};
    if (host_ && !host_->matches(canonical_host(json_string(*row, "host")))) return {};
    return std::move(*row);
  }

 private:
  explicit Filter(const AuditQuery& query) : query_(query) {}

  void add(std::string_view member, const std::string& value) {
    if (!value.empty()) parts_.push_back(quoted(member, value));
  }
  static bool matches(const Json& row, const char* member, const std::string& value) {
    return value.empty() || json_string(row, member) == value;
  }
  bool in_time(const Json& row) const {
    const Json& time = json_member(row, "time");
    if (!time.is_number_integer()) return false;
    WallTime told(std::chrono::milliseconds(time.get<std::int64_t>()));
    return (!query_.since || told >= *query_.since) && (!query_.until || told < *query_.until);
  }

  const AuditQuery& query_;
  std::vector<std::string> parts_;
  std::optional<HostPattern> host_;
};

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

}  // namespace

AuditFiles::AuditFiles(Options options)
    : options_(std::move(options)),
      segment_bytes_(std::max(options_.max_bytes / kSegments, kLeastSegmentBytes)) {}

Result<std::unique_ptr<AuditFiles>> AuditFiles::open(Options options) {
  std::unique_ptr<AuditFiles> files(new AuditFiles(std::move(options)));
  TRY_VOID(files->find_segments());
  TRY_VOID(files->begin_segment());
  files->writer_ = std::thread([raw = files.get()] { raw->run(); });
  return files;
}

AuditFiles::~AuditFiles() {
  readers_.join();
  if (!writer_.joinable()) return;
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  writer_.join();
}

std::string AuditFiles::path_of(std::uint64_t number) const {
  char name[32];
  std::snprintf(name, sizeof name, "/%012llu", static_cast<unsigned long long>(number));
  return options_.folder + name + std::string(kSuffix);
}

Result<void> AuditFiles::find_segments() {
  std::error_code error;
  std::filesystem::create_directories(options_.folder, error);
  if (error) return fail(internal_error("making " + options_.folder + ": " + error.message()));
  for (const auto& entry : std::filesystem::directory_iterator(options_.folder, error)) {
    std::string name = entry.path().filename().string();
    if (!name.ends_with(kSuffix)) continue;
    auto number = number_of(std::string_view(name).substr(0, name.size() - kSuffix.size()));
    std::error_code unreadable;
    std::uint64_t bytes = entry.file_size(unreadable);
    if (number && !unreadable) segments_.push_back({*number, bytes});
  }
  if (error) return fail(internal_error("reading " + options_.folder + ": " + error.message()));
  std::ranges::sort(segments_, {}, &Segment::number);
  return {};
}

// A start begins a new segment: the last line of the one before may be incomplete.
Result<void> AuditFiles::begin_segment() {
  std::lock_guard lock(mutex_);
  std::uint64_t number = segments_.empty() ? 1 : segments_.back().number + 1;
  std::string path = path_of(number);
  UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (!file) return fail(errno_error("opening " + path, errno));
  file_ = std::move(file);
  segments_.push_back({number, 0});
  std::uint64_t total = 0;
  for (const Segment& segment : segments_) total += segment.bytes;
  while (segments_.size() > 1 && total + segment_bytes_ > options_.max_bytes) {
    ::unlink(path_of(segments_.front().number).c_str());
    total -= segments_.front().bytes;
    segments_.erase(segments_.begin());
  }
  return {};
}

void AuditFiles::append(std::string_view line) {
  {
    std::lock_guard lock(mutex_);
    if (queue_.size() + line.size() > kMaxQueuedBytes) {
      ++dropped_;
      return;
    }
    queue_.append(line).push_back('\n');
    appended_ += line.size() + 1;
  }
  changed_.notify_all();
}

void AuditFiles::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    std::string lines = std::exchange(queue_, {});
    std::uint64_t until = appended_;
    if (std::uint64_t dropped = std::exchange(dropped_, 0)) {
      Json row = {
          {"time", wall_now().time_since_epoch().count()}, {"event", "lost"}, {"count", dropped}};
      lines.append(dump_json(row)).push_back('\n');
    }
    lock.unlock();
    write(lines);
    lock.lock();
    written_ = until;
    changed_.notify_all();
  }
}

void AuditFiles::write(std::string_view lines) {
  while (!lines.empty()) {
    std::uint64_t room = 0;
    {
      std::lock_guard lock(mutex_);
      std::uint64_t used = segments_.back().bytes;
      room = used < segment_bytes_ ? segment_bytes_ - used : 0;
    }
    // Whole lines, and at least one in an empty segment.
    std::size_t end = lines.size();
    if (end > room) end = room == 0 ? 0 : lines.rfind('\n', room - 1) + 1;
    if (end == 0 && room == segment_bytes_) end = lines.find('\n') + 1;
    if (end == 0) {
      if (!begin_segment()) return;
      continue;
    }
    std::string_view part = lines.substr(0, end);
    lines.remove_prefix(end);
    while (!part.empty()) {
      ssize_t written = ::write(file_.get(), part.data(), part.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return;  // a full disk: these lines are lost
      part.remove_prefix(static_cast<std::size_t>(written));
      std::lock_guard lock(mutex_);
      segments_.back().bytes += static_cast<std::uint64_t>(written);
    }
  }
}

void AuditFiles::wait_until_written() {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, kWaitForWriter, [this, until = appended_] { return written_ >= until; });
}

std::vector<AuditFiles::Segment> AuditFiles::segments() {
  std::lock_guard lock(mutex_);
  return segments_;
}

Task<Result<AuditPage>> AuditFiles::read(AuditQuery query) {
  co_return co_await offload(readers_.get_executor(), [this, query = std::move(query)] {
    wait_until_written();
    return find(query);
  });
}

Result<AuditPage> AuditFiles::find(const AuditQuery& query) {
  Place place = TRY(parse_cursor(query.cursor));
  Filter filter = TRY(Filter::of(query));
  AuditPage page;
  std::uint64_t examined = 0;
  std::vector<Segment> all = segments();
  for (auto segment = all.rbegin(); segment != all.rend(); ++segment) {
    if (segment->number > place.segment) continue;
    std::string text = read_file(path_of(segment->number));
    std::size_t end = text.size();
    if (segment->number == place.segment) end = std::min<std::size_t>(end, place.offset);
    while (end > 0) {
      // `end` is behind a line's '\n', but for a line that a crash has cut short.
      std::size_t last = text.rfind('\n', end - 1);
      if (last == std::string::npos) break;
      std::size_t before = last == 0 ? std::string::npos : text.rfind('\n', last - 1);
      std::size_t begin = before == std::string::npos ? 0 : before + 1;
      if (auto row = filter.match(std::string_view(text).substr(begin, last - begin))) {
        page.rows.push_back(*std::move(row));
      }
      examined += end - begin;
      end = begin;
      bool more = begin > 0 || std::next(segment) != all.rend();
      if (more && (page.rows.size() >= query.limit || examined >= kMaxExaminedBytes)) {
        page.cursor = std::to_string(segment->number) + "." + std::to_string(begin);
        return page;
      }
    }
  }
  return page;
}

}  // namespace atoll::egress
