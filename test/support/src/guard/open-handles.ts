/** Kinds of handles that keep a process alive, and that a test has to close. */
const WATCHED = new Set([
  'FSEventWrap',
  'PipeWrap',
  'ProcessWrap',
  'TCPServerWrap',
  'TCPSocketWrap',
  'Timeout',
]);

export type HandleCounts = ReadonlyMap<string, number>;

/** How many handles of each watched kind this process has open. */
export function openHandles(): HandleCounts {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) {
    if (WATCHED.has(kind)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

/** What is open `now` and was not `before`, as text. */
export function handlesAdded(before: HandleCounts, now: HandleCounts): string[] {
  return [...now]
    .map(([kind, count]) => ({ kind, more: count - (before.get(kind) ?? 0) }))
    .filter(({ more }) => more > 0)
    .map(({ kind, more }) => `${more} ${kind}`);
}
