// What a request costs: a real Request in, a real Response out.
export default {
  async fetch(request) {
    return new Response('Hello, world!', { headers: { 'content-type': 'text/plain' } });
  },
};
