// Streams go on working, and call nobody, when a program has changed the built-in prototypes.
import { bytes, equal, ok } from './check.js';

function withPatches(patches, action) {
  const saved = patches.map(
      ([object, key]) => [object, key, Object.getOwnPropertyDescriptor(object, key)]);
  for (const [object, key, descriptor] of patches) {
    Object.defineProperty(object, key, { __proto__: null, configurable: true, ...descriptor });
  }
  try {
    return action();
  } finally {
    for (const [object, key, descriptor] of saved) {
      if (descriptor === undefined) delete object[key];
      else Object.defineProperty(object, key, descriptor);
    }
  }
}

const kNames = [
  'next', 'head', 'tail', 'size', 'stream', 'reader', 'mode', 'status', 'source', 'queue',
  'highWaterMark', 'controller', 'start', 'pull', 'cancel', 'write', 'close', 'abort', 'type',
  'signal',
];

export const accessors_on_object_prototype_are_not_met = {
  test() {
    let met = '';
    const traps = kNames.map((key) => [Object.prototype, key, {
      get() { met += ` get ${key}`; return undefined; },
      set() { met += ` set ${key}`; },
    }]);
    const streams = withPatches(traps, () => {
      const readable = new ReadableStream();
      const writable = new WritableStream();
      const transform = new TransformStream();
      const reader = readable.getReader();
      reader.read().catch(() => {});
      reader.releaseLock();
      readable.pipeTo(writable).catch(() => {});
      return [transform.readable.tee().length, new IdentityTransformStream().readable.locked];
    });
    equal([met, streams], ['', [2, false]]);
  },
};

export const indexed_setters_of_arrays_are_not_met = {
  async test() {
    let met = false;
    const trap = { get() { met = true; }, set() { met = true; } };
    const traps = [0, 1, 2].map((key) => [Array.prototype, key, trap]);
    const stream = withPatches(traps, () => new ReadableStream({
      start(controller) {
        controller.enqueue('a');
        controller.enqueue('b');
        controller.close();
      },
    }));
    const reader = stream.getReader();
    equal([(await reader.read()).value, (await reader.read()).value, met], ['a', 'b', false]);
  },
};

export const methods_of_the_classes_are_not_called = {
  async test() {
    let called = '';
    const trap = (object, key) => [object, key, { value() { called += ` ${key}`; } }];
    const seen = [];
    const source = new ReadableStream({
      start(controller) {
        controller.enqueue('a');
        controller.close();
      },
    });
    const sink = new WritableStream({ write(chunk) { seen.push(chunk); } });
    await withPatches([
      trap(ReadableStream.prototype, 'getReader'), trap(ReadableStream.prototype, 'cancel'),
      trap(ReadableStreamDefaultReader.prototype, 'read'),
      trap(ReadableStreamDefaultReader.prototype, 'releaseLock'),
      trap(WritableStream.prototype, 'getWriter'),
      trap(WritableStreamDefaultWriter.prototype, 'write'),
      trap(WritableStreamDefaultWriter.prototype, 'close'),
    ], () => source.pipeTo(sink));
    equal([called, seen], ['', ['a']]);
  },
};

export const methods_of_typed_arrays_are_not_called = {
  async test() {
    let called = false;
    const { prototype } = Object.getPrototypeOf(Uint8Array);
    const trap = { value() { called = true; } };
    const traps = ['set', 'slice', 'subarray'].map((key) => [prototype, key, trap]);
    traps.push([prototype, 'byteLength', { get() { called = true; return 1000; } }]);
    const stream = new ReadableStream({
      type: 'bytes',
      start(controller) { controller.enqueue(bytes(1, 2, 3)); },
    });
    const reader = stream.getReader({ mode: 'byob' });
    const view = new Uint8Array(2);
    const read = withPatches(traps, () => reader.read(view));
    equal([(await read).value, called], [bytes(1, 2), false]);
  },
};

export const members_look_as_web_idl_says = {
  test() {
    for (const [name, members] of [
      ['ReadableStream',
       ['locked', 'cancel', 'getReader', 'pipeThrough', 'pipeTo', 'tee', 'values']],
      ['WritableStream', ['locked', 'abort', 'close', 'getWriter']],
      ['TransformStream', ['readable', 'writable']],
    ]) {
      const Class = globalThis[name];
      equal(Object.keys(globalThis).includes(name), false);
      equal(Class.name, name);
      for (const member of members) {
        const { enumerable } = Object.getOwnPropertyDescriptor(Class.prototype, member);
        ok(enumerable, `${name}.${member} is enumerable`);
      }
      equal(Object.prototype.toString.call(new Class()), `[object ${name}]`);
    }
  },
};
