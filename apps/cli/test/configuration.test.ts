import { mkdir, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '@walq/test-support';
import { walq } from './walq.ts';

/** A directory with a configuration in it. */
async function withConfig(toml: string) {
  const directory = await temporaryDirectory('cli');
  await writeFile(directory.at('walq.toml'), toml);
  return directory;
}

describe('a configuration that is wrong', () => {
  it('is refused with file, key and the nearest known key', async () => {
    const directory = await withConfig('[redis]\nulr = "redis://localhost"\n');
    const { code, stderr } = await walq(['status'], { cwd: directory.path });
    expect(stderr).toContain(
      `walq: ${directory.at('walq.toml')}: redis.ulr: unknown key; the nearest known key is redis.url`,
    );
    expect(code).toBe(1);
  });

  it('is refused as JSON with --json, wherever that stands', async () => {
    const directory = await withConfig('[compression]\nlevel = "fast"\n');
    for (const args of [
      ['--json', 'list'],
      ['list', '--json'],
    ]) {
      const { code, stderr } = await walq(args, { cwd: directory.path });
      const { error } = JSON.parse(stderr) as { error: Record<string, string> };
      expect(error['code']).toBe('configuration-invalid');
      expect(error['message']).toContain('compression.level');
      expect(error['hint']).not.toBe('');
      expect(code).toBe(1);
    }
  });

  it('never shows a password', async () => {
    const directory = await withConfig('redis.url = "redis://u:hunter2@host/x"\n');
    const { stdout, stderr } = await walq(['check', '--debug'], { cwd: directory.path });
    expect(stderr).toContain('redis.url');
    expect(stdout + stderr).not.toContain('hunter2');
  });
});

describe('a configuration that is missing', () => {
  it('is named where --config says it', async () => {
    const directory = await temporaryDirectory('cli');
    const { code, stderr } = await walq(['check', '--config', 'no.toml'], { cwd: directory.path });
    expect(stderr).toContain(`the configuration file ${directory.at('no.toml')} does not exist`);
    expect(code).toBe(1);
  });

  it('is named among the searched paths', async () => {
    const directory = await temporaryDirectory('cli');
    const { code, stderr } = await walq(['status'], { cwd: directory.path });
    expect(stderr).toContain('no sources are configured');
    expect(stderr).toContain(directory.at('walq.toml'));
    expect(code).toBe(1);
  });

  it.each(['producer', 'worker', 'dashboard'])(
    'of Redis keeps the role %s from starting',
    async (role) => {
      const directory = await withConfig(
        'archive.url = "a"\nsources.s = { type = "log", path = "s" }\n',
      );
      await mkdir(directory.at('s'));
      const { code, stderr } = await walq([role], { cwd: directory.path });
      expect(stderr).toContain('redis.url is not set');
      expect(stderr).toContain('WALQ_REDIS__URL');
      expect(code).toBe(1);
    },
  );
});

describe('an environment variable that is unknown', () => {
  it('is warned of, with the one that was meant', async () => {
    const directory = await temporaryDirectory('cli');
    const env = { WALQ_REDIS_URL: 'redis://localhost', WALQ_ENV: 'test', WALQ_PORT_9464_TCP: 'x' };
    const status = await walq(['status'], { cwd: directory.path, env });
    expect(status.stderr).toContain(
      'the environment variable WALQ_REDIS_URL is unknown and ignored',
    );
    expect(status.stderr).toContain('Did you mean WALQ_REDIS__URL?');
    expect(status.stderr).toContain('the environment variable WALQ_ENV is unknown and ignored');
    expect(status.stderr).not.toContain('WALQ_PORT');
  });

  it('is warned of as JSON with --json', async () => {
    const directory = await temporaryDirectory('cli');
    const env = { WALQ_REDIS_URL: 'redis://localhost' };
    const { stderr } = await walq(['status', '--json'], { cwd: directory.path, env });
    expect(JSON.parse(stderr.split('\n')[0] ?? '')).toEqual({
      warning: {
        message: 'the environment variable WALQ_REDIS_URL is unknown and ignored',
        hint: 'Did you mean WALQ_REDIS__URL?',
      },
    });
  });
});
