import { parseDuration } from '@walq/config';
import { expect, it } from 'vitest';

it.each([
  ['500ms', 500],
  ['5m', 300_000],
  ['1d', 86_400_000],
  ['5', undefined],
  ['-5m', undefined],
])('%s is a duration of %s ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});
