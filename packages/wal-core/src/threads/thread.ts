/** Entry module of a pool's thread. It must load only what compressing and decoding need. */
import { blockingDisk } from '../base/disk/blocking-disk.ts';
import { serveCalls } from './serve-calls.ts';
import { doDurableWork, workOn, type Call } from './work.ts';

const work = workOn(blockingDisk);

serveCalls((call: Call) => doDurableWork(work, call));
