// A customer's Worker. /ada/loop shows what the dispatcher says about one that never ends.
export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname.endsWith('/loop')) for (;;);
    return new Response(`${env.GREETING} You asked for ${pathname}.\n`);
  },
};
