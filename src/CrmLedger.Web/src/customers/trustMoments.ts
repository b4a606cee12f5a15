const mostAsked = 24;
const blink = 1_000;

/**
 * At which times to ask for the score: at each piece of evidence and a blink before it, so that the jump is seen and
 * the fading before it; of much evidence, at times spread evenly over it. The present is known already.
 */
export function momentsToAsk(evidence: readonly string[], now: string): readonly string[] {
  const times = [...new Set(evidence.map((at) => new Date(at).getTime()))]
    .sort((a, b) => a - b)
    .filter((at) => at < new Date(now).getTime());
  const asked =
    times.length * 2 <= mostAsked
      ? times.flatMap((at) => [at - blink, at])
      : Array.from({ length: mostAsked }, (_, i) => times[Math.round((i * (times.length - 1)) / (mostAsked - 1))]!);
  return [...new Set(asked)].sort((a, b) => a - b).map((at) => new Date(at).toISOString());
}
