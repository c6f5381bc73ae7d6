// WebSocketPair: two ends within one request, and across a service binding.
import { equal, rejects, throws } from '../check.js';

// The next event of that type, as plain values.
function next(socket, type) {
  return new Promise((resolve) => socket.addEventListener(type, resolve, { once: true }));
}

function open() {
  const [left, right] = Object.values(new WebSocketPair());
  left.accept();
  right.accept();
  return [left, right];
}

const pairOverService = {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    const [client, server] = Object.values(new WebSocketPair());
    if (pathname === '/echo') {
      server.accept();
      server.binaryType = 'arraybuffer';
      server.addEventListener('message', ({ data }) => server.send(data));
      server.addEventListener('close', ({ code, reason }) => server.close(code, reason));
    } else if (pathname === '/upper') {
      server.accept();
      server.addEventListener('message', ({ data }) => server.send(data.toUpperCase()));
    }
    return new Response(null, { status: 101, webSocket: client, headers: { 'x-from': 'callee' } });
  },
};

export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    if (url.pathname.startsWith('/through')) {
      return env.SELF.fetch(`https://self.example${url.pathname.slice('/through'.length)}`, request);
    }
    return pairOverService.fetch(request);
  },
};

const kUpgrade = { headers: { upgrade: 'websocket' } };

async function connect(env, path) {
  const response = await env.SELF.fetch(`https://self.example${path}`, kUpgrade);
  equal(response.status, 101);
  response.webSocket.accept();
  return response.webSocket;
}

export const messagesGoBothWaysInOrder = {
  async test() {
    const [left, right] = open();
    const seen = [];
    right.addEventListener('message', ({ data }) => seen.push(data));
    const answer = next(left, 'message');
    left.send('one');
    left.send('two ✓');
    left.send('');
    await scheduler.wait(1);
    right.send('back');
    const event = await answer;
    equal(seen, ['one', 'two ✓', '']);
    equal([event.type, event.data, event instanceof MessageEvent, event.target === left],
        ['message', 'back', true, true]);
  },
};

export const messagesSentBeforeTheOtherEndAcceptsWait = {
  async test() {
    const [left, right] = Object.values(new WebSocketPair());
    left.accept();
    left.send('early');
    await scheduler.wait(1);
    right.accept();
    equal((await next(right, 'message')).data, 'early');
  },
};

export const binaryMessagesAreBlobsOrArrayBuffers = {
  async test() {
    const [left, right] = open();
    equal([left.binaryType, right.binaryType], ['blob', 'blob']);
    let arrived = next(right, 'message');
    left.send(new Uint8Array([1, 2, 3]).subarray(1));
    let { data } = await arrived;
    equal([data instanceof Blob, data.size, [...new Uint8Array(await data.arrayBuffer())]], [true, 2, [2, 3]]);

    right.binaryType = 'arraybuffer';
    right.binaryType = 'nonsense';
    equal(right.binaryType, 'arraybuffer');
    arrived = next(right, 'message');
    left.send(new Uint8Array([7]).buffer);
    ({ data } = await arrived);
    equal([data instanceof ArrayBuffer, [...new Uint8Array(data)]], [true, [7]]);
  },
};

export const whatIsSentIsACopy = {
  async test() {
    const [left, right] = open();
    right.binaryType = 'arraybuffer';
    const bytes = new Uint8Array([1, 2]);
    const arrived = next(right, 'message');
    left.send(bytes);
    bytes[0] = 9;
    equal([...new Uint8Array((await arrived).data)], [1, 2]);
  },
};

export const closingIsAnsweredByItself = {
  async test() {
    const [left, right] = open();
    const closed = [next(left, 'close'), next(right, 'close')];
    left.close(4001, 'enough');
    equal(left.readyState, WebSocket.CLOSING);
    const [atLeft, atRight] = await Promise.all(closed);
    equal([atRight.code, atRight.reason, atRight.wasClean, right.readyState], [4001, 'enough', true, 3]);
    equal([atLeft.code, atLeft.reason, atLeft.wasClean, left.readyState], [4001, 'enough', true, 3]);
    left.close();
    right.close(1000, 'again');
  },
};

export const aHalfOpenEndMayGoOnSending = {
  async test() {
    const [left, right] = Object.values(new WebSocketPair());
    left.accept();
    right.accept({ allowHalfOpen: true });
    const seen = [];
    left.addEventListener('message', ({ data }) => seen.push(data));
    const closed = next(left, 'close');
    const heard = next(right, 'close');
    left.close(1000, 'done');
    await heard;
    equal(right.readyState, WebSocket.CLOSING);
    right.send('one more');
    right.close(1000, 'me too');
    equal((await closed).reason, 'me too');
    equal(seen, ['one more']);
  },
};

export const aCloseWithoutCodeHas1005 = {
  async test() {
    const [left, right] = open();
    const closed = next(right, 'close');
    left.close();
    const { code, reason, wasClean } = await closed;
    equal([code, reason, wasClean], [1005, '', true]);
  },
};

export const wrongCodesAndReasonsAreRefused = {
  test() {
    const [left] = open();
    for (const code of [0, 999, 1004, 1005, 1006, 1015, 5000]) {
      throws(() => left.close(code), 'InvalidAccessError', 'Invalid WebSocket close code');
    }
    throws(() => left.close(1000, 'x'.repeat(124)), 'SyntaxError', '123 bytes');
    throws(() => left.close(1000, 'é'.repeat(62)), 'SyntaxError', '123 bytes');
    throws(() => left.close(undefined, 'why'), 'InvalidAccessError', 'also specify a code');
    left.close(1001, 'x'.repeat(123));
  },
};

