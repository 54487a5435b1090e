import { OutageState } from '@walq/wal-core/internal';
import { expect, it } from 'vitest';

function outages(isOther?: (before: string, now: string) => boolean) {
  const lines: string[] = [];
  const state = new OutageState<string>({
    began: (failure) => lines.push(`began: ${failure}`),
    ended: ({ failure, failures }) => lines.push(`ended after ${failures}: ${failure}`),
    ...(isOther && { isOther }),
  });
  return { state, lines };
}

it('reports an outage once when it begins and once when it ends', () => {
  const { state, lines } = outages();
  state.clear();
  for (const failure of ['refused', 'refused', 'no route']) state.report(failure);
  expect(lines).toEqual(['began: refused']);
  expect(state).toMatchObject({ current: 'no route', failures: 3 });
  const { since = NaN } = state;
  expect(Date.now() - since).toBeLessThan(10_000);
  state.clear();
  state.clear();
  expect(lines).toEqual(['began: refused', 'ended after 3: no route']);
  expect(state).toMatchObject({ current: undefined, since: undefined, failures: 0 });
  state.report('refused');
  expect(lines).toHaveLength(3);
});

it('reports a different failure in the same outage, where the caller says that it differs', () => {
  const { state, lines } = outages((before, now) => before !== now);
  for (const failure of ['full', 'full', 'away', 'full']) state.report(failure);
  state.clear();
  expect(lines).toEqual(['began: full', 'began: away', 'began: full', 'ended after 4: full']);
});
