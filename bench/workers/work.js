// About as many milliseconds of computing as the query says, on the machine that the number was found on.
const stepsPerMs = 100_000;

export default {
  fetch(request) {
    const steps = Number(new URL(request.url).searchParams.get('ms') ?? 1) * stepsPerMs;
    let sum = 0;
    for (let i = 0; i < steps; i += 1) sum += Math.sqrt(i);
    return new Response(String(sum >= 0));
  },
};
