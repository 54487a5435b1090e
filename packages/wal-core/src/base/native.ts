/**
 * Loads the native packages with `require`, because they are CommonJS. With `import`, Node would first start a WebAssembly
 * module that finds their exports: 7 MB and 50 ms of CPU in each thread.
 */
import type * as crc32 from '@node-rs/crc32';
import type * as xxhash from '@node-rs/xxhash';
import { createRequire } from 'node:module';
import type zstdBinding from 'zstd-napi/binding.js';

const require = createRequire(import.meta.url);

export const { crc32c } = require('@node-rs/crc32') as typeof crc32;
export const { xxh3 } = require('@node-rs/xxhash') as typeof xxhash;
export const zstd = require('zstd-napi/binding.js') as typeof zstdBinding;
