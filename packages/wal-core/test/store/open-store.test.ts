import { nodeDisk, openStore } from '@walq/wal-core/internal';
import { describe, expect, it } from 'vitest';

const open = (url: string) => openStore(url, { disk: nodeDisk, workingDirectory: '/work/dir' });

describe('opening a store by its URL', () => {
  it.each([
    ['file:///srv/wal-archive', 'file:///srv/wal-archive'],
    ['file:///srv/wal-archive/', 'file:///srv/wal-archive'],
    ['file://localhost/srv/a', 'file:///srv/a'],
    ['FILE:///srv/a', 'file:///srv/a'],
    ['file:///srv/with%20space/100%25', 'file:///srv/with%20space/100%25'],
    ['/srv/a', 'file:///srv/a'],
    ['./a', 'file:///work/dir/a'],
    ['a/../b c', 'file:///work/dir/b%20c'],
    ['../ünï#?%', 'file:///work/%C3%BCn%C3%AF%23%3F%25'],
  ])('takes %s', (url, opened) => {
    expect(open(url).url).toBe(opened);
  });

  it.each([
    ['', 'neither a URL nor a path'],
    ['s3://bucket/prefix', 'settings for S3 are missing'],
    ['https://host/x', "does not support the scheme 'https:'"],
    ['file:relative', 'absolute path'],
    ['file:/srv/a', 'absolute path'],
    ['file:///srv/a\\b', "write '\\' as %5C"],
    ['file:///srv/a\tb', 'as %09'],
    ['file:///srv/a ', 'write a space as %20'],
    ['file://user@/srv/a', 'a user'],
    ['file://host/srv/a', 'host'],
    ['file:///srv/a?x=1', "write '?' as %3F"],
    ['file:///srv/a#b', "write '#' as %23"],
    ['file:///srv/a%2Fb', '/'],
    ['file:///srv/%', "write '%' as %25"],
    ['file:///srv/%FF', "write '%' as %25"],
    ['/srv/\0', 'neither a URL nor a path'],
    ['file:///srv/%00', 'NUL'],
  ])('refuses %j and says why', (url, why) => {
    expect(() => open(url)).toThrow(
      expect.objectContaining({
        code: 'configuration-invalid',
        message: expect.stringContaining(why),
        hint: expect.stringContaining('file:///'),
      }),
    );
  });

  it('does not repeat a secret in the URL', () => {
    expect(() => open('s3://key:secret@host/bucket')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('secret') }),
    );
  });
});
