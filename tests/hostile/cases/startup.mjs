// The global scope: refused at upload, or harmless.
const startup = (name, module, expect = ['refused']) => ({ name, module, expect });
const worker = 'export default { fetch() { return new Response("x"); } };';

export default [
  startup('endless loop', `while (true) {} ${worker}`),
  startup('endless microtasks', `const f = () => queueMicrotask(f); f(); ${worker}`),
  startup('endless await', `await new Promise(() => {}); ${worker}`),
  startup('memory', `const a = []; while (true) a.push(new Array(10000).fill(0)); ${worker}`),
  startup('native loop', `Array.prototype.includes.call({ length: 2 ** 53 - 1 }, 1); ${worker}`),
  startup('recursion', `const f = () => f() + 1; f(); ${worker}`),
  startup('throws a hostile object', `throw { toString() { while (true) {} }, get stack() { while (true) {} } }; ${worker}`),
  startup('deep syntax', `const a = ${'('.repeat(20000)}1${')'.repeat(20000)}; ${worker}`, ['refused', 'ok']),
  startup('many functions', `${'function f() {}'.repeat(50000)} ${worker}`, ['refused', 'ok']),
  startup('handler that is a getter', 'export default { get fetch() { while (true) {} } };'),
  startup('exports without end', `${Array.from({ length: 5000 }, (_, i) => `export const e${i} = 1;`).join('')} ${worker}`, ['refused', 'ok']),
  startup('timer in global scope', `setTimeout(() => {}, 0); ${worker}`),
  startup('fetch in global scope', `await fetch("http://127.0.0.1/"); ${worker}`),
];
