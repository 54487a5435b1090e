import { describe, expect, it } from 'vitest';
import { failureOf } from './loading.ts';

describe('a problem', () => {
  it('in the TOML syntax is reported with file, line and column, without the line itself', async () => {
    const toml = '[redis]\nurl = "redis://:hunter2@host" oops\n';
    const message = await failureOf({ toml });
    expect(message).toMatch(/^\$\/walq\.toml:2:\d+: not valid TOML: /);
    expect(message).not.toContain('hunter2');
  });

  it('is reported together with all others, one line each', async () => {
    const toml = `
      [redis]
      urk = "redis://localhost"
      [wall]
      level = 3
      [wal]
      archive_parallelism = 0
      conservative_mode = "yes"
      [compression]
      level = "fast"
      dictionary = 7
      [queue]
      name = "a:b"
      [sources.main]
      type = "mysql"
      path = "/var/lib/mysql"
      [sources.empty]
      [sources.Bad_Name]
      type = "log"
      path = "/var/lib/bad"
      [sources.twin]
      type = "log"
      path = "/var/lib/bad/"
      [dashboard]
      listen = 9464`;
    const [first, ...lines] = (await failureOf({ toml })).split('\n  ');
    expect(first).toBe(`${lines.length} problems in the configuration`);
    expect(lines.map((line) => line.replace('$/walq.toml: ', '')).toSorted()).toEqual([
      'archive.url: expected a file:// URL, a path, or s3://bucket/prefix, found nothing, for main, empty, Bad_Name, twin',
      'compression.dictionary: expected "off", "train", or the path of a dictionary file, found 7',
      'compression.level: expected an integer from 1 to 19, or "auto", found "fast"',
      'dashboard.listen: expected "host:port", found 9464',
      'queue.name: expected letters, digits, dots, dashes and underscores, 64 at most, found "a:b"',
      'redis.urk: unknown key; the nearest known key is redis.url',
      'sources.Bad_Name: expected a name of lower-case letters, digits and dashes, 63 characters at most',
      'sources.empty.path: expected the path of a directory, found nothing',
      'sources.empty.type: expected "log", "directory" or "postgres", found nothing',
      'sources.main.type: expected "log", "directory" or "postgres", found "mysql"',
      'sources.twin.path: expected a directory of its own, found the one of sources.Bad_Name',
      'wal.archive_parallelism: expected an integer from 1 to 1024, found 0',
      'wal.conservative_mode: expected true or false, found "yes"',
      'wall: unknown key; the nearest known key is wal',
    ]);
  });

  it.each([
    ['redis = "x"', 'redis: expected a table, found "x"'],
    [
      'archive.url = "s3://key:secret@bucket/prefix"',
      'archive.url: expected a file:// URL, a path, or s3://bucket/prefix, found "s3://[hidden]@bucket/prefix": expected s3://bucket or s3://bucket/prefix',
    ],
    [
      'redis.sentinels = ["a:1", "b"]\nredis.master_name = "m"',
      'redis.sentinels.1: expected a list of "host:port", found "b"',
    ],
    [
      'redis.sentinels = ["a:1"]',
      'redis.master_name: expected the name of the primary in the Sentinels’ configuration, found nothing',
    ],
    [
      'redis.url = "redis://a"\nredis.sentinels = ["a:1"]\nredis.master_name = "m"',
      'redis.sentinels: set either url or sentinels, not both',
    ],
    [
      'redis.url = "redis://a"\nredis.ca_file = "ca.pem"',
      'redis.ca_file: needs TLS: expected a url with rediss://, found redis://',
    ],
    [
      'redis.url = "redis://u:p@a"\nredis.password_file = "p"',
      'redis.password_file: the url already contains a password; set only one of them',
    ],
    [
      'redis.url = "redis://a"\nredis.password_file = "p"',
      'redis.password_file: expected a file, found nothing at $/p',
    ],
    ['"a.b" = 1', '"a.b": unknown key; the nearest known key is wal'],
  ])('%s', async (toml, line) => {
    expect(await failureOf({ toml })).toBe(`$/walq.toml: ${line}`);
  });
});

describe('a source with contradictory keys', () => {
  const refused = async (keys: string) =>
    failureOf({ toml: `archive.url = "/a"\n[sources.s]\npath = "/s"\n${keys}` });
  const pattern = "pattern = '(?<number>\\d+)'";

  it.each([
    [
      'type = "log"\nskip_newest = 1',
      'skip_newest: only for sources of type "directory"; this source has type "log"',
    ],
    [
      `type = "log"\n${pattern}`,
      'pattern: only for sources of type "directory"; this source has type "log"',
    ],
    [
      `type = "directory"\n${pattern}\nskip_newest = 1\nafter_archive = "delete"`,
      'after_archive: expected "keep", found "delete": with skip_newest, walq only guesses what is flushed; to delete, let the engine write a watermark',
    ],
    [
      'type = "directory"\nafter_archive = "delete"',
      'after_archive: expected "keep", found "delete": walq deletes only files that match a pattern; set pattern',
    ],
    ['type = "directory"\nnumber_base = 16', 'number_base: needs a pattern, which is not set'],
    ['type = "directory"\nskip_newest = 0', 'skip_newest: expected an integer from 1, found 0'],
    [
      'type = "directory"\npattern = \'wal-\\d+\'',
      "pattern: the pattern 'wal-\\d+' must have one group (?<number>…)",
    ],
  ])('is rejected: %s', async (keys, line) => {
    expect(await refused(keys)).toBe(`$/walq.toml: sources.s.${line}`);
  });
});
