import { existsSync, readdirSync } from 'node:fs';
import { outputOf } from '../setup/output-of.mjs';

/** What suites may need: how to see that it is there, and Debian's packages with it. */
export const servers = {
  postgresql: { packages: ['postgresql'], isThere: hasPostgres },
  s3: {
    packages: ['radosgw', 'ceph-mon', 'ceph-osd', 'openssl'],
    isThere: () =>
      ['radosgw', 'ceph-mon', 'ceph-osd'].every((one) => runs(one)) && runs('openssl', 'version'),
  },
  prometheus: { packages: ['prometheus'], isThere: () => runs('promtool') },
  systemd: { packages: ['systemd'], isThere: () => runs('systemd-analyze') },
  ext4: {
    packages: ['e2fsprogs', 'mount', 'python3-minimal', 'zstd'],
    isThere: () =>
      ['mount', 'python3', 'zstd'].every((one) => runs(one)) && runs('mkfs.ext4', '-V'),
  },
  engines: {
    packages: ['etcd-server', 'mariadb-server', 'redis-server', 'rocksdb-tools', 'python3-plyvel'],
    isThere: () =>
      ['etcd', '/usr/sbin/mariadbd', 'redis-server', 'ldb'].every((one) => runs(one)) &&
      runs('/usr/bin/python3', '-cimport plyvel'),
  },
  faketime: { packages: ['libfaketime'], isThere: hasFaketime },
  shells: {
    packages: ['zsh', 'fish', 'groff', 'mandoc'],
    isThere: () =>
      ['zsh', 'fish', 'groff'].every((one) => runs(one)) && existsSync('/usr/bin/mandoc'),
  },
  browser: { packages: ['chromium'], isThere: () => runs('chromium') },
};

function runs(command, flag = '--version') {
  return outputOf(command, [flag]) !== undefined;
}

/** A library alone, in a folder of the machine's own architecture. */
function hasFaketime() {
  const folder = '/usr/lib';
  const inIt = (name) => existsSync(`${folder}/${name}/faketime/libfaketimeMT.so.1`);
  return existsSync(folder) && readdirSync(folder).some(inIt);
}

/** Debian keeps initdb off the PATH, below a folder for each version. */
function hasPostgres() {
  const folder = '/usr/lib/postgresql';
  const versions = existsSync(folder) ? readdirSync(folder) : [];
  return runs('initdb') || versions.some((version) => runs(`${folder}/${version}/bin/initdb`));
}
