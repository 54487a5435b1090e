import { Gauge, type Registry } from 'prom-client';

export interface AskedGauge<Label extends string> {
  readonly registry: Registry;
  readonly name: string;
  /** Meaning and unit, as a phrase. */
  readonly help: string;
  readonly labels?: readonly Label[];
  /**
   * Asked at each scrape. What cannot be told is undefined and then absent: a 0 that is a guess would keep an
   * alarm quiet.
   */
  readonly values: () => Iterable<
    readonly [labels: Record<Label, string>, value: number | undefined]
  >;
}

/** A gauge that looks at the moment when somebody asks. */
export function askedGauge<Label extends string = never>(asked: AskedGauge<Label>): void {
  const { registry, name, help, labels = [], values } = asked;
  new Gauge<Label>({
    name,
    help,
    labelNames: labels,
    registers: [registry],
    collect() {
      this.reset();
      // Without labels, a reset leaves a 0 behind.
      if (labels.length === 0) this.remove();
      for (const [of, value] of values()) if (value !== undefined) this.set(of, value);
    },
  });
}
