// A value as it travels in a call: bytes of the structured clone, and beside them, in order, the
// things that bytes cannot carry. Objects of our classes go as lists [tag, …] in which a number
// names one of those things.
import {ArrayPrototypePush, Error, ObjectGetPrototypeOf} from '../internal/primordials.js';
import {createDOMException} from '../internal/dom_exception.js';
import {channelOf, makeFetcher} from './channel.js';
import {Entry, isPlainFunction, kNoStub, looksLikeTarget, stubKindOf} from './entry.js';
import {readHostObject, writeHostObject} from './host_objects.js';
import {needsPlaceholders, Placeholder, withPlaceholders} from './placeholders.js';
import {PromiseState, PropertyState, stateOf, StubState} from './states.js';
import {isObject} from '../internal/webidl.js';
import {stubOf} from './client.js';

// As natives take them.
export const kEntry = 0;
export const kTellingEntry = 1;
export const kImported = 2;
export const kSinkToFill = 3;
export const kReceivedBody = 4;
export const kWriter = 5;
export const kService = 6;
export const kSocketGiven = 8;
const kLater = 7;  // not for natives

// As natives give them.
export const kCapability = 0;
export const kMessage = 1;
export const kSink = 2;
export const kChannel = 3;
export const kSocketReceived = 4;

export const kStubTag = 1;
export const kServiceTag = 2;

export function cannotClone(name) {
  return createDOMException(
      `Could not serialize object of type "${name}". This type does not support serialization.`,
      'DataCloneError');
}

function typeName(object) {
  const state = stateOf(object);
  if (state instanceof PromiseState) return 'RpcPromise';
  if (state instanceof PropertyState) return 'RpcProperty';
  if (ObjectGetPrototypeOf(object) === null) return 'Object';
  return natives.constructorName(object) || 'Object';
}

const always = () => true;
const makeError = (message) => createDOMException(message, 'DataCloneError');

export class MessageWriter {
  #duplicates;  // whether the sender keeps the stubs in the message
  #flat = [];   // kinds and values for natives
  #begins = [];     // what is to start once the message is on its way
  #handedOver = [];  // stubs that belong to the receiver from now on