export const sendingNeedsAnAcceptedOpenEnd = {
  test() {
    const [left] = Object.values(new WebSocketPair());
    throws(() => left.send('x'), 'TypeError', 'You must call one of accept()');
    throws(() => left.close(1000), 'TypeError', 'You must call one of accept()');
    left.accept();
    left.accept();
    left.close(1000);
    throws(() => left.send('x'), 'TypeError', "Can't call WebSocket send() after close().");
  },
};

export const theInterfaceLooksAsTheReferenceHasIt = {
  test() {
    const pair = new WebSocketPair();
    equal(Object.keys(pair), ['0', '1']);
    const [left, right] = pair;
    equal([left === pair[0], right === pair[1]], [true, true]);
    equal([left.url, left.protocol, left.extensions, left.readyState], [null, '', '', 1]);
    equal([left instanceof WebSocket, left instanceof EventTarget], [true, true]);
    equal([WebSocket.CONNECTING, WebSocket.OPEN, WebSocket.CLOSING, WebSocket.CLOSED], [0, 1, 2, 3]);
    equal([WebSocket.READY_STATE_OPEN, left.READY_STATE_CLOSED, left.OPEN], [1, 3, 1]);
  },
};

export const attachmentsAreCopies = {
  test() {
    const [left] = Object.values(new WebSocketPair());
    equal(left.deserializeAttachment(), null);
    const value = { list: [1, { when: new Date(5) }] };
    left.serializeAttachment(value);
    value.list.push(2);
    const copy = left.deserializeAttachment();
    equal([copy.list.length, copy.list[1].when.getTime()], [2, 5]);
    throws(() => left.serializeAttachment('x'.repeat(16385)), 'Error', 'cannot be larger than 16384 bytes');
    throws(() => left.serializeAttachment(() => 1), 'DataCloneError');
    equal(left.deserializeAttachment().list.length, 2);
  },
};

export const responsesKnowTheirWebSocket = {
  test() {
    const [left] = Object.values(new WebSocketPair());
    throws(() => new Response(null, { status: 200, webSocket: left }), 'RangeError', '101');
    throws(() => new Response(null, { webSocket: left }), 'RangeError', '101');
    throws(() => new Response(null, { status: 101 }), 'RangeError', '200 to 599');
    throws(() => new Response('body', { status: 101, webSocket: left }), 'TypeError', 'null body status');
    throws(() => new Response(null, { status: 101, webSocket: {} }), 'TypeError', 'WebSocket');
    const response = new Response(null, { status: 101, webSocket: left });
    equal([response.webSocket === left, response.status, response.body], [true, 101, null]);
    throws(() => response.clone(), 'TypeError', 'Cannot clone');
    equal(new Response(null, response).webSocket === left, true);
    equal([new Response('').webSocket, new Response('', { webSocket: null }).webSocket], [null, null]);
  },
};

export const anEchoBehindAServiceBinding = {
  async test(ctrl, env) {
    const socket = await connect(env, '/echo');
    socket.binaryType = 'arraybuffer';
    for (const text of ['hello', 'ünï', 'x'.repeat(100_000)]) {
      const arrived = next(socket, 'message');
      socket.send(text);
      equal((await arrived).data, text);
    }
    const arrived = next(socket, 'message');
    socket.send(new Uint8Array([0, 255]));
    equal([...new Uint8Array((await arrived).data)], [0, 255]);
    const closed = next(socket, 'close');
    socket.close(3000, 'bye');
    const { code, reason, wasClean } = await closed;
    equal([code, reason, wasClean, socket.readyState], [3000, 'bye', true, 3]);
  },
};

export const aProxyPassesTheSocketThrough = {
  async test(ctrl, env) {
    const socket = await connect(env, '/through/through/upper');
    const arrived = next(socket, 'message');
    socket.send('loud');
    equal((await arrived).data, 'LOUD');
    socket.close(1000);
  },
};

export const headersOfTheAnswerArrive = {
  async test(ctrl, env) {
    const response = await env.SELF.fetch('https://self.example/echo', kUpgrade);
    equal([response.headers.get('x-from'), response.body, response.ok], ['callee', null, false]);
    response.webSocket.accept();
    response.webSocket.close(1000);
  },
};

export const withoutUpgradeThereIsNoWebSocket = {
  async test(ctrl, env) {
    await rejects(env.SELF.fetch('https://self.example/echo'), 'TypeError', 'Upgrade: websocket');
  },
};

export const manyMessagesArriveInOrder = {
  async test(ctrl, env) {
    const socket = await connect(env, '/echo');
    let count = 0;
    const done = new Promise((resolve, reject) => {
      socket.addEventListener('message', ({ data }) => {
        if (data !== String(count)) reject(new Error(`expected ${count}, got ${data}`));
        if (++count === 500) resolve();
      });
    });
    for (let i = 0; i < 500; i++) socket.send(String(i));
    await done;
    socket.close(1000);
  },
};

export const handlersMayBeAttributes = {
  async test() {
    const [left, right] = open();
    const arrived = new Promise((resolve) => { right.onmessage = resolve; });
    left.send('x');
    equal((await arrived).data, 'x');
  },
};
