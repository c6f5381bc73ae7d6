// What the callable objects of client.js stand for.

export let stateOf, mark;
{
  class Same {
    constructor(object) { return object; }
  }

  class Marked extends Same {
    #state;

    constructor(object, state) {
      super(object);
      this.#state = state;
    }

    static {
      // What a stub, promise or property stands for; undefined for every other value.
      stateOf = (value) =>
          (typeof value === 'function' && #state in value ? value.#state : undefined);

      mark = (object, state) => { new Marked(object, state); };
    }
  }
}

export class StubState {
  constructor(number) {
    this.number = number;  // of the import
    this.isDisposed = false;
  }

  dispose() {
    if (this.isDisposed) return;
    this.isDisposed = true;
    natives.rpcDispose(this.number);
  }
}

export class PropertyState {
  constructor(parent, name, depth) {
    this.parent = parent;  // a stub, a promise, a property or a Fetcher
    this.name = name;
    this.depth = depth;
  }
}

export class PromiseState {
  promise = undefined;  // the real one
  pipeline = 0;         // the import for calls on the result
  owner = 0;            // the invocation that called
  error = undefined;    // {reason} of a call that could not be sent
  isResolved = false;
  isDisposed = false;
  value = undefined;
}
