/** Which process a connection belongs to: each connects to a host of its own name. */
import type { Wire } from './wire.ts';

const wires = new Map<string, Wire>();

export function wireOf(host: string): Wire {
  const wire = wires.get(host);
  if (wire === undefined) throw new Error(`no process '${host}' is in this world`);
  return wire;
}

export const addWire = (wire: Wire): void => void wires.set(wire.process.name, wire);

export const forgetWires = (): void => wires.clear();
