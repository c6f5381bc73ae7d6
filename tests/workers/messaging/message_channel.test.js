// MessageChannel and MessagePort within one Worker.
import { equal, throws } from '../check.js';

const next = (port, type = 'message') => new Promise((resolve) => port.addEventListener(type, resolve, { once: true }));

export const messagesAreCopiesAndArriveInAMicrotask = {
  async test() {
    const { port1, port2 } = new MessageChannel();
    const order = [];
    const arrived = new Promise((resolve) => {
      port2.onmessage = (event) => { order.push('message'); resolve(event); };
    });
    const value = { list: [1], when: new Date(5), map: new Map([[1, 2]]) };
    port1.postMessage(value);
    value.list.push(2);
    order.push('posted');
    const event = await arrived;
    equal(order, ['posted', 'message']);
    equal([event.data.list, event.data.when.getTime(), event.data.map.get(1)], [[1], 5, 2]);
    equal([event.isTrusted, event.lastEventId, event.ports.length, event.target === port2], [true, '', 0, true]);
  },
};

export const messagesWaitForAListener = {
  async test() {
    const { port1, port2 } = new MessageChannel();
    port1.postMessage('one');
    port1.postMessage('two');
    await scheduler.wait(1);
    const seen = [];
    port2.addEventListener('message', ({ data }) => seen.push(data));
    await scheduler.wait(1);
    port1.postMessage('three');
    await scheduler.wait(1);
    equal(seen, ['one', 'two', 'three']);
  },
};

export const closingClosesBoth = {
  async test() {
    const { port1, port2 } = new MessageChannel();
    const seen = [];
    port1.onclose = () => seen.push('close 1');
    port2.onclose = () => seen.push('close 2');
    port2.onmessage = () => seen.push('message');
    port1.close();
    port1.postMessage('x');
    port2.postMessage('x');
    port2.close();
    await scheduler.wait(1);
    equal(seen.sort(), ['close 1', 'close 2']);
  },
};

export const whatCannotBeClonedIsRefused = {
  test() {
    const { port1 } = new MessageChannel();
    throws(() => port1.postMessage(() => 1), 'DataCloneError');
    throws(() => port1.postMessage(1, [new ArrayBuffer(1)]), 'Error', 'Transfer list is not supported');
    throws(() => port1.postMessage(1, { transfer: [new ArrayBuffer(1)] }), 'Error', 'Transfer list is not supported');
    port1.postMessage(1, []);
    port1.postMessage(1, { transfer: [] });
    throws(() => new MessagePort(), 'TypeError');
  },
};

export const portsAreEventTargets = {
  async test() {
    const { port1, port2 } = new MessageChannel();
    equal([port1 instanceof MessagePort, port1 instanceof EventTarget, port1 === port2], [true, true, false]);
    const both = [next(port1), next(port2)];
    port1.postMessage('to 2');
    port2.postMessage('to 1');
    equal((await Promise.all(both)).map(({ data }) => data), ['to 1', 'to 2']);
  },
};
