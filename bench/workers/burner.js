// Uses all the CPU time it may.
export default {
  fetch() {
    for (;;);
  },
};
