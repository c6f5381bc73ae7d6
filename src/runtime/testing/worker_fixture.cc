#include "runtime/testing/worker_fixture.h"

#include <sys/mman.h>

#include "base/check.h"

namespace atoll::runtime {
namespace {

std::string g_snapshot_path;
std::vector<js::NativeTable> g_natives;

void read_rest(const std::shared_ptr<Call>& call) {
  call->source->read([call](Result<std::string> chunk) {
    if (!chunk) {
      call->body_error = std::move(chunk.error());
    } else if (!chunk->empty()) {
      call->body += *chunk;
      return read_rest(call);
    }
    call->body_done = true;
  });
}

class Receiver final : public ResponseReceiver {
 public:
  explicit Receiver(std::shared_ptr<Call> call) : call_(std::move(call)) {}

  ~Receiver() override {
    if (call_->answered) return;
    call_->answered = call_->body_done = true;
    call_->failure =
        Failure{Outcome::InternalError, "Error", "The receiver was dropped.", "", false};
  }

  void on_response(HttpResponse response) override {
    CHECK(!call_->answered);
    call_->answered = true;
    call_->status = response.status;
    call_->status_text = std::move(response.status_text);
    call_->headers = std::move(response.headers);
    call_->web_socket = std::move(response.web_socket);
    if (auto* bytes = std::get_if<std::string>(&response.body)) call_->body = std::move(*bytes);
    auto* source = std::get_if<std::unique_ptr<ByteSource>>(&response.body);
    if (source == nullptr) {
      call_->body_done = true;
      return;
    }
    call_->body_was_stream = true;
    call_->source = std::move(*source);
    if (call_->reads_body) read_rest(call_);
  }

  void on_failure(Failure failure) override {
    CHECK(!call_->answered);
    call_->answered = true;
    call_->failure = std::move(failure);
  }

  void on_started(std::weak_ptr<Worker> worker, std::int32_t invocation) override {
    call_->worker = std::move(worker);
    call_->invocation = invocation;
  }

