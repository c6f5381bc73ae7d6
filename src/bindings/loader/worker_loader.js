// The object behind a worker_loader binding: Workers made of code that the script has, or gets when
// it is asked.
import {
  ArrayPrototypePush, Error, JSONStringify, ObjectKeys, PromisePrototypeThen,
  PromiseResolve, ReflectApply, StringPrototypeEndsWith, TypedArrayPrototypeGetByteLength, TypeError,
} from '../../webapi/internal/primordials.js';
import {
  defineInterface, illegalConstructor, isBufferSource, isObject, kInternal, requireArguments,
  toCallback, toDictionary, toDOMString, toSequence,
} from '../../webapi/internal/webidl.js';
import {copyOfBytes} from '../../webapi/internal/bytes.js';
import {encodeUtf8} from '../../webapi/internal/utf8.js';
import {describeException} from '../../webapi/internal/report.js';
import {channelOf} from '../../webapi/rpc/channel.js';
import {writeServicesMessage} from '../../webapi/rpc/message.js';
import {propsToWire} from '../../webapi/structured_clone/props.js';
import {createFetcher} from '../service/fetcher.js';

const kMaxCodeBytes = 64 * 1024 * 1024;
const kMaxEnvBytes = 1024 * 1024;

// Of modules, as natives number them.
const kEsModule = 1;
const kCommonJs = 2;
const kText = 4;
const kData = 5;
const kJson = 6;
const kWasm = 7;

const kOutboundOfParent = 0;
const kNoOutbound = 1;
const kServiceOutbound = 2;

const kNoLimit = -1;

function toLimit(value) {
  if (value === undefined) return kNoLimit;
  const limit = +value;
  return limit >= 0 && limit <= 2 ** 31 - 1 ? limit - limit % 1 : kNoLimit;
}

class Limits {
  constructor(value) {
    const {cpuMs, subRequests} = toDictionary(value, 'limits');
    this.cpuMs = toLimit(cpuMs);
    this.subRequests = toLimit(subRequests);
  }
}

function badName(name) {
  return new TypeError(
      "Module name must end with '.js' or '.py' (or the content must be an object indicating the type explicitly). " +
      `Got: ${name}`);
}

function bytesOf(value, name) {
  if (!isBufferSource(value)) throw new TypeError(`The module ${name} is not made of bytes.`);
  return copyOfBytes(value);
}

const kMembers = ['js', 'cjs', 'text', 'data', 'json', 'py', 'wasm'];

// Kinds and contents of modules, in a flat list.
class Modules {
  constructor(modules, mainModule) {
    const names = ObjectKeys(modules);
    if (names.length === 0) {
      throw new TypeError('Dynamic Worker code must contain at least one module.');
    }
    this.flat = [];
    this.size = 0;
    let hasMain = false;
    // The main module comes first.
    for (let i = 0; i < names.length; i++) {
      if (names[i] !== mainModule) continue;
      hasMain = true;
      this.#add(names[i], modules[names[i]]);
    }
    if (!hasMain) throw new TypeError(`The main module "${mainModule}" is not among the modules.`);
    for (let i = 0; i < names.length; i++) {
      if (names[i] !== mainModule) this.#add(names[i], modules[names[i]]);
    }
    if (this.size > kMaxCodeBytes) {
      throw new Error(`Dynamic Worker code size (${this.size} bytes) exceeds the maximum allowed size of ${
          kMaxCodeBytes} bytes.`);
    }
  }

  #push(name, kind, content, size) {
    ArrayPrototypePush(this.flat, name, kind, content);
    this.size += size;
  }

  #pushText(name, kind, value) {
    const text = toDOMString(value);
    // The most it can be is looked at first, so that only what is near the limit is encoded.
    const size = text.length * 3 <= kMaxCodeBytes - this.size ?
        text.length :
        TypedArrayPrototypeGetByteLength(encodeUtf8(text));
    this.#push(name, kind, text, size);
  }

  #pushBytes(name, kind, value) {
    const bytes = bytesOf(value, name);
    this.#push(name, kind, bytes, TypedArrayPrototypeGetByteLength(bytes));
  }

  #add(name, content) {
    if (typeof content === 'string') {
      if (!StringPrototypeEndsWith(name, '.js')) throw badName(name);
      this.#pushText(name, kEsModule, content);
      return;
    }
    if (natives.isWasmModule(content)) {
      this.#push(name, kWasm, content, 0);
      return;
    }
    if (!isObject(content)) throw badName(name);
    const given = [];
    for (let i = 0; i < kMembers.length; i++) {
      const value = content[kMembers[i]];
      if (value !== undefined) ArrayPrototypePush(given, kMembers[i], value);
    }
    if (given.length !== 2) {
      throw new TypeError(
          "Each module must contain exactly one of 'js', 'cjs', 'text', 'data', 'json', 'py', or 'wasm'. " +
          `Module '${name}' contained ${given.length / 2} properties.`);
    }
    const value = given[1];
    switch (given[0]) {
      case 'js': this.#pushText(name, kEsModule, value); return;
      case 'cjs': this.#pushText(name, kCommonJs, value); return;
      case 'text': this.#pushText(name, kText, value); return;
      case 'json': this.#pushText(name, kJson, JSONStringify(value)); return;
      case 'data': this.#pushBytes(name, kData, value); return;
      case 'wasm':
        if (natives.isWasmModule(value)) this.#push(name, kWasm, value, 0);
        else this.#pushBytes(name, kWasm, value);
        return;
    }
    throw new TypeError(`The module "${name}" is written in a language that is not supported.`);
  }
}

