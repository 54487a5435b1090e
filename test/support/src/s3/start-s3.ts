import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../eventually.ts';
import { freePort } from '../free-port.ts';
import { startProcess, type RunningProcess } from '../start-process.ts';
import { afterThisTest } from '../this-test.ts';

export const S3_ACCESS_KEY = 'WALQTESTKEY';
export const S3_SECRET_KEY = 'walq-test-secret-that-nobody-may-see';

const STARTED_MS_MAX = 120_000;

/** An S3-compatible server of a test: Ceph's gateway, with its data in memory. */
export class RunningS3 {
  readonly port: number;
  /** Of the server, for clients. */
  readonly endpoint: string;
  readonly #directory: string;
  readonly #configuration: readonly string[];
  readonly #processes: RunningProcess[] = [];
  #gateway: RunningProcess | undefined;

  constructor(directory: string, port: number) {
    this.#directory = directory;
    this.port = port;
    this.endpoint = `http://127.0.0.1:${port}`;
    this.#configuration = ['-c', join(directory, 'ceph.conf')];
  }

  /** What a client needs in its environment to be let in. */
  get credentials(): Readonly<Record<string, string>> {
    return { AWS_ACCESS_KEY_ID: S3_ACCESS_KEY, AWS_SECRET_ACCESS_KEY: S3_SECRET_KEY };
  }