 private:
  std::shared_ptr<Call> call_;
};

}  // namespace

void Call::leave() {
  source.reset();
  if (auto running = worker.lock()) running->cancel(invocation);
}

std::string encode_bundle(const std::vector<SourceModule>& modules) {
  std::vector<bundle::Module> list;
  for (const SourceModule& module : modules)
    list.push_back({module.name, module.kind, module.bytes});
  auto encoded = bundle::Bundle::encode(list);
  CHECK(encoded);
  return *std::move(encoded);
}

UniqueFd descriptor_of(std::string_view bytes) {
  UniqueFd file(::memfd_create("test", MFD_CLOEXEC));
  CHECK(file && ::write(file.get(), bytes.data(), bytes.size()) == std::ssize(bytes));
  return file;
}

std::shared_ptr<const Script> make_script(ScriptSource source) {
  auto script = std::make_shared<Script>();
  script->identity.script_name = std::move(source.name);
  script->code.mapping = *Mapping::of(descriptor_of(encode_bundle(source.modules)));
  script->code.bundle = *bundle::BundleView::parse(script->code.mapping->bytes());
  if (!source.code_cache.empty()) {
    script->code.code_cache = *Mapping::of(descriptor_of(source.code_cache));
  }
  script->version.version_id = "version-1";
  script->version.compatibility_date = std::move(source.compatibility_date);
  script->version.bindings = std::move(source.bindings);
  script->limits = source.limits;
  return script;
}

ScriptSource es_module(std::string_view code) {
  return {{{"worker.js", bundle::ModuleKind::EsModule, std::string(code)}}};
}

ScriptSource handler(std::string_view code) {
  return es_module("export default { async fetch(request, env, ctx) {\n" + std::string(code) +
                   "\n} };");
}

void WorkerFixture::use_snapshot(std::string path, std::vector<js::NativeTable> natives) {
  g_snapshot_path = std::move(path);
  g_natives = std::move(natives);
}

js::Engine& WorkerFixture::engine() {
  static std::unique_ptr<js::Engine> engine = [] {
    auto started = js::Engine::start(g_snapshot_path, g_natives);
    if (!started) std::fprintf(stderr, "%s\n", started.error().message().c_str());
    CHECK(started);
    return *std::move(started);
  }();
  return *engine;
}

WorkerFixture::WorkerFixture()
    : host_{engine(),    scheduler_, timers_,
            watchdog_,   kv_,        log_,
            directory_,  connector_, std::chrono::milliseconds(300),
            kMemoryBytes} {}

WorkerFixture::~WorkerFixture() {
  // Workers need their host.
  directory_.scripts.clear();
  directory_.user_workers.clear();
}

js::FreshIsolate WorkerFixture::new_isolate() {
  return engine().new_isolate({kMemoryBytes, kMemoryBytes});
}

std::shared_ptr<Worker> WorkerFixture::start(ScriptSource source) {
  auto worker = Worker::make(host_, make_script(std::move(source)), new_isolate());
  Result<void> started = worker->start();
  EXPECT_TRUE(started) << (started ? "" : started.error().message());
  return worker;
}

std::string WorkerFixture::start_error(ScriptSource source) {
  auto worker = Worker::make(host_, make_script(std::move(source)), new_isolate());
  Result<void> started = worker->start();
  EXPECT_FALSE(started) << "the script started";
  return started ? "" : started.error().message();
}

HttpRequest WorkerFixture::make_request(RequestSpec& spec) {
  HttpRequest request;
  request.method = spec.method;
  request.url = "http://worker.test" + spec.path;
  for (auto& [name, value] : spec.headers) CHECK(request.headers.append(name, value));
  request.body = std::move(spec.body);
  return request;
}

std::unique_ptr<ResponseReceiver> WorkerFixture::receiver(std::shared_ptr<Call> call) {
  return std::make_unique<Receiver>(std::move(call));
}

std::shared_ptr<Call> WorkerFixture::send(const std::shared_ptr<Worker>& worker, RequestSpec spec) {
  auto call = std::make_shared<Call>();
  worker->fetch(make_request(spec), spec.entrypoint, std::move(spec.options), receiver(call));
  return call;
}

void WorkerFixture::run_until(const std::function<bool()>& condition) {
  auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  loop_.restart();
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) {
      ADD_FAILURE() << "nothing happened for ten seconds";
      return;
    }
    if (loop_.run_one_for(std::chrono::milliseconds(1)) == 0) loop_.restart();
  }
}

void WorkerFixture::run_for(std::chrono::milliseconds time) {
  auto deadline = std::chrono::steady_clock::now() + time;
  run_until([deadline] { return std::chrono::steady_clock::now() >= deadline; });
}

void WorkerFixture::wait(const std::shared_ptr<Call>& call) {
  run_until([&] { return call->done(); });
}

Call WorkerFixture::fetch(const std::shared_ptr<Worker>& worker, RequestSpec spec) {
  auto call = send(worker, std::move(spec));
  wait(call);
  return std::move(*call);
}

std::string WorkerFixture::text(const std::shared_ptr<Worker>& worker, RequestSpec spec) {
  Call call = fetch(worker, std::move(spec));
  return call.failure ? "failure: " + call.error() : call.body;
}

std::string WorkerFixture::text(ScriptSource source, RequestSpec spec) {
  return text(start(std::move(source)), std::move(spec));
}

RecordingLog::Invocation WorkerFixture::last_record(const std::shared_ptr<Worker>& worker) {
  run_until([&] { return worker->idle(); });
  EXPECT_FALSE(log_.invocations.empty());
  return log_.invocations.empty() ? RecordingLog::Invocation{} : log_.invocations.back();
}

border::Binding WorkerFixture::service(std::string name, std::shared_ptr<Worker> worker,
                                       std::string entrypoint) {
  std::uint64_t handle = directory_.scripts.size() + 100;
  directory_.scripts[handle] = std::move(worker);
  border::Binding binding;
  binding.name = std::move(name);
  binding.type = "service";
  binding.handle = handle;
  binding.entrypoint = std::move(entrypoint);
  return binding;
}

}  // namespace atoll::runtime
