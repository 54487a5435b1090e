/** The name of this process in records, manifests and the list of roles. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';

/**
 * Host, process id and a random part, such as `db1:4711:9f3a2c1d`. Different at each call: processes of containers may
 * share both the host name and the process id.
 */
export const processName = (): string => `${hostname()}:${process.pid}:${randomUUID().slice(0, 8)}`;
