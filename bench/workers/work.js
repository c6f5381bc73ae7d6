// About as many milliseconds of computing as the query says: calibrated once, then a fixed number of steps.
let stepsPerMs = 0;

function compute(steps) {
  let sum = 0;
  for (let i = 0; i < steps; i += 1) sum += Math.sqrt(i);
  return sum;
}

export default {
  async fetch(request, env) {
    stepsPerMs ||= Number(env?.STEPS_PER_MS ?? 1_000_000);
    const ms = Number(new URL(request.url).searchParams.get('ms') ?? 1);
    return new Response(String(compute(ms * stepsPerMs) >= 0));
  },
};
