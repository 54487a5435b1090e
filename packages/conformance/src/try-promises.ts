/** One promise and how it is tried. */
export interface Promised<Place> {
  readonly promise: string;
  readonly test: (place: Place) => Promise<void>;
}

/** What a driver of a conformance suite gives. */
export interface Conformance<Place> {
  readonly name: string;
  readonly create: () => Promise<Place>;
  /** The test runner's own. */
  readonly describe: (name: string, body: () => void) => void;
  readonly it: (name: string, body: () => Promise<void>) => void;
}

/** Tries each promise on a place of its own, which is cleaned up whatever came of it. */
export function tryPromises<Place extends { readonly cleanup: () => Promise<void> }>(
  { create, describe, it }: Conformance<Place>,
  titled: (chapter: string) => string,
  chapters: Readonly<Record<string, readonly Promised<Place>[]>>,
): void {
  for (const [chapter, promises] of Object.entries(chapters)) {
    describe(titled(chapter), () => {
      for (const { promise, test } of promises) it(promise, () => onNewPlace(create, test));
    });
  }
}

async function onNewPlace<Place extends { readonly cleanup: () => Promise<void> }>(
  create: () => Promise<Place>,
  test: (place: Place) => Promise<void>,
): Promise<void> {
  const place = await create();
  try {
    await test(place);
  } finally {
    await place.cleanup();
  }
}
