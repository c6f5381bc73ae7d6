// WebAssembly that was uploaded: loops that call nothing, memories and tables that grow, deep recursion, modules that are work to compile.
const bytes = (...parts) => parts.flat(Infinity);
const number = (value) => {
  const out = [];
  do {
    out.push((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
    value = Math.floor(value / 128);
  } while (value);
  return out;
};
const section = (id, ...content) => bytes(id, number(bytes(...content).length), content);
const text = (value) => bytes(number(value.length), [...value].map((char) => char.charCodeAt(0)));

// A module whose function "f" (no parameters, no result) is `code`; with a memory of one page and a table of externref where asked.
function module(code, { memory = false, table = false, more = 0 } = {}) {
  const body = bytes(0, code, 0x0b);
  const bodies = Array.from({ length: 1 + more }, () => [number(body.length), body]);
  return new Uint8Array(bytes(
    0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
    section(1, 1, 0x60, 0, 0),
    section(3, number(1 + more), Array(1 + more).fill(0)),
    table ? section(4, 1, 0x6f, 0, 1) : [],
    memory ? section(5, 1, 0, 1) : [],
    section(7, 1, text('f'), 0, 0),
    section(10, number(1 + more), bodies),
  ));
}

const loop = (...code) => [0x03, 0x40, code, 0x0c, 0, 0x0b];
const i32 = (value) => [0x41, value < 64 ? value : [...number(value).slice(0, -1), number(value).at(-1) | 0x80, 0]];
const drop = 0x1a;

const wasm = (name, content, expect, run = 'new WebAssembly.Instance(bomb).exports.f();') => ({
  name, expect, module: {
    'worker.js': `import bomb from './bomb.wasm';\nexport default { async fetch(request, env, ctx) {\n${run}\nreturn new Response('x'); } };`,
    'bomb.wasm': content,
  },
});
const again = 'while (true) new WebAssembly.Instance(bomb).exports.f();';
const full = ['memory', 'cpu', 'exception', 'host', 'held', 'broken'];

export default [
  wasm('endless loop', module(loop()), ['cpu']),
  wasm('endless loop in finally', module(loop()), ['cpu'], 'try { new WebAssembly.Instance(bomb).exports.f(); } finally { new WebAssembly.Instance(bomb).exports.f(); }'),
  wasm('endless loop again and again', module(loop()), ['cpu'], 'while (true) { try { new WebAssembly.Instance(bomb).exports.f(); } catch {} }'),
  wasm('endless recursion', module([0x10, 0]), ['exception']),
  wasm('endless recursion, caught', module([0x10, 0]), ['cpu', 'exception'], 'while (true) { try { new WebAssembly.Instance(bomb).exports.f(); } catch {} }'),
  wasm('memory that grows', module(loop(i32(16), 0x40, 0, drop), { memory: true }), [...full, 'ok']),
  wasm('memory that grows and is written', module(loop(i32(1), 0x40, 0, drop, i32(0), i32(1), 0x3f, 0, i32(16), 0x74, 0xfc, 0x0b, 0), { memory: true }), full),
  wasm('memory filled without end', module(loop(i32(0), i32(1), 0x3f, 0, i32(16), 0x74, 0xfc, 0x0b, 0), { memory: true }), ['cpu']),
  wasm('memory copied without end', module(loop(i32(0), i32(1), i32(60_000), 0xfc, 0x0a, 0, 0), { memory: true }), ['cpu']),
  wasm('a table that grows', module(loop(0xd0, 0x6f, i32(60_000), 0xfc, 0x0f, 0, drop), { table: true }), [...full, 'ok']),
  wasm('a trap without end', module(0x00), ['cpu'], 'while (true) { try { new WebAssembly.Instance(bomb).exports.f(); } catch {} }'),
  wasm('instances without end', module([], { memory: true }), full, again),
  wasm('instances kept', module([], { memory: true }), full, 'const kept = []; while (true) kept.push(new WebAssembly.Instance(bomb));'),
  wasm('async instances without end', module([], { memory: true }), full, 'const kept = []; while (true) kept.push(WebAssembly.instantiate(bomb));'),
  wasm('many functions', module([], { more: 100_000 }), ['ok', 'refused', 'memory', 'cpu']),
  wasm('many large functions', module(Array(2000).fill([i32(1), drop]), { more: 1000 }), ['ok', 'refused', 'memory', 'cpu']),
  wasm('deep blocks', module([Array(20_000).fill([0x02, 0x40]), Array(20_000).fill(0x0b)]), ['ok', 'refused', 'exception', 'memory', 'cpu']),
  wasm('broken bytes', new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 255, 255]), ['refused']),
  wasm('an import that loops', new Uint8Array(bytes(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, section(1, 1, 0x60, 0, 0), section(2, 1, text('e'), text('g'), 0, 0),
    section(3, 1, 0), section(7, 1, text('f'), 0, 1), section(10, 1, 5, 0, 0x10, 0, 0x01, 0x0b))), ['cpu'], 'new WebAssembly.Instance(bomb, { e: { g() { while (true) {} } } }).exports.f();'),
  wasm('compiled from bytes', module(loop()), ['exception'], 'await WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));'),
  wasm('validated without end', module(loop()), ['cpu', 'exception'], 'const bytes = new Uint8Array(2 ** 22); bytes.set([0, 97, 115, 109, 1, 0, 0, 0]); while (true) WebAssembly.validate(bytes);'),
];
