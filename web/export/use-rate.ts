import { useEffect, useRef, useState } from 'react';

/** Changes that are remembered: the rate is that of the last few. */
const SAMPLES_MAX = 6;

interface Sample {
  readonly atMs: number;
  readonly value: number;
}

/** By how much a value that only grows has grown a second lately; null until it has. */
export function useRate(value: number): number | null {
  const samples = useRef<Sample[]>([]);
  const [rate, setRate] = useState<number | null>(null);
  useEffect(() => {
    samples.current = [...samples.current, { atMs: performance.now(), value }].slice(-SAMPLES_MAX);
    const [first] = samples.current;
    const last = samples.current.at(-1);
    if (!first || !last || last.value <= first.value) return;
    setRate((last.value - first.value) / ((last.atMs - first.atMs) / 1000));
  }, [value]);
  return rate;
}
