const unitsMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Parses `250ms`, `30s`, `5m`, `2h` or `1d` to milliseconds; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  const { count, unit } = /^(?<count>\d{1,9})(?<unit>ms|s|m|h|d)$/.exec(text)?.groups ?? {};
  const unitMs = unitsMs[unit ?? ''];
  return unitMs === undefined ? undefined : Number(count) * unitMs;
}