function outboundOf(code) {
  const {globalOutbound} = code;
  if (globalOutbound === undefined) return [kOutboundOfParent, 0];
  if (globalOutbound === null) return [kNoOutbound, 0];
  const channel = channelOf(globalOutbound);
  if (channel === undefined) {
    throw new TypeError("Incorrect type for the 'globalOutbound' field on 'WorkerCode': the provided value is not of type 'Fetcher'.");
  }
  return [kServiceOutbound, channel];
}

// All that natives need, taken out of the script's hands: it may change what it has given.
class Plan {
  constructor(code) {
    if (!isObject(code)) throw new TypeError('The code of a dynamic Worker is not an object.');
    this.date = toDOMString(code.compatibilityDate ?? '');
    if (this.date === '') {
      throw new TypeError("The code of a dynamic Worker needs a 'compatibilityDate'.");
    }
    this.flags = code.compatibilityFlags === undefined ?
        [] :
        toSequence(code.compatibilityFlags, toDOMString, 'compatibilityFlags');
    this.limits = new Limits(code.limits);
    if (!isObject(code.modules)) {
      throw new TypeError("The code of a dynamic Worker needs 'modules'.");
    }
    this.modules = new Modules(code.modules, toDOMString(code.mainModule)).flat;
    this.env = undefined;
    if (code.env !== undefined) {
      if (!isObject(code.env)) throw new TypeError('The env of a dynamic Worker is not an object.');
      this.env = writeServicesMessage(code.env);
      const size = TypedArrayPrototypeGetByteLength(this.env.bytes);
      if (size > kMaxEnvBytes) {
        throw new Error(`Dynamic Worker env size (${size} bytes) exceeds the maximum allowed size of ${
            kMaxEnvBytes} bytes.`);
      }
    }
    this.outbound = outboundOf(code);
  }

  provide(number) {
    natives.loaderProvide(number, this.date, this.flags, this.modules, this.env?.bytes,
                          this.env?.externals, this.outbound[0], this.outbound[1],
                          this.limits.cpuMs, this.limits.subRequests);
  }
}

// Called when the dynamic Worker `number` is needed and does not run.
export function provideCode(number, getCode) {
  const failed = (reason) => {
    const {name, message} = describeException(reason);
    natives.loaderFail(number, name, message);
  };
  const got = (code) => {
    try {
      (code instanceof Plan ? code : new Plan(code)).provide(number);
    } catch (error) {
      failed(error);
    }
  };
  try {
    PromisePrototypeThen(PromiseResolve(ReflectApply(getCode, undefined, [])), got, failed);
  } catch (error) {
    failed(error);
  }
}

export class WorkerStub {
  #number;

  constructor(key, number) {
    if (key !== kInternal) illegalConstructor();
    this.#number = number;
  }

  // A Fetcher for an entrypoint of the Worker; the default one without a name.
  getEntrypoint(name = undefined, options = undefined) {
    const number = this.#number;
    let entrypoint = name === undefined || name === null ? undefined : toDOMString(name);
    if (entrypoint === 'default') entrypoint = undefined;
    const {limits, props} = toDictionary(options, 'WorkerStub.getEntrypoint: the second argument');
    if (props !== undefined && !isObject(props)) throw new TypeError('props is not an object.');
    const {cpuMs, subRequests} = new Limits(limits);
    const {bytes, externals} = propsToWire(props);
    return createFetcher(natives.loaderEntrypoint(
        number, entrypoint, bytes, externals, cpuMs, subRequests));
  }

  getDurableObjectClass() {
    throw new TypeError('Durable Objects of dynamic Workers are not supported.');
  }
}
defineInterface(WorkerStub, 'WorkerStub');

export class WorkerLoader {
  #isLoader = true;

  constructor(key) {
    if (key !== kInternal) illegalConstructor();
  }

  // The Worker known by that name, or one that only the returned stub knows. `getCode` is called
  // when the Worker is needed and does not run.
  get(name, getCode) {
    if (!(#isLoader in this)) throw new TypeError('Illegal invocation');
    requireArguments(arguments.length, 2, 'WorkerLoader.get');
    const id = name === null || name === undefined ? undefined : toDOMString(name);
    toCallback(getCode, 'WorkerLoader.get: the second argument');
    return new WorkerStub(kInternal, natives.loaderOpen(id, getCode));
  }

  load(code) {
    if (!(#isLoader in this)) throw new TypeError('Illegal invocation');
    requireArguments(arguments.length, 1, 'WorkerLoader.load');
    const plan = new Plan(code);
    return new WorkerStub(kInternal, natives.loaderOpen(undefined, () => plan));
  }
}
defineInterface(WorkerLoader, 'WorkerLoader');

export function createWorkerLoader() { return new WorkerLoader(kInternal); }
