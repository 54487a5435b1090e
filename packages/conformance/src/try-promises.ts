/** One promise of a contract and its test. */
export interface Promised<Fixture> {
  readonly promise: string;
  readonly test: (fixture: Fixture) => Promise<void>;
}

/** What a driver of a conformance suite provides. */
export interface Conformance<Fixture> {
  readonly name: string;
  readonly create: () => Promise<Fixture>;
  /** The test runner's own. */
  readonly describe: (name: string, body: () => void) => void;
  readonly it: (name: string, body: () => Promise<void>) => void;
}

/** Tests each promise on a fixture of its own, which is always cleaned up. */
export function tryPromises<Fixture extends { readonly cleanup: () => Promise<void> }>(
  { create, describe, it }: Conformance<Fixture>,
  titled: (chapter: string) => string,
  chapters: Readonly<Record<string, readonly Promised<Fixture>[]>>,
): void {
  for (const [chapter, promises] of Object.entries(chapters)) {
    describe(titled(chapter), () => {
      for (const { promise, test } of promises) it(promise, () => onNewFixture(create, test));
    });
  }
}

async function onNewFixture<Fixture extends { readonly cleanup: () => Promise<void> }>(
  create: () => Promise<Fixture>,
  test: (fixture: Fixture) => Promise<void>,
): Promise<void> {
  const fixture = await create();
  try {
    await test(fixture);
  } finally {
    await fixture.cleanup();
  }
}
