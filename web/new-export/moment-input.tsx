import { TextInput } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { toSecond } from '../ui/format.ts';
import { fromLocalInput, type RecoveryLine, TIME_ZONE, toLocalInput } from './recovery-line.ts';

interface MomentInputProps {
  readonly label: string;
  /** Milliseconds; NaN: none yet. */
  readonly value: number;
  readonly line: RecoveryLine;
  readonly onChange: (time: number) => void;
  readonly error?: string | undefined;
}

/** A second, typed. */
export function MomentInput({ label, value, line, onChange, error }: MomentInputProps) {
  const known = Number.isNaN(value) ? '' : toLocalInput(value);
  const [text, setText] = useState(known);
  const input = useRef<HTMLInputElement>(null);
  // What is being typed is ahead of what is known: a render that comes late must not take a digit back.
  useEffect(() => {
    if (document.activeElement !== input.current) setText(known);
  }, [known]);
  return (
    <TextInput
      ref={input}
      type="datetime-local"
      step={1}
      label={`${label} (${TIME_ZONE})`}
      description={Number.isNaN(value) ? undefined : `In UTC: ${toSecond(value)}`}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      min={toLocalInput(line.earliest)}
      max={toLocalInput(line.latest)}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        const time = fromLocalInput(event.currentTarget.value);
        if (!Number.isNaN(time)) onChange(time);
      }}
      onBlur={() => setText(known)}
      error={error}
    />
  );
}
