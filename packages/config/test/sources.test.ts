import { expect, test } from 'vitest';
import { failureOf, load } from './loading.ts';

const postgres = (keys: string): string => `
[archive]
url = "/archive"
[sources.main]
type = "postgres"
path = "data"
${keys}`;

test("a PostgreSQL source is its data directory; walq's records are outside of it", async () => {
  const [config, directory] = await load({ toml: postgres('') });
  expect(config.sources[0]).toMatchObject({
    type: 'postgres',
    directory: directory.at('data/pg_wal'),
    afterArchive: 'keep',
    sealedRule: {
      kind: 'ready',
      dataDirectory: directory.at('data'),
      stateDirectory: directory.at('data.walq'),
    },
  });
});

test('the records can be elsewhere', async () => {
  const [config] = await load({ toml: postgres('state = "/var/lib/walq/main"') });
  expect(config.sources[0]?.sealedRule).toMatchObject({ stateDirectory: '/var/lib/walq/main' });
});

test.each([
  ['after_archive = "delete"', 'PostgreSQL recycles its own files'],
  ['skip_newest = 1', 'only for sources of type "directory"'],
  ["pattern = '(?<number>.)'", 'only for sources of type "directory"'],
  ['state = "data/walq"', 'outside the data directory'],
])('%s is rejected', async (keys, why) => {
  expect(await failureOf({ toml: postgres(keys) })).toContain(why);
});

test('a state directory of any other source is rejected', async () => {
  const toml = '[archive]\nurl = "/archive"\n[sources.a]\ntype = "log"\npath = "a"\nstate = "b"';
  expect(await failureOf({ toml })).toContain('only for sources of type "postgres"');
});
