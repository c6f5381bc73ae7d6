// The nearest thing the reference runtime has to a dispatch: one service binding.
export default {
  async fetch(request, env) {
    return env.WORKER.fetch(request);
  },
};
