/** Maps with up to `concurrency` calls under way, and yields the results in the order of the items. */
export async function* mapInOrder<T, R>(
  items: AsyncIterable<T>,
  concurrency: number,
  map: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const underWay: Promise<R>[] = [];
  try {
    for await (const item of items) {
      const result = map(item);
      // Awaited in its turn, below; until then its failure is not an unhandled one.
      result.catch(() => undefined);
      underWay.push(result);
      const first = underWay.length >= concurrency ? underWay.shift() : undefined;
      if (first !== undefined) yield await first;
    }
    while (underWay[0] !== undefined) {
      yield await underWay[0];
      underWay.shift();
    }
  } finally {
    await Promise.allSettled(underWay);
  }
}
