import { execFile } from 'node:child_process';
import { access, cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { loadConfig, parseDuration } from '@walq/config';
import { nodeDisk } from '@walq/wal-core/internal';
import { temporaryDirectory } from '@walq/test-support';

const run = promisify(execFile);
const deploy = join(import.meta.dirname, '../../deploy');
const read = (...path: string[]): Promise<string> => readFile(join(deploy, ...path), 'utf8');

const guide = (): Promise<string> => read('..', 'docs', 'deploy.md');

interface Service {
  readonly image: string;
  readonly user?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly command?: readonly string[];
}

describe('systemd', () => {
  const units = ['walq-producer.service', 'walq-worker@1.service', 'walq-dashboard.service'];

  async function installed(): Promise<string> {
    const { path } = await temporaryDirectory('systemd');
    await cp(join(deploy, 'systemd'), path, { recursive: true });
    const launcher = join(path, 'walq');
    await writeFile(launcher, '#!/bin/sh\n', { mode: 0o755 });
    for (const name of await readdir(path)) {
      if (!name.endsWith('.service')) continue;
      const text = await readFile(join(path, name), 'utf8');
      await writeFile(join(path, name), text.replace('/opt/walq/bin/walq', launcher));
    }
    return path;
  }

  test('accepts the units', async () => {
    const path = await installed();
    const files = [...units, 'walq.target'].map((name) => join(path, name));
    const { stdout, stderr } = await run('systemd-analyze', ['verify', ...files]);
    expect(stdout + stderr).toBe('');
  });

  test('accepts the drop-in for PostgreSQL, which sets its user and state directory', async () => {
    const path = await installed();
    for (const unit of units) {
      const folder = join(path, `${unit.replace('@1', '@')}.d`);
      await mkdir(folder);
      await cp(join(path, 'postgres.conf'), join(folder, 'postgres.conf'));
    }
    const files = units.map((name) => join(path, name));
    const { stdout, stderr } = await run('systemd-analyze', ['verify', ...files]);
    expect(stdout + stderr).toBe('');
    const text = await read('systemd', 'postgres.conf');
    expect(text).toMatch(/^User=postgres$/m);
    const [, writable = ''] = /^ReadWritePaths=(.*)$/m.exec(text) ?? [];
    const { path: cwd } = await temporaryDirectory('postgres-toml');
    const [toml = ''] = /(?<=```toml\n)\[sources\.main\][^`]*/.exec(await guide()) ?? [];
    await writeFile(join(cwd, 'walq.toml'), `[archive]\nurl = "/srv/wal-archive"\n${toml}`);
    const config = await loadConfig({ disk: nodeDisk, cwd, env: {} });
    expect(config.sources[0]?.sealedRule).toMatchObject({ stateDirectory: writable });
    expect(await guide()).toContain(writable);
  });

  test('creates the user and the directories of the units', async () => {
    const { path: root } = await temporaryDirectory('sysusers');
    const own = join(deploy, 'systemd');
    await mkdir(join(root, 'etc'));
    await run('systemd-sysusers', [`--root=${root}`, join(own, 'walq.sysusers.conf')]);
    expect(await readFile(join(root, 'etc/passwd'), 'utf8')).toMatch(/^walq:/m);
    for (const file of ['walq.sysusers.conf', 'walq.tmpfiles.conf', 'postgres.conf']) {
      expect(await guide()).toContain(`deploy/systemd/${file}`);
    }
  });

  test('rates the units as well sandboxed', async () => {
    const path = await installed();
    for (const unit of units) {
      const args = ['security', '--offline=true', '--threshold=20', join(path, unit)];
      await run('systemd-analyze', args);
    }
  });

  test('waits longer for a role to stop than its shutdown grace', async () => {
    const text = await read('systemd', 'walq-worker@.service');
    const graceMs = parseDuration(/grace = "(\w+)"/.exec(await read('walq.toml'))?.[1] ?? '');
    expect(Number(/TimeoutStopSec=(\d+)/.exec(text)?.[1]) * 1_000).toBeGreaterThan(
      graceMs ?? Infinity,
    );
  });
});

describe('compose', () => {
  const services = async () =>
    (parse(await read('compose.yaml'), { merge: true }) as { services: Record<string, Service> })
      .services;

  test('runs every service without privileges', async () => {
    for (const [name, service] of Object.entries(await services())) {
      expect([name, service.read_only]).toEqual([name, true]);
      expect([name, service.cap_drop]).toEqual([name, ['ALL']]);
      expect([name, service.security_opt]).toEqual([name, ['no-new-privileges:true']]);
      expect(service.image).toMatch(/:[\w.-]*\d/);
      for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
    }
  });

  test('has a Redis that keeps what it is given, two workers, and all that watches', async () => {
    const all = await services();
    expect(Object.keys(all)).toEqual([
      'redis',
      'producer',
      'worker-1',
      'worker-2',
      'dashboard',
      'prometheus',
      'grafana',
    ]);
    expect(all['redis']?.command?.join(' ')).toContain('--appendonly yes');
    expect(all['redis']?.command?.join(' ')).toContain('--maxmemory-policy noeviction');
  });

  test('mounts only files that exist', async () => {
    const mounts = Object.values(await services()).flatMap(({ volumes = [] }) => volumes);
    for (const mount of mounts.filter((one) => one.startsWith('./'))) {
      await access(join(deploy, mount.split(':')[0] ?? ''));
    }
  });
});

test('walq accepts the example configurations', async () => {
  const { path } = await temporaryDirectory('deploy');
  await mkdir(join(path, 'run'));
  await writeFile(join(path, 'token'), 'a-token-of-some-length');
  for (const file of [['walq.toml'], ['kubernetes', 'walq.toml']]) {
    const text = (await read(...file)).replace(/token_file = ".*"/, `token_file = "${path}/token"`);
    await writeFile(join(path, 'walq.toml'), text);
    const config = await loadConfig({ disk: nodeDisk, cwd: path, env: {} });
    expect(config.sources).toHaveLength(1);
    expect(config.dashboard.readOnly).toBe(true);
  }
});

test('the image is small and runs as an unprivileged user', async () => {
  const text = await read('Containerfile');
  const last = text.slice(text.lastIndexOf('\nFROM'));
  expect(last).toMatch(/FROM \S+-slim/);
  expect(last).toMatch(/USER (?!0|root)\d+/);
  expect(last).not.toMatch(/apt-get|npm|g\+\+/);
  expect(text).toContain('npm run release');
});

describe('Kubernetes', () => {
  interface Pod {
    readonly kind: string;
    readonly metadata: { readonly name: string };
    readonly spec: {
      readonly triggers?: readonly { readonly metadata: { readonly query: string } }[];
      readonly template?: {
        readonly spec: {
          readonly terminationGracePeriodSeconds: number;
          readonly securityContext: { readonly runAsNonRoot: boolean };
          readonly containers: readonly {
            readonly args: readonly string[];
            readonly securityContext: {
              readonly readOnlyRootFilesystem: boolean;
              readonly capabilities: { readonly drop: readonly string[] };
            };
            readonly livenessProbe: { readonly httpGet: { readonly path: string } };
            readonly readinessProbe: { readonly httpGet: { readonly path: string } };
          }[];
        };
      };
    };
  }

  async function objects(): Promise<Pod[]> {
    const list = parse(await read('kubernetes', 'kustomization.yaml')) as { resources: string[] };
    const texts = await Promise.all(list.resources.map((name) => read('kubernetes', name)));
    return texts.flatMap((text) => parseAllDocuments(text).map((one) => one.toJS() as Pod));
  }

  test('runs each role without privileges and with health probes', async () => {
    const roles = (await objects()).filter(({ kind }) => kind === 'Deployment');
    expect(roles.map(({ metadata }) => metadata.name)).toEqual(['producer', 'worker', 'dashboard']);
    for (const { spec } of roles) {
      const pod = spec.template?.spec;
      const [container] = pod?.containers ?? [];
      expect(pod?.securityContext.runAsNonRoot).toBe(true);
      expect(container?.securityContext.readOnlyRootFilesystem).toBe(true);
      expect(container?.securityContext.capabilities.drop).toEqual(['ALL']);
      expect(container?.livenessProbe.httpGet.path).toBe('/healthz');
      expect(container?.readinessProbe.httpGet.path).toBe('/readyz');
    }
  });

  test('waits longer for a worker to stop than its shutdown grace', async () => {
    const worker = (await objects()).find(
      ({ metadata, kind }) => metadata.name === 'worker' && kind === 'Deployment',
    );
    const pod = worker?.spec.template?.spec;
    const args = pod?.containers[0]?.args ?? [];
    const graceMs = parseDuration(args[args.indexOf('--shutdown-grace') + 1] ?? '') ?? Infinity;
    expect((pod?.terminationGracePeriodSeconds ?? 0) * 1_000).toBeGreaterThan(graceMs);
  });

  test('allows a node to be drained, even with a single worker', async () => {
    const budget = (await objects()).find(({ kind }) => kind === 'PodDisruptionBudget');
    expect(budget?.spec).toMatchObject({ maxUnavailable: 1 });
  });

  test('scales by the backlog on the disks, not by the queue', async () => {
    const scaled = (await objects()).find(({ kind }) => kind === 'ScaledObject');
    expect(scaled?.spec.triggers?.[0]?.metadata.query).toContain('walq_backlog_segments');
  });
});
