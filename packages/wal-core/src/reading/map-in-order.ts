/** Maps with up to `concurrency` calls under way, and yields the results in the order of the items. */
export async function* mapInOrder<T, R>(
  items: AsyncIterable<T> | Iterable<T>,
  concurrency: number,
  map: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const underWay: Promise<PromiseSettledResult<R>>[] = [];
  try {
    for await (const item of items) {
      underWay.push(settled(map(item)));
      if (underWay.length >= concurrency) yield await next(underWay);
    }
    while (underWay.length > 0) yield await next(underWay);
  } finally {
    await Promise.all(underWay);
  }
}

/** A failure waits here for its turn, instead of being an unhandled one until then. */
async function settled<R>(result: Promise<R>): Promise<PromiseSettledResult<R>> {
  const [outcome] = await Promise.allSettled([result]);
  return outcome;
}

async function next<R>(underWay: Promise<PromiseSettledResult<R>>[]): Promise<R> {
  const first = await underWay.shift();
  if (first === undefined) throw new RangeError('nothing is under way');
  if (first.status === 'rejected') throw first.reason;
  return first.value;
}
