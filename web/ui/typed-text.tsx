import { TextInput, type TextInputProps } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useEffect, useRef, useState } from 'react';

interface TypedTextProps extends Omit<TextInputProps, 'value' | 'defaultValue' | 'onChange'> {
  readonly value: string;
  /** Called once nothing has been typed for a moment. */
  readonly onTyped: (value: string) => void;
}

const PAUSE_MS = 300;

/** A text field whose value is kept elsewhere, which need not hear of every letter. */
export function TypedText({ value, onTyped, ...props }: TypedTextProps) {
  const [text, setText] = useState(value);
  const told = useRef(value);
  const tell = useDebouncedCallback((typed: string) => {
    told.current = typed.trim();
    onTyped(told.current);
  }, PAUSE_MS);
  useEffect(() => {
    // Changed by somebody else, such as the browser's back button.
    if (value !== told.current) setText(value);
    told.current = value;
  }, [value]);

  return (
    <TextInput
      {...props}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        tell(event.currentTarget.value);
      }}
    />
  );
}
