#!/usr/bin/env -S node --v8-pool-size=1
// A process of many threads: each heap stays small instead of fast, for what is fast here is native code.
// Set before anything else is loaded; saves a worker of five threads some 25 MB.
import { setFlagsFromString } from 'node:v8';

setFlagsFromString('--optimize-for-size');
setFlagsFromString('--max-semi-space-size=1');
await import('../dist/main.js');
