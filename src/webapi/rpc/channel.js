// Which objects are ways to another Worker: each bears the number of a channel that natives know.

export let channelOf, markChannel;
{
  class Same {
    constructor(object) { return object; }
  }

  class Marked extends Same {
    #channel;

    constructor(object, channel) {
      super(object);
      this.#channel = channel;
    }

    static {
      // The channel of a Fetcher; undefined for every other value.
      channelOf = (value) =>
          ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
              #channel in value ?
          value.#channel :
          undefined;

      markChannel = (object, channel) => { new Marked(object, channel); };
    }
  }
}

let make;

// bindings/ has the class.
export function setFetcherMaker(maker) { make = maker; }

export function makeFetcher(channel) { return make(channel); }
