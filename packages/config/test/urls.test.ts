import { expect, it } from 'vitest';
import { failureOf, load } from './loading.ts';

const archiveAt = async (url: string): Promise<string | undefined> => {
  const [{ archive }] = await load({ env: { WALQ_ARCHIVE__URL: url } });
  return archive.url;
};

it.each([
  ['file:///x/a%231', 'file:///x/a%231'],
  ['file:///x/b%3Fx=1', 'file:///x/b%3Fx=1'],
  ['/x/a#1?%', 'file:///x/a%231%3F%25'],
  ['file:///x/my%20archive', 'file:///x/my%20archive'],
  ['s3://bucket/prefix/', 's3://bucket/prefix'],
])('an archive %s has the expected URL', async (url, expected) => {
  expect(await archiveAt(url)).toBe(expected);
});

it.each([
  ['file:///x/a#1', "write '#' as %23"],
  ['file:///x/b?x=1', "write '?' as %3F"],
  ['file:///x/b?', "write '?' as %3F"],
  ['file://host/x', 'names a host'],
  ['file://user:secret@/x', 'names a host or a user'],
  ['file:relative', 'expected file:/// and an absolute path'],
  ['file:/x', 'expected file:/// and an absolute path'],
  ['file:///x/a%zz', "write '%' as %25"],
  ['file:///x/a%C3', "write '%' as %25"],
  ['file:///x/a%2Fb', 'which a file name cannot have'],
  ['file:///x/a%00b', 'NUL'],
  ['file:///x/a\\b', 'as %5C'],
  ['file:///x/a\tb', 'as %09'],
  ['file:///x/a ', 'as %20'],
  ['~/archive', "walq does not expand '~'"],
  ['ftp://host/x', "support archives at 'ftp:'"],
  ['s3://bucket/prefix#1', 'the parts of a prefix must consist of'],
  ['s3://bucket/prefix?versionId=1', 'the parts of a prefix must consist of'],
  ['s3://bucket/a%20b', 'the parts of a prefix must consist of'],
  ['s3://key:secret@bucket/prefix', 'expected s3://bucket'],
])('an archive %j is rejected with the reason', async (url, reason) => {
  const message = await failureOf({ env: { WALQ_ARCHIVE__URL: url } });
  expect(message).toContain('WALQ_ARCHIVE__URL: archive.url: expected a file:// URL');
  expect(message).toContain(reason);
  expect(message).not.toContain('secret');
});

it.each([
  ['redis://:hun#ter@host', "write '#' as %23"],
  ['redis://host:6379?db=2', "write '#' as %23 and '?' as %3F"],
  ['redis://host#', "write '#' as %23"],
  ['redis://:hun%ter@host', "write '%' as %25"],
  ['redis://:hun/ter@host:6379/0', "write '/' in a user or password as %2F"],
  ['redis://user:12/ter@host', "write '/' in a user or password as %2F"],
  ['redis://:hun\tter@host', 'contains white space'],
  ['redis://host ', 'contains white space'],
])('a Redis %j is rejected with the reason and without its password', async (url, reason) => {
  const message = await failureOf({ env: { WALQ_REDIS__URL: url } });
  expect(message).toContain(`redis.url: expected redis://host:port/database`);
  expect(message).toContain(reason);
  expect(message).not.toMatch(/hun.?ter|12.ter/);
});

it('a Redis password may contain any character, escaped', async () => {
  const [{ redis }] = await load({ env: { WALQ_REDIS__URL: 'redis://:p%23%3F%2F%25%20@host' } });
  expect(redis?.password?.reveal()).toBe('p#?/% ');
});

it.each([
  ['WALQ_ARCHIVE__S3__ENDPOINT', 'https://key:hunter2@host'],
  ['WALQ_ARCHIVE__S3__ENDPOINT', 'https://host/#x'],
  ['WALQ_TELEMETRY__ENDPOINT', 'http://host/v1?x=1'],
  ['WALQ_TELEMETRY__ENDPOINT', 'http://ho\tst/v1'],
])('a server %s=%j is rejected', async (variable, url) => {
  const message = await failureOf({ env: { [variable]: url } });
  expect(message).toContain('expected an http:// or https:// URL');
  expect(message).not.toContain('hunter2');
});
