import { isOwnHost } from '@walq/role';
import { hostname } from 'node:os';
import { expect, test } from 'vitest';

const everywhere = { listen: '0.0.0.0', allowed: ['walq-1.example.com'] };

test.each([
  ['10.1.2.3:9464', true],
  ['[2001:db8::1]:9464', true],
  ['worker-1:9464', true],
  [`${hostname()}:9464`, true],
  ['WALQ-1.example.com', true],
  ['evil.example:9464', false],
  ['10.1.2.3.evil.example', false],
  ['walq-1.example.com.evil.example', false],
])('on a network, a request for metrics with the host %s is answered: %s', (host, answered) => {
  expect(isOwnHost(host, everywhere)).toBe(answered);
});

test('on the loopback interface a network name is rejected', () => {
  expect(isOwnHost('worker-1:9464', { listen: '127.0.0.1', allowed: [] })).toBe(false);
});
