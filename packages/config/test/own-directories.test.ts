import { cacheDirectory, stateDirectory } from '@walq/config';
import { expect, it } from 'vitest';

it.each([
  [{ HOME: '/home/o' }, '/home/o/.local/state/walq', '/home/o/.cache/walq'],
  [{ HOME: '/home/o', XDG_STATE_HOME: '/s', XDG_CACHE_HOME: '/c' }, '/s/walq', '/c/walq'],
  [
    { HOME: '/home/o', XDG_STATE_HOME: 's', XDG_CACHE_HOME: './c' },
    '/home/o/.local/state/walq',
    '/home/o/.cache/walq',
  ],
  [{ STATE_DIRECTORY: '/s/walq:/s/more', CACHE_DIRECTORY: '/c/walq' }, '/s/walq', '/c/walq'],
])('of %j are absolute', (env, state, cache) => {
  expect([stateDirectory(env), cacheDirectory(env)]).toEqual([state, cache]);
});

it.each(['', 'relative'])('HOME=%j is ignored', (home) => {
  const directory = stateDirectory({ HOME: home });
  expect(directory ?? '/').toMatch(/^\//);
});
