// What an API does: a JSON body is parsed, looked at and answered with JSON.
export default {
  async fetch(request) {
    if (request.method === 'GET') return new Response('Hello, world!', { headers: { 'content-type': 'text/plain' } });
    const { items } = await request.json();
    let sum = 0;
    for (const { price, amount } of items) sum += price * amount;
    return Response.json({ count: items.length, sum });
  },
};
