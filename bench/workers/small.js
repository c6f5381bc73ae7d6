// One of many: answers how often it was called, which tells a Worker kept alive from one loaded again.
let calls = 0;

export default {
  async fetch(request) {
    calls += 1;
    return new Response(`call ${calls}`, { headers: { 'content-type': 'text/plain' } });
  },
};
