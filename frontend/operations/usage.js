// What two looks at the machine tell of the time between. Pure.

/** Of one processor, by owner: 0.5 is half of it. Nothing of whom the first look did not know, or of a supervisor that has begun anew. */
export function rates(before, now) {
  if (!before || !before.boot || before.boot !== now.boot || now.at <= before.at) return new Map();
  const known = new Map(before.people.map((one) => [one.owner, one.cpu_seconds]));
  const seconds = now.at - before.at;
  return new Map(
    now.people
      .filter((one) => known.has(one.owner))
      .map((one) => [one.owner, Math.max(0, one.cpu_seconds - known.get(one.owner)) / seconds]),
  );
}

/** Who uses most first; those who use nothing by the memory they hold, then by name, so that rows stay where they are. */
export function ranked(people, rateOf) {
  const weight = (one) => Math.round(10 * (rateOf.get(one.owner) ?? 0));
  return [...people].sort(
    (a, b) => weight(b) - weight(a) || b.memory_bytes - a.memory_bytes || (a.owner < b.owner ? -1 : 1),
  );
}

/** "0.3 s", "45 s", "12 min", "3.4 h". */
export function lengthOf(seconds) {
  if (seconds < 0.95) return `${seconds.toFixed(seconds < 0.0995 ? 2 : 1)} s`;
  if (seconds < 99.5) return `${Math.round(seconds)} s`;
  if (seconds < 3570) return `${Math.round(seconds / 60)} min`;
  return `${Number((seconds / 3600).toFixed(1))} h`;
}
