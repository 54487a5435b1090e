export { createBoundedServer, keepOpen } from './bounded-server.ts';
export { isLoopback, isOwnHost, type OwnHosts } from './own-host.ts';
export { networkOf } from './network-of.ts';
