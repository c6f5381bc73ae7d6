// As dispatcher_atoll.js, with the CPU limit that the header asks for.
export default {
  async fetch(request, env) {
    const cpuMs = Number(request.headers.get('x-cpu-ms') ?? 10_000);
    const { pathname } = new URL(request.url);
    try {
      return await env.WORKERS.get(pathname.slice(pathname.lastIndexOf('/') + 1), {}, { limits: { cpuMs } }).fetch(request);
    } catch (error) {
      return new Response(error.message, { status: 503 });
    }
  },
};
