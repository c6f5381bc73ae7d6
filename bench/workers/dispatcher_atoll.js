// The last path segment names the user Worker, in the dispatch namespace.
export default {
  async fetch(request, env) {
    return env.WORKERS.get(request.url.slice(request.url.lastIndexOf('/') + 1)).fetch(request);
  },
};
