// The platform owner's Worker: the first path segment names the customer, whose Worker lies in the
// dispatch namespace "demo". What the customer's code may use is decided here, per request.
export default {
  async fetch(request, env) {
    const [, customer] = new URL(request.url).pathname.split('/');
    if (!customer) return new Response('Which customer? Try /ada\n', { status: 404 });

    const worker = env.CUSTOMERS.get(customer, {}, { limits: { cpuMs: 50, subRequests: 10 } });
    try {
      return await worker.fetch(request);
    } catch (error) {
      if (error.message.startsWith('Worker not found')) {
        return new Response(`There is no customer called ${customer}.\n`, { status: 404 });
      }
      if (error.message.includes('CPU time limit')) {
        return new Response(`${customer} used more than 50 ms of CPU time.\n`, { status: 429 });
      }
      return new Response(`${customer}'s Worker failed: ${error.message}\n`, { status: 502 });
    }
  },
};
