// What a gateway does: the origin's response goes through as it comes.
export default {
  fetch(request, env) {
    return fetch(env.ORIGIN);
  },
};
