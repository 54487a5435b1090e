/** Maps with up to `concurrency` calls in flight, and yields the results in the order of the items. */
export async function* mapInOrder<T, R>(
  items: AsyncIterable<T> | Iterable<T>,
  concurrency: number,
  map: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const inFlight: Promise<PromiseSettledResult<R>>[] = [];
  try {
    for await (const item of items) {
      inFlight.push(settled(map(item)));
      if (inFlight.length >= concurrency) yield await next(inFlight);
    }
    while (inFlight.length > 0) yield await next(inFlight);
  } finally {
    await Promise.all(inFlight);
  }
}

/** Holds a failure until its turn, so that it is not an unhandled rejection before. */
async function settled<R>(result: Promise<R>): Promise<PromiseSettledResult<R>> {
  const [outcome] = await Promise.allSettled([result]);
  return outcome;
}

async function next<R>(inFlight: Promise<PromiseSettledResult<R>>[]): Promise<R> {
  const first = await inFlight.shift();
  if (first === undefined) throw new RangeError('nothing is in flight');
  if (first.status === 'rejected') throw first.reason;
  return first.value;
}