  constructor(duplicates) { this.#duplicates = duplicates; }

  // The bytes of `value`.
  write(value) {
    const hooks = [always, (object) => this.#writeObject(object), undefined, makeError];
    if (!needsPlaceholders(value)) {
      try {
        const bytes = natives.serialize(value, hooks);
        return bytes;
      } catch (error) {
        const replaced = withPlaceholders(value);
        if (replaced === undefined) throw error;
        this.#reset();
        return natives.serialize(replaced, hooks);
      }
    }
    return natives.serialize(withPlaceholders(value), hooks);
  }

  holdsServicesOnly() {
    for (let i = 0; i < this.#flat.length; i += 2) {
      if (this.#flat[i] !== kService) return false;
    }
    return true;
  }

  // Only now, with the bytes written, are streams locked, targets duplicated and so on.
  externals() {
    const flat = this.#flat;
    if (flat.length === 0) return undefined;
    for (let i = 0; i < flat.length; i += 2) {
      if (flat[i] !== kLater) continue;
      const pair = flat[i + 1]();
      flat[i] = pair[0];
      flat[i + 1] = pair[1];
    }
    return flat;
  }

  // The message is out: streams may flow.
  begin() {
    for (let i = 0; i < this.#begins.length; i++) this.#begins[i]();
  }

  // The states of the stubs that are the receiver's from now on.
  handedOver() { return this.#handedOver; }

  disposeHandedOver() {
    for (let i = 0; i < this.#handedOver.length; i++) this.#handedOver[i].dispose();
  }

  #reset() {
    this.#flat = [];
    this.#begins = [];
    this.#handedOver = [];
  }

  // Returns the place of a thing among those that travel beside the bytes.
  add(kind, value) {
    ArrayPrototypePush(this.#flat, kind, value);
    return this.#flat.length / 2 - 1;
  }

  // The same for what `prepare` returns, [kind, value], when all else has been written.
  addLater(prepare) { return this.add(kLater, prepare); }

  // `action` runs when the message is on its way.
  whenSent(action) { ArrayPrototypePush(this.#begins, action); }

  #writeObject(object) {
    if (object instanceof Placeholder) return this.#writeCallable(object.target);
    const channel = channelOf(object);
    if (channel !== undefined) return [kServiceTag, this.add(kService, channel)];
    if (looksLikeTarget(object)) return this.#writeEntry(object, stubKindOf(object));
    const written = writeHostObject(object, this);
    if (written === undefined) throw cannotClone(typeName(object));
    return written;
  }

  // A function or a proxy, which a stub is too.
  #writeCallable(target) {
    const state = stateOf(target);
    if (state instanceof StubState) {
      if (state.isDisposed) throw new Error('RPC stub used after being disposed.');
      const place = this.add(kImported, state.number);
      if (!this.#duplicates) ArrayPrototypePush(this.#handedOver, state);
      return [kStubTag, place];
    }
    if (state !== undefined) throw cannotClone(typeName(target));
    const channel = channelOf(target);
    if (channel !== undefined) return [kServiceTag, this.add(kService, channel)];
    const kind = stubKindOf(target);
    if (kind === kNoStub) {
      throw makeError(
          'Proxy could not be serialized because it is not a valid RPC receiver type. The Proxy must emulate either a ' +
          "plain object or an RpcTarget, as indicated by the Proxy's prototype chain.");
    }
    return this.#writeEntry(target, kind);
  }

  #writeEntry(target, kind) {
    const place = this.addLater(() => {
      const entry = new Entry(this.#duplicates ? duplicateOf(target, kind) : target, kind);
      return [entry.wantsRelease() ? kTellingEntry : kEntry, entry];
    });
    return [kStubTag, place];
  }
}

// A target that can duplicate itself stays with its owner; the message gets the duplicate.
function duplicateOf(target, kind) {
  const {dup} = target;
  if (typeof dup !== 'function') return target;
  const duplicate = target.dup();
  if (isObject(duplicate) && stubKindOf(duplicate) === kind &&
      (typeof target !== 'function' || isPlainFunction(duplicate))) {
    return duplicate;
  }
  throw makeError(
      "Couldn't create a stub for the RcpTarget because it has a dup() method which did not return another " +
      'RpcTarget. Either remove the dup() method or make sure it returns an RpcTarget.');
}

// One message being read.
export class MessageReader {
  stubs = [];  // states of the stubs in it
  #externals;

  constructor(externals) { this.#externals = externals; }

  // The number of the thing at that place, which must be of that kind.
  take(place, kind) {
    const externals = this.#externals;
    if (externals === undefined || typeof place !== 'number' || !(place * 2 < externals.length) ||
        externals[place * 2] !== kind) {
      throw makeError('The message refers to something that is not in it.');
    }
    return externals[place * 2 + 1];
  }

  readObject(plain) {
    if (plain[0] === kStubTag) {
      const stub = stubOf(this.take(plain[1], kCapability));
      ArrayPrototypePush(this.stubs, stateOf(stub));
      return stub;
    }
    if (plain[0] === kServiceTag) return makeFetcher(this.take(plain[1], kChannel));
    return readHostObject(plain, this);
  }
}

// {value, stubs} of a message as natives give it.
export function readMessage(bytes, externals) {
  const reader = new MessageReader(externals);
  const hooks = [always, undefined, (plain) => reader.readObject(plain), makeError];
  const value = natives.deserialize(bytes, hooks);
  return {value, stubs: reader.stubs};
}

// {bytes, externals} of a value that may hold services, but nothing that belongs to one invocation.
export function writeServicesMessage(value) {
  const writer = new MessageWriter(true);
  const bytes = writer.write(value);
  if (!writer.holdsServicesOnly()) {
    throw makeError('Only plain values and services can be cloned here.');
  }
  return {__proto__: null, bytes, externals: writer.externals()};
}
