// The rules that keep tenants apart and requests whole.
function check(condition, message) {
  if (!condition) throw new Error(message);
}

async function rejects(promise, pattern) {
  try {
    await promise;
  } catch (error) {
    check(pattern.test(error.message), `rejected with: ${error.message}`);
    return;
  }
  throw new Error('it succeeded');
}

function throws(run, name, pattern) {
  try {
    run();
  } catch (error) {
    check(error.name === name, `threw a ${error.name}: ${error.message}`);
    check(pattern.test(error.message), `threw: ${error.message}`);
    return;
  }
  throw new Error('it succeeded');
}

const startUpSum = (() => {
  try {
    return new Function('return 40 + 2')();
  } catch (error) {
    return error.message;
  }
})();

let kept;
let waiting;

export default {
  async fetch(request, env) {
    switch (new URL(request.url).pathname) {
      case '/keep-request':
        kept = request;
        return new Response('kept');
      case '/hang':
        return new Promise(() => {});
      case '/wait-for-another':
        return waiting;
    }
    return new Response('other');
  },
};

export const code_from_strings_is_for_start_up_only = {
  test() {
    check(startUpSum === 42, `at start-up: ${startUpSum}`);
    throws(() => new Function('return 1'), 'EvalError', /[Cc]ode generation from strings/);
    throws(() => eval('1 + 1'), 'EvalError', /[Cc]ode generation from strings/);
    throws(() => Reflect.construct(async function () {}.constructor, ['return 1']), 'EvalError', /[Cc]ode generation from strings/);
  },
};

export const webassembly_from_bytes_is_refused = {
  async test() {
    const bytes = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
    throws(() => new WebAssembly.Module(bytes), 'CompileError', /disallowed/);
    await rejects(WebAssembly.compile(bytes), /disallowed/);
    await rejects(WebAssembly.instantiate(bytes), /disallowed/);
  },
};

export const waiting_on_shared_memory_is_refused = {
  test() {
    throws(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1), 'TypeError', /Atomics\.wait/);
  },
};

export const a_request_kept_for_later_cannot_be_read_by_another_request = {
  async test(ctrl, env) {
    const stream = new ReadableStream({
      pull(controller) {
        controller.enqueue(new Uint8Array(1024));
      },
    });
    await env.SELF.fetch('https://self.example/keep-request', { method: 'POST', body: stream });
    await rejects(kept.text(), /different request|canceled|disconnected|aborted/i);
  },
};

export const a_handler_that_waits_for_nothing_is_cancelled = {
  async test(ctrl, env) {
    await rejects(env.SELF.fetch('https://self.example/hang'), /hung|never generate a response/i);
  },
};

export const the_isolate_survives_all_of_this = {
  async test(ctrl, env) {
    check(await (await env.SELF.fetch('https://self.example/')).text() === 'other', 'no answer');
  },
};