  async start(): Promise<void> {
    const monitorPort = await freePort();
    const fsid = randomUUID();
    for (const folder of ['mon', 'osd', 'rgw', 'run', 'log']) {
      await mkdir(join(this.#directory, folder));
    }
    const place = { directory: this.#directory, monitorPort, gatewayPort: this.port, fsid };
    await writeFile(join(this.#directory, 'ceph.conf'), cephConfiguration(place));
    await this.#makeKeys();
    await this.#startMonitor(fsid, monitorPort);
    await this.#startStore();
    await this.startGateway();
    await this.#makeUser();
  }

  /** Starts the gateway after `killGateway()`: same port, same objects. */
  async startGateway(): Promise<void> {
    this.#gateway = await this.#daemon('radosgw', '-n', 'client.rgw.a', '--keyring', this.#keyring);
    await eventually(() => answersOn(this.port), { timeoutMs: STARTED_MS_MAX });
  }

  /** Ends the gateway as a crash would; the objects stay. */
  async killGateway(): Promise<void> {
    await this.#gateway?.kill();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#processes.map((one) => one.kill()));
    await rm(this.#directory, { recursive: true, force: true });
  }

  get #keyring(): string {
    return join(this.#directory, 'keyring');
  }

  async #makeKeys(): Promise<void> {
    const make = (name: string, ...caps: string[]) =>
      runToEnd('ceph-authtool', [this.#keyring, '--gen-key', '-n', name, ...capsOf(caps)]);
    await runToEnd('ceph-authtool', ['--create-keyring', this.#keyring]);
    await make('mon.', 'mon', 'allow *');
    await make('client.admin', 'mon', 'allow *', 'osd', 'allow *', 'mgr', 'allow *');
    await make('osd.0', 'mon', 'allow *', 'osd', 'allow *');
    await make('client.rgw.a', 'mon', 'allow rw', 'osd', 'allow rwx');
  }

  async #startMonitor(fsid: string, port: number): Promise<void> {
    const map = join(this.#directory, 'monmap');
    const address = `[v2:127.0.0.1:${port}]`;
    await runToEnd('monmaptool', ['--create', '--fsid', fsid, '--addv', 'a', address, map]);
    const first = ['--mkfs', '-i', 'a', '--monmap', map, '--keyring', this.#keyring];
    await runToEnd('ceph-mon', [...this.#configuration, ...first]);
    await this.#daemon('ceph-mon', '-i', 'a');
    await eventually(() => this.#ceph('mon', 'stat'), { timeoutMs: STARTED_MS_MAX });
  }

  async #startStore(): Promise<void> {
    const uuid = randomUUID();
    await this.#ceph('osd', 'new', uuid, '0');
    const first = ['-i', '0', '--mkfs', '--osd-uuid', uuid];
    await runToEnd('ceph-osd', [...this.#configuration, ...first]);
    await this.#daemon('ceph-osd', '-i', '0');
    const isUp = async () => {
      const state = await this.#ceph('osd', 'stat');
      if (!state.includes('1 up')) throw new Error(state);
    };
    await eventually(isUp, { timeoutMs: STARTED_MS_MAX, everyMs: 100 });
  }

  #makeUser(): Promise<string> {
    const keys = ['--access-key', S3_ACCESS_KEY, '--secret-key', S3_SECRET_KEY];
    const user = ['user', 'create', '--uid', 'walq', '--display-name', 'walq', ...keys];
    return runToEnd('radosgw-admin', [...this.#configuration, ...user]);
  }

  #ceph(...args: string[]): Promise<string> {
    return runToEnd('ceph', [...this.#configuration, '--connect-timeout', '5', ...args]);
  }

  async #daemon(command: string, ...args: string[]): Promise<RunningProcess> {
    const started = await startProcess(command, [...this.#configuration, ...args, '-f']);
    this.#processes.push(started);
    return started;
  }
}

const capsOf = (caps: readonly string[]): string[] =>
  caps.flatMap((word, index) => (index % 2 === 0 ? ['--cap', word] : [word]));

async function answersOn(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
  } finally {
    socket.destroy();
  }
}

/**
 * Starts a server with nothing in it. Within a test it ends with the test; after `beforeAll` call `stop()`
 * in `afterAll`.
 */
export async function startS3(): Promise<RunningS3> {
  // Sockets below it have paths, and those are short.
  const directory = await mkdtemp(join(tmpdir(), 'walq-s3-'));
  const server = new RunningS3(directory, await freePort());
  afterThisTest(() => server.stop());
  try {
    await server.start();
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

/** Runs a program to its end and gives what it printed. @throws when it does not succeed */
async function runToEnd(command: string, args: readonly string[]): Promise<string> {
  const running = await startProcess(command, args);
  const { code } = await running.exit;
  if (code === 0) return running.stdout;
  throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${running.stderr}`);
}

/** `ceph.conf` of a cluster of one monitor, one store in memory and one gateway, on the loopback alone. */
interface CephPlace {
  readonly directory: string;
  readonly monitorPort: number;
  readonly gatewayPort: number;
  /** UUID of the cluster. */
  readonly fsid: string;
}

const cephConfiguration = (place: CephPlace): string => `[global]
fsid = ${place.fsid}
mon_host = [v2:127.0.0.1:${place.monitorPort}/0]
ms_bind_msgr1 = false
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
auth_cluster_required = cephx
auth_service_required = cephx
auth_client_required = cephx
auth_allow_insecure_global_id_reclaim = false
keyring = ${place.directory}/keyring

# One copy of everything, in memory, and nobody to ask for more.
osd_objectstore = memstore
memstore_device_bytes = 4294967296
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 1
osd_pool_default_pgp_num = 1
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
osd_memory_target = 939524096
mon_allow_pool_size_one = true
mon_max_pool_pg_num = 64
mon_data_avail_warn = 1
mon_data_avail_crit = 1
paxos_propose_interval = 0.02
paxos_min_wait = 0.005

run_dir = ${place.directory}/run
admin_socket = ${place.directory}/run/$name.asok
pid_file = ${place.directory}/run/$name.pid
log_file = ${place.directory}/log/$name.log
mon_data = ${place.directory}/mon
osd_data = ${place.directory}/osd
rgw_data = ${place.directory}/rgw

rgw_frontends = beast endpoint=127.0.0.1:${place.gatewayPort} tcp_nodelay=1
rgw_dns_name = localhost
rgw_enable_apis = s3, admin
rgw_enable_usage_log = false
rgw_dynamic_resharding = false
rgw_thread_pool_size = 64
rgw_crypt_require_ssl = false
rgw_crypt_s3_kms_backend = testing
rgw_crypt_s3_kms_encryption_keys = key-1=MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=
`;
