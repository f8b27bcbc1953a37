import { TextInput, type TextInputProps } from '@mantine/core';
import { IconClock } from '@tabler/icons-react';
import { type ReactElement, useState } from 'react';
import { readTime } from '../lib/timeText';

interface Props extends Pick<TextInputProps, 'label' | 'required' | 'error'> {
  /** HH:mm, or empty. */
  value: string;
  onChange: (time: string) => void;
}

/** A time of day as HH:mm whatever the browser's language is; "830" and "8h30" are understood. */
export function TimeField({ value, onChange, ...rest }: Props): ReactElement {
  const [draft, setDraft] = useState<string | null>(null);
  return (
    <TextInput
      {...rest}
      inputMode="numeric"
      placeholder="hh:mm"
      leftSection={<IconClock size={17} aria-hidden />}
      value={draft ?? value}
      onChange={(event) => {
        const text = event.currentTarget.value;
        setDraft(text);
        onChange(readTime(text) ?? '');
      }}
      onBlur={() => {
        if (draft !== null && (draft === '' || readTime(draft))) setDraft(null);
      }}
    />
  );
}
